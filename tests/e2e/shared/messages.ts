import { random } from "../../web/random.js";

/** What a page may say to a frame: `value` as plain data, and what becomes of it on the way. */
export interface Said {
  readonly value: unknown;
  readonly as: "itself" | "text" | "map" | "cycle" | "error" | "blob" | "buffer" | "port" | "deep";
}

const FORMS = [
  "itself",
  "text",
  "map",
  "cycle",
  "error",
  "blob",
  "buffer",
  "port",
  "deep",
] as const;

/** Names that the frame, its worker, its worklet and the elements have a use for, or a script had. */
const NAMES = [
  ..."source type height start end time p origin data id call args bundle src theme threshold".split(
    " ",
  ),
  ..."engineUrl workerUrl stream audio samples port terminate __proto__ constructor toString".split(
    " ",
  ),
];

const WORDS = [
  ..."nnef-pulse resize speechstart speechend probability error drop open listen stop close".split(
    " ",
  ),
  "https://other.example/bundles/x/",
  "javascript:document.title='said'",
  "<img src=x onerror=document.title='said'>",
  "../",
  "*",
  "",
  "\0",
  "\ud800",
  "a".repeat(10_000),
];

const NUMBERS = [0, -1, 230, 0.5, 1e9, 2 ** 53, 1e308, -0];

/** The same message for the same seed. */
export function said(seed: number): Said {
  const draw = random(seed);
  const below = (end: number) => Math.floor(draw() * end);
  const pick = <Item>(items: readonly Item[]) => items[below(items.length)] as Item;
  const many = <Item>(make: () => Item) => Array.from({ length: below(6) }, make);
  const value = (depth: number): unknown => {
    const kind = below(depth > 3 ? 4 : 7);
    if (kind === 0) return pick([null, true, false]);
    if (kind === 1) return pick(NUMBERS);
    if (kind < 4) return pick(WORDS);
    if (kind === 4) return many(() => value(depth + 1));
    return Object.fromEntries(many(() => [pick(NAMES), value(depth + 1)]));
  };
  // Half of them pass for the frame's own.
  const own = { source: "nnef-pulse", type: pick(WORDS) };
  const given = value(0);
  const posing = draw() < 0.5 && typeof given === "object";
  return { value: posing ? { ...own, ...given } : given, as: pick(FORMS) };
}

/** Runs in a page: says all of `batch` to the first frame in it. */
export function say(batch: readonly Said[]): void {
  const frame = document.querySelector("iframe")?.contentWindow;
  const deep = (levels: number, inside: unknown): unknown =>
    levels === 0 ? inside : [deep(levels - 1, inside)];
  for (const { value, as } of batch) {
    const transfer: Transferable[] = [];
    let message = value;
    if (as === "text") message = JSON.stringify(value);
    if (as === "map") message = new Map([[value, new Set([value, Number.NaN, 1n, new Date(0)])]]);
    if (as === "cycle") {
      const round: unknown[] = [value];
      round.push(round);
      message = round;
    }
    if (as === "error") message = new TypeError(JSON.stringify(value));
    if (as === "blob") message = new Blob([JSON.stringify(value)], { type: "text/html" });
    if (as === "deep") message = deep(400, value);
    if (as === "buffer") {
      const samples = new Float32Array(512).fill(Number.NaN);
      transfer.push(samples.buffer);
      message = { value, samples };
    }
    if (as === "port") {
      const { port1, port2 } = new MessageChannel();
      port1.postMessage(value);
      transfer.push(port2);
      message = { value, port: port2 };
    }
    frame?.postMessage(message, "*", transfer);
  }
}
