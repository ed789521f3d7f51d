import { DisposedError, plainError } from "../errors.js";
import { loadTract } from "../load.js";
import type { Model, Runnable, State, Tract } from "../types.js";
import {
  buffersIn,
  type Channel,
  type HandleMessage,
  type Kind,
  METHODS,
  type Reply,
  type Request,
} from "./protocol.js";

type EngineObject = Tract | Model | Runnable | State;

/** Answers requests one at a time, in the order in which they arrive. */
export function serve(channel: Channel<Request, Reply>): void {
  const handles = new Map<number, { kind: Kind; object: EngineObject }>();
  let tract: Tract | undefined;
  let lastHandle = 0;
  let queue = Promise.resolve();

  const register = (kind: Kind, object: EngineObject): HandleMessage => {
    lastHandle += 1;
    handles.set(lastHandle, { kind, object });
    return { kind, handle: lastHandle, fields: visibleFields(kind, object) } as HandleMessage;
  };

  const answer = async (request: Request): Promise<void> => {
    if (request.type === "dispose") {
      const found = handles.get(request.handle);
      handles.delete(request.handle);
      try {
        found?.object.dispose();
      } catch {
        // It has no reply. After a trap, the next call reports that the instance is gone.
      }
      return;
    }
    const { id } = request;
    try {
      switch (request.type) {
        case "start": {
          const { wasm, limits } = request;
          tract = await loadTract(wasm === undefined ? { limits } : { wasm, limits });
          channel.post({ type: "handle", id, handle: register("tract", tract) }, []);
          return;
        }
        case "memory":
          channel.post({ type: "value", id, value: tract?.memoryBytes ?? 0 }, []);
          return;
        case "call": {
          const { handle, method, args } = request;
          const found = handles.get(handle);
          if (found === undefined) throw new DisposedError("this handle was disposed of");
          const result = await invoke(found.kind, found.object, method, args);
          const kind = kindOf(found.kind, method);
          if (kind !== undefined) {
            channel.post(
              { type: "handle", id, handle: register(kind, result as EngineObject) },
              [],
            );
          } else {
            channel.post({ type: "value", id, value: result }, buffersIn(result));
          }
        }
      }
    } catch (error) {
      channel.post({ type: "error", id, error: plainError(error) }, []);
    }
  };

  channel.listen((request) => {
    queue = queue.then(() => answer(request));
  });
}

function invoke(kind: Kind, object: EngineObject, method: string, args: unknown[]): unknown {
  const known: readonly string[] = METHODS[kind];
  if (!known.includes(method)) throw new TypeError(`a ${kind} has no method ${method}`);
  const methods = object as unknown as Record<string, (...args: unknown[]) => unknown>;
  return methods[method]?.(...args);
}

/** Kind of the handle that a method returns; undefined if it returns a value. */
function kindOf(kind: Kind, method: string): Kind | undefined {
  switch (method) {
    case "load":
    case "setSymbols":
    case "pulse":
      return "model";
    case "prepare":
      return "runnable";
    case "spawnState":
    case "clone":
      return "state";
    default:
      return kind === "tract" ? "model" : undefined;
  }
}

function visibleFields(kind: Kind, object: EngineObject): unknown {
  if (kind === "tract") return { version: (object as Tract).version };
  const { inputs, outputs } = object as Model;
  if (kind !== "model") return { inputs, outputs };
  const { symbols, asserts, modes, properties } = object as Model;
  return { inputs, outputs, symbols, asserts, modes, properties };
}
