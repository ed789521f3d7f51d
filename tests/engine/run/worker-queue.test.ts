import { expect, test, vi } from "vitest";
import { TrapError } from "../../../wasm/js/errors.js";
import type { Channel, Reply, Request } from "../../../wasm/js/worker/protocol.js";
import { serve } from "../../../wasm/js/worker/server.js";

const trap = () => {
  throw new TrapError("memory access out of bounds");
};
const model = { inputs: [], outputs: [], graph: trap, dispose: trap };

vi.mock("../../../wasm/js/load.js", () => ({
  loadTract: async () => ({ version: {}, memoryBytes: 0, load: () => model, dispose: () => {} }),
}));

test("a dispose that traps does not block later requests", async () => {
  const replies: Reply[] = [];
  let receive: (request: Request) => void = () => {};
  const channel: Channel<Request, Reply> = {
    post: (reply) => replies.push(reply),
    listen: (listener) => {
      receive = listener;
    },
  };
  serve(channel);
  receive({ type: "start", id: 1, wasm: undefined, limits: {} });
  receive({ type: "call", id: 2, handle: 1, method: "load", args: [] });
  receive({ type: "call", id: 3, handle: 1, method: "load", args: [] });
  receive({ type: "dispose", handle: 2 });
  receive({ type: "call", id: 4, handle: 3, method: "graph", args: [] });
  receive({ type: "call", id: 5, handle: 2, method: "graph", args: [] });
  await expect.poll(() => replies.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  expect(replies[3]).toMatchObject({ type: "error", error: { code: "trap" } });
  expect(replies[4]).toMatchObject({ type: "error", error: { code: "disposed" } });
});
