import { expect, type Page, test } from "@playwright/test";
import { type CorePage, openCorePage } from "./page.js";

let core: CorePage;
let page: Page;

test.beforeEach(async () => {
  core = await openCorePage();
  page = core.page;
});

test.afterEach(async () => {
  await core.close();
  expect(core.complaints).toEqual([]);
});

test("a stream and a context from outside are used and left as they were", async () => {
  const heard = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const audioContext = new AudioContext();
    const oscillator = new OscillatorNode(audioContext);
    const speaker = new MediaStreamAudioDestinationNode(audioContext);
    oscillator.connect(speaker);
    oscillator.start();
    const { stream } = speaker;
    const vad = await Vad.open();
    const lengths: number[] = [];
    for (let n = 0; n < 2; n++) {
      const session = await vad.listen({ stream, audioContext });
      await new Promise((later) => setTimeout(later, 400));
      await session.stop();
      lengths.push(session.length);
    }
    return { lengths, context: audioContext.state, track: stream.getTracks()[0]?.readyState };
  });
  expect(Math.min(...heard.lengths)).toBeGreaterThan(2000);
  expect(heard).toMatchObject({ context: "running", track: "live" });
});

test("a muted microphone, an unplugged one, and one that comes back", async () => {
  const heard = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const context = new AudioContext();
    const gain = new GainNode(context, { gain: 0 });
    const speaker = new MediaStreamAudioDestinationNode(context);
    new ConstantSourceNode(context).connect(gain).connect(speaker);
    const vad = await Vad.open();
    const session = await vad.listen({ stream: speaker.stream, audioContext: context });
    const told: string[] = [];
    session.addEventListener(
      "error",
      ({ error, fatal }: { error: { code: string }; fatal: boolean }) =>
        told.push(`${error.code} ${fatal}`),
    );
    session.addEventListener("recovered", ({ code }: { code: string }) =>
      told.push(`recovered ${code}`),
    );
    session.addEventListener("statechange", ({ state }: { state: string }) => told.push(state));
    const wait = (ms: number) => new Promise((later) => setTimeout(later, ms));
    await wait(2500);
    const loud = new OscillatorNode(context);
    loud.connect(speaker);
    loud.start();
    await wait(500);
    speaker.stream.getTracks()[0]?.dispatchEvent(new Event("ended"));
    await wait(800);
    await session.stop();
    return told;
  });
  expect(heard).toEqual([
    "microphone-silent false",
    "recovered microphone-silent",
    "microphone-ended false",
    "paused",
    "stopping",
    "closed",
  ]);
});

test("each way a microphone can be had not", async () => {
  const codes = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const vad = await Vad.open();
    const codes: Record<string, string> = {};
    for (const name of [
      "NotAllowedError",
      "NotFoundError",
      "OverconstrainedError",
      "NotReadableError",
      "SecurityError",
    ]) {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
      codes[name] = await vad.listen().catch((error: { code: string }) => error.code);
    }
    Object.defineProperty(navigator, "mediaDevices", { value: undefined });
    codes.insecure = await vad.listen().catch((error: { code: string }) => error.code);
    return codes;
  });
  expect(codes).toEqual({
    NotAllowedError: "microphone-refused",
    NotFoundError: "microphone-missing",
    OverconstrainedError: "microphone-missing",
    NotReadableError: "microphone-busy",
    SecurityError: "microphone-forbidden",
    insecure: "microphone-forbidden",
  });
});

test("another microphone takes over while running, and the clock goes on", async () => {
  const heard = await page.evaluate(async () => {
    const { Vad, microphones } = await import("./lib/vad.js" as string);
    const vad = await Vad.open();
    const session = await vad.listen();
    const all: { deviceId: string; label: string }[] = await microphones();
    const other = all.find(
      ({ deviceId }) => deviceId !== "default" && deviceId !== session.deviceId,
    );
    await new Promise((later) => setTimeout(later, 400));
    const before: number = session.length;
    await session.setMicrophone(other?.deviceId);
    await new Promise((later) => setTimeout(later, 400));
    const chosen = session.deviceId === other?.deviceId;
    const length: number = session.length;
    const missing = await session
      .setMicrophone("no such device")
      .catch((error: { code: string }) => error.code);
    const state: string = session.state;
    await session.stop();
    return { labels: all.length, before, length, chosen, missing, state };
  });
  expect(heard.labels).toBeGreaterThan(1);
  expect(heard.chosen).toBe(true);
  expect(heard.length).toBeGreaterThan(heard.before + 2000);
  expect(heard).toMatchObject({ missing: "microphone-missing", state: "paused" });
});
