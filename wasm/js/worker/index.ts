/**
 * The engine in a worker: the same API, in promises.
 *
 * @packageDocumentation
 */
export {
  type ConnectOptions,
  connect,
  type RemoteModel,
  type RemoteRunnable,
  type RemoteState,
  type RemoteTract,
} from "./client.js";
