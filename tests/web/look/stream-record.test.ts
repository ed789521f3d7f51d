import { describe, expect, test } from "vitest";
import { recordSession } from "../../../web/src/look/strip/record-session.js";
import { StreamRecord } from "../../../web/src/look/strip/stream-record.js";
import {
  type SessionEvent,
  type SessionEvents,
  type SessionEventType,
  sessionEvent,
} from "../../../web/src/session/events.js";

const format = { sampleRate: 16000, frameSamples: 512, pulseSamples: 512 };

/** A session of which only the telling is there. */
class Telling extends EventTarget {
  tell<Type extends SessionEventType>(type: Type, detail: Partial<SessionEvents[Type]>) {
    this.dispatchEvent(sessionEvent(type, detail as SessionEvents[Type]));
  }

  on<Type extends SessionEventType>(type: Type, listener: (event: SessionEvent<Type>) => void) {
    super.addEventListener(type, listener as unknown as EventListener);
  }
}

function drawn() {
  const session = new Telling();
  const record = new StreamRecord(format);
  const told = {
    addEventListener: <Type extends SessionEventType>(
      type: Type,
      listener: (event: SessionEvent<Type>) => void,
    ) => session.on(type, listener),
  };
  let changes = 0;
  recordSession(told, record, () => {
    changes += 1;
  });
  return { session, record, changes: () => changes };
}

describe("a take", () => {
  test("keeps the smallest and largest sample of each bin, however the sound is cut", () => {
    const sound = Float32Array.from({ length: 4096 }, (_, at) => Math.sin(at * at * 0.001));
    const whole = new StreamRecord(format);
    whole.addSound(sound);
    for (const cut of [1, 7, 64, 100, 512, 1000]) {
      const cutUp = new StreamRecord(format);
      for (let at = 0; at < sound.length; at += cut) cutUp.addSound(sound.subarray(at, at + cut));
      expect(cutUp.high.toArray()).toEqual(whole.high.toArray());
      expect(cutUp.low.toArray()).toEqual(whole.low.toArray());
      expect(cutUp.length).toBe(sound.length);
    }
    for (let bin = 0; bin < whole.high.length; bin++) {
      const part = sound.subarray(bin * 64, bin * 64 + 64);
      expect(whole.high.at(bin)).toBe(Math.max(0, Math.round(Math.max(...part) * 127)));
      expect(whole.low.at(bin)).toBe(Math.min(0, Math.round(Math.min(...part) * 127)));
    }
  });

  test("shows lost sound as a gap of its true width, and what follows at its true time", () => {
    const { session, record } = drawn();
    session.tell("block", { time: 0, samples: new Float32Array(512) });
    session.tell("block", { time: 512 * 4, samples: new Float32Array(512).fill(1) });
    expect(record.gaps).toEqual([{ start: 512, length: 512 * 3 }]);
    expect(record.length).toBe(512 * 5);
    expect(record.high.length).toBe((512 * 5) / 64);
    expect(record.high.at((512 * 4) / 64 - 1)).toBe(0);
    expect(record.high.at((512 * 4) / 64)).toBe(127);
  });
});

describe("a session that is drawn", () => {
  test("has each probability at its own frame, after a gap too", () => {
    const { session, record, changes } = drawn();
    session.tell("probability", { time: 0, p: 0.25 });
    session.tell("probability", { time: 512 * 5, p: 0.75 });
    expect([...record.probabilities.toArray()]).toEqual([0.25, 0, 0, 0, 0, 0.75]);
    expect(changes()).toBe(2);
  });

  test("goes from provisional to certain to ended, and a misfire leaves nothing", () => {
    const { session, record } = drawn();
    session.tell("speechstart", { id: 1, start: 480 });
    expect(record.spans).toEqual([{ start: 480, certain: false }]);
    session.tell("misfire", { id: 1, start: 480 });
    expect(record.spans).toEqual([]);
    session.tell("speechstart", { id: 2, start: 9000 });
    session.tell("speechconfirmed", { id: 2, start: 9000 });
    expect(record.spans).toEqual([{ start: 9000, certain: true }]);
    session.tell("speechend", { id: 2, start: 9000, end: 20000 });
    expect(record.spans).toEqual([{ start: 9000, end: 20000, certain: true }]);
  });
});
