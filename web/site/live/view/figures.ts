/** Size and delay of the engine's pulses. */
export interface PulseFacts {
  readonly samples: number;
  readonly sampleRate: number;
  /** In output frames. */
  readonly delayFrames: number;
  readonly frameSamples: number;
}

/** Figures of the run so far. */
export interface RunFacts {
  readonly pulses: number;
  readonly msPerPulse: number;
  readonly waiting: number;
  readonly dropped: number;
}

const at = (id: string) => document.getElementById(id) as HTMLElement;

export function showPulse({ samples, sampleRate, delayFrames, frameSamples }: PulseFacts) {
  at("figure-pulse").textContent = `${samples} samples · ${duration(samples / sampleRate)}`;
  const late = duration((delayFrames * frameSamples) / sampleRate);
  at("figure-delay").textContent =
    delayFrames === 0
      ? "none"
      : `${delayFrames} ${delayFrames === 1 ? "frame" : "frames"} · ${late}`;
}

/** Shows the model's title and licence, and the engine's version. */
export function showSource(title: string, licence: string, engine: string) {
  at("source").textContent = `${title} · ${licence} · tract ${engine}`;
}

export function showRun(run: RunFacts, pulse: PulseFacts) {
  at("figure-pulses").textContent = run.pulses.toLocaleString("en");
  at("figure-waiting").textContent = String(run.waiting);
  const dropped = at("figure-dropped");
  dropped.textContent = String(run.dropped);
  dropped.toggleAttribute("data-some", run.dropped > 0);
  if (run.pulses === 0) return;
  const share = run.msPerPulse / ((pulse.samples / pulse.sampleRate) * 1000);
  const time = `${run.msPerPulse.toFixed(2)} ms, ${(share * 100).toFixed(1)} % of real time`;
  at("figure-time").textContent = time;
  at("engine-line").textContent = time;
  at("figure-share").style.width = `${Math.min(1, share) * 100}%`;
}

function duration(seconds: number): string {
  const ms = seconds * 1000;
  return ms < 1000 ? `${Number(ms.toFixed(1))} ms` : `${seconds.toFixed(2)} s`;
}
