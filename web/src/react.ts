/** Hooks for React 18 and later. */
import { useEffect, useRef, useState } from "react";
import { ruleNames, type SegmenterOptions } from "./segmenter/options.js";
import {
  type ListenOptions,
  type Session,
  type SessionEvent,
  type StartOptions,
  Vad,
  type VadOptions,
} from "./vad.js";

export interface UseVadOptions extends VadOptions, Omit<ListenOptions, "signal">, StartOptions {
  /** Uses the microphone while true (default false). Browsers want a click before the first time. */
  readonly listening?: boolean;
  readonly onSpeechStart?: (event: SessionEvent<"speechstart">) => void;
  readonly onMisfire?: (event: SessionEvent<"misfire">) => void;
  readonly onSpeechEnd?: (event: SessionEvent<"speechend">) => void;
}

export interface UseVadResult {
  /** `off` before, after and on an error; `opening` while permission, engine or model is waited for. */
  readonly state: "off" | "opening" | "silence" | "speech" | "paused";
  /** Why listening ended or was interrupted. */
  readonly error: Error | undefined;
  /** Present while listening. */
  readonly session: Session | undefined;
}

const off: UseVadResult = { state: "off", error: undefined, session: undefined };

/**
 * Finds speech from the microphone while `listening` is true. Rules such as `threshold` take effect when
 * they change; changes of other options take effect when listening begins again. Everything is closed
 * when `listening` becomes false or the component is removed, also while permission is waited for.
 */
export function useVad({
  listening = false,
  onSpeechStart,
  onMisfire,
  onSpeechEnd,
  ...options
}: UseVadOptions = {}): UseVadResult {
  const [result, setResult] = useState(off);
  const handlers = useRef({ onSpeechStart, onMisfire, onSpeechEnd });
  const latest = useRef(options);
  useEffect(() => {
    handlers.current = { onSpeechStart, onMisfire, onSpeechEnd };
    latest.current = options;
  });

  useEffect(() => {
    if (!listening) return;
    const ending = new AbortController();
    const { signal } = ending;
    const set = (change: Partial<UseVadResult>) => {
      if (!signal.aborted) setResult((before) => ({ ...before, ...change }));
    };
    const open = async () => {
      const { vad, session } = await Vad.listen({ ...latest.current, signal });
      signal.addEventListener("abort", () => vad.close());
      if (signal.aborted) return vad.close();
      session.addEventListener("speechstart", (event) => {
        set({ state: "speech" });
        handlers.current.onSpeechStart?.(event);
      });
      session.addEventListener("misfire", (event) => {
        set({ state: "silence" });
        handlers.current.onMisfire?.(event);
      });
      session.addEventListener("speechend", (event) => {
        set({ state: "silence" });
        handlers.current.onSpeechEnd?.(event);
      });
      session.addEventListener("error", ({ error, fatal }) =>
        set(fatal ? { ...off, error } : { error }),
      );
      session.addEventListener("recovered", () => set({ error: undefined }));
      session.addEventListener("statechange", ({ state }) => {
        if (state === "paused") set({ state: "paused" });
        if (state === "running") set({ state: "silence", error: undefined });
      });
      set({ state: "silence", session });
    };
    setResult({ ...off, state: "opening" });
    open().catch((error: Error) => set({ ...off, error }));
    return () => {
      ending.abort();
      setResult(off);
    };
  }, [listening]);

  // Also right after opening: a rule may have changed while the engine was loading.
  const { session } = result;
  const rules = ruleNames.map((name) => options[name]).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `rules` stands for what is in `latest`
  useEffect(() => session?.setOptions(rulesOf(latest.current)), [session, rules]);
  return result;
}

function rulesOf(options: SegmenterOptions): SegmenterOptions {
  const given = ruleNames.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}
