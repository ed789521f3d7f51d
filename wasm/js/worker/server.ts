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

type Held = Tract | Model | Runnable | State;

/** Answers requests, one after the other in the order in which they come. */
export function serve(channel: Channel<Request, Reply>): void {
  const handles = new Map<number, { kind: Kind; held: Held }>();
  let tract: Tract | undefined;
  let last = 0;
  let turn = Promise.resolve();

  const keep = (kind: Kind, held: Held): HandleMessage => {
    last += 1;
    handles.set(last, { kind, held });
    return { kind, handle: last, shown: shown(kind, held) } as HandleMessage;
  };

  const answer = async (request: Request): Promise<void> => {
    if (request.type === "dispose") {
      handles.get(request.handle)?.held.dispose();
      handles.delete(request.handle);
      return;
    }
    const { id } = request;
    try {
      switch (request.type) {
        case "start": {
          const { wasm, limits } = request;
          tract = await loadTract(wasm === undefined ? { limits } : { wasm, limits });
          channel.post({ type: "handle", id, handle: keep("tract", tract) }, []);
          return;
        }
        case "memory":
          channel.post({ type: "value", id, value: tract?.memoryBytes ?? 0 }, []);
          return;
        case "call": {
          const { handle, method, args } = request;
          const found = handles.get(handle);
          if (found === undefined) throw new DisposedError("this handle was disposed of");
          const result = await invoke(found.kind, found.held, method, args);
          const kind = kindOf(found.kind, method);
          if (kind !== undefined) {
            channel.post({ type: "handle", id, handle: keep(kind, result as Held) }, []);
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
    turn = turn.then(() => answer(request));
  });
}

function invoke(kind: Kind, held: Held, method: string, args: unknown[]): unknown {
  const known: readonly string[] = METHODS[kind];
  if (!known.includes(method)) throw new TypeError(`a ${kind} has no method ${method}`);
  const methods = held as unknown as Record<string, (...args: unknown[]) => unknown>;
  return methods[method]?.(...args);
}

/** What kind of handle a method gives, if any. */
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

function shown(kind: Kind, held: Held): unknown {
  if (kind === "tract") return { version: (held as Tract).version };
  const { inputs, outputs } = held as Model;
  if (kind !== "model") return { inputs, outputs };
  const { symbols, asserts, modes, properties } = held as Model;
  return { inputs, outputs, symbols, asserts, modes, properties };
}
