import { alone } from "../rows.mjs";
import { comparedMedians, open } from "./cold.mjs";

const listenSeconds = 20;

/** After the first probability, in which a browser still compiles what it runs. */
const settleSeconds = 3;

const metrics = /** @type {const} */ ([
  ["main_thread_ms_per_s", "mainThread"],
  ["process_ms_per_s", "process"],
]);

/**
 * What listening costs the page, second by second, of this library and of vad-web with each of its models; and how long
 * a pulse takes in the engine, and its events from the audio thread to the page.
 *
 * @param {string} url of the host
 * @param {{ ours: string, theirs: (model: string) => string }} pages
 * @param {string} peer
 * @returns {Promise<import("../rows.mjs").Row[]>}
 */
export async function listening(url, pages, peer) {
  const ours = await listen(url, pages.ours, "globalThis.session.figures");
  const { latencyMs, pulseMs, dropped, pulses } =
    /** @type {import("../../../web/src/session/figures.js").Figures} */ (ours.said);
  if (latencyMs === null || pulseMs === null || dropped > 0) throw new Error("pulses were dropped");
  const costs = [];
  for (const model of ["legacy", "v5"]) {
    const theirs = await listen(url, pages.theirs(model));
    costs.push(
      ...comparedMedians(`listening/${model}`, metrics, ours.seconds, peer, theirs.seconds),
    );
  }
  const { median: latency, p99 } = latencyMs;
  // The clock of a page that is not isolated steps by more than a pulse: the mean evens that out.
  const [pulse, slowest] = [1000 * pulseMs.mean, 1000 * pulseMs.p99];
  return [
    ...costs,
    alone("microphone", "chromium", "event_latency_ms", latency, p99, pulses),
    alone("microphone", "chromium", "pulse_us", pulse, slowest, pulses),
  ];
}

/**
 * Processor time that a listening page takes: of its main thread, and of its process, where worker and audio thread are
 * counted too.
 *
 * @param {string} url @param {string} page
 * @param {string} [ask] what to ask the page at the end
 */
async function listen(url, page, ask = "undefined") {
  const browser = await open();
  try {
    const tab = await browser.newPage();
    const tools = await tab.context().newCDPSession(tab);
    await tools.send("Performance.enable");
    await tab.goto(url + encodeURIComponent(page));
    await tab.waitForFunction("globalThis.first", null, { timeout: 60_000 });
    await tab.waitForTimeout(settleSeconds * 1000);
    /** @type {{ mainThread: number, process: number }[]} ms in each second */
    const seconds = [];
    let before = await counters(tools);
    while (seconds.length < listenSeconds) {
      await tab.waitForTimeout(1000);
      const now = await counters(tools);
      /** @param {"ThreadTime" | "ProcessTime"} name */
      const ms = (name) => (1000 * (now[name] - before[name])) / (now.Timestamp - before.Timestamp);
      seconds.push({ mainThread: ms("ThreadTime"), process: ms("ProcessTime") });
      before = now;
    }
    return { seconds, said: await tab.evaluate(ask) };
  } finally {
    await browser.close();
  }
}

/** Chromium's own, in seconds. @param {import("@playwright/test").CDPSession} tools */
async function counters(tools) {
  const { metrics } = await tools.send("Performance.getMetrics");
  const value = (/** @type {string} */ wanted) => {
    const found = metrics.find(({ name }) => name === wanted);
    if (!found) throw new Error(`this Chromium does not count ${wanted}`);
    return found.value;
  };
  return {
    Timestamp: value("Timestamp"),
    ThreadTime: value("ThreadTime"),
    ProcessTime: value("ProcessTime"),
  };
}
