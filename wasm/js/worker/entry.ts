// Entry point of the worker, in browsers and in Node.

import type { Channel, Reply, Request } from "./protocol.js";
import { serve } from "./server.js";

interface NodePort {
  postMessage(message: unknown, transfer: unknown[]): void;
  on(event: "message", listener: (message: Request) => void): void;
}

interface NodeLike {
  process?: {
    getBuiltinModule?(name: "node:worker_threads"): { parentPort: NodePort | null };
  };
}

interface BrowserScope {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Request>) => void): void;
}

function channel(): Channel<Request, Reply> {
  const node = (globalThis as NodeLike).process?.getBuiltinModule?.("node:worker_threads");
  if (node?.parentPort) {
    const port = node.parentPort;
    return {
      post: (message, transfer) => port.postMessage(message, transfer),
      listen: (receive) => port.on("message", receive),
    };
  }
  const scope = globalThis as unknown as BrowserScope;
  return {
    post: (message, transfer) => scope.postMessage(message, transfer),
    listen: (receive) => scope.addEventListener("message", (event) => receive(event.data)),
  };
}

serve(channel());
