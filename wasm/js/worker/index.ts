/**
 * The engine in a worker: the same API with promises.
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
