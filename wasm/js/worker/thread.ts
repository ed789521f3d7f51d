import type { Reply, Request } from "./protocol.js";

/** A worker, of a browser or of Node. */
export interface Thread {
  post(message: Request, transfer: Transferable[]): void;
  end(): void;
}

interface Listeners {
  reply(message: Reply): void;
  /** The worker ended by itself, or could not start. */
  failed(why: string): void;
}

interface NodeWorker {
  postMessage(message: unknown, transfer: unknown[]): void;
  terminate(): Promise<unknown>;
  unref(): void;
  on(event: "message", listener: (message: Reply) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "exit", listener: (code: number) => void): void;
}

interface NodeLike {
  process?: {
    getBuiltinModule?(name: "node:worker_threads"): { Worker: new (url: URL) => NodeWorker };
  };
}

/** Starts a worker. The default URL is spelt out so that bundlers find the file. */
export function startThread(url: URL | string | undefined, listeners: Listeners): Thread {
  if (typeof Worker === "undefined") return nodeThread(url, listeners);
  const worker =
    url === undefined
      ? new Worker(new URL("./entry.js", import.meta.url), { type: "module" })
      : new Worker(url, { type: "module" });
  worker.addEventListener("message", (event: MessageEvent<Reply>) => listeners.reply(event.data));
  worker.addEventListener("messageerror", () => listeners.failed("a message could not be read"));
  worker.addEventListener("error", (event) =>
    listeners.failed(event.message || "its script could not be loaded"),
  );
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    end: () => worker.terminate(),
  };
}

function nodeThread(url: URL | string | undefined, listeners: Listeners): Thread {
  const threads = (globalThis as NodeLike).process?.getBuiltinModule?.("node:worker_threads");
  if (threads === undefined)
    throw new TypeError("this runtime has neither Web Workers nor node:worker_threads");
  const entry = url === undefined ? new URL("./entry.js", import.meta.url) : new URL(url);
  const worker = new threads.Worker(entry);
  worker.on("message", listeners.reply);
  worker.on("error", (error) => listeners.failed(error.message));
  worker.on("exit", (code) => listeners.failed(`it exited with code ${code}`));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    end: () => void worker.terminate(),
  };
}
