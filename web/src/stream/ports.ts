import type { Fact } from "tract-wasm";
import type { BundleManifest, Pulse } from "../bundle/manifest.js";
import { outputTiming } from "../bundle/output-timing.js";
import { evaluate } from "../model/dimension.js";

/** An input or output of a stream. */
export interface StreamPort {
  readonly name: string;
  /** Of one pulse, as tract prints it: `1,640,f32`. */
  readonly fact: string;
  readonly dtype: Fact["dtype"];
  /** Of one pulse. */
  readonly shape: readonly number[];
  /** The axis along which frames follow each other; -1 for an input that stays the same. */
  readonly axis: number;
  readonly framesPerPulse: number;
  /** Output frames before the first that stands for the stream's first frame; 0 for inputs. */
  readonly delay: number;
  /** Frames a second, where the bundle takes sound. */
  readonly rate?: number;
}

/** Output port, with what is needed to cut the stream to the frames that equal the whole model's. */
export interface OutputPort extends StreamPort {
  /** Frames after the delay that do not yet equal the whole model's. */
  readonly warmUp: number;
  /** Length of the whole model's output along `axis`, as an expression: `-3+(S+3)/4`. */
  readonly length: string | undefined;
}

/** What a pulsed model takes and gives. */
export interface StreamShape {
  readonly symbol: string;
  /** Value of the symbol for one pulse. */
  readonly pulse: number;
  /** Symbols of the whole model; all but the streaming one are 1 here. */
  readonly symbols: readonly string[];
  readonly inputs: readonly StreamPort[];
  readonly outputs: readonly OutputPort[];
  /** Where the bundle takes sound: its rate in Hz, and samples of one pulse. */
  readonly sound: { readonly sampleRate: number; readonly pulseSamples: number } | undefined;
}

/** The facts of a prepared model: `RemoteRunnable` and `Runnable` are such. */
export interface PulsedFacts {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
}

/** A pulsed form of a bundle; one without a file is made by the engine from the whole model. */
export type PulseForm = Omit<Pulse, "file"> & { readonly file?: string };

/**
 * Reads the shape of a stream from the manifest and the prepared model.
 * @param delays `pulse.delay` of the archive: one for each output
 */
export function streamShape(
  manifest: BundleManifest,
  form: PulseForm,
  { inputs, outputs }: PulsedFacts,
  delays: readonly number[],
): StreamShape {
  const { symbol, pulse, inputAxes, outputAxes } = form;
  const { audio, pulses } = manifest;
  // The manifest says it of the first form.
  const pulseSamples = audio && (audio.samplesPerPulse * pulse) / (pulses[0]?.pulse ?? pulse);
  const sound = audio && pulseSamples && { sampleRate: audio.sampleRate, pulseSamples };
  const perSecond = sound && sound.sampleRate / sound.pulseSamples;
  const port = (fact: Fact, axis: number): StreamPort => {
    const shape = fact.shape.map(Number);
    const framesPerPulse = axis < 0 ? 1 : (shape[axis] ?? 1);
    const { name, dtype } = fact;
    const rate = !perSecond ? {} : { rate: framesPerPulse * perSecond };
    return { name, fact: fact.fact, dtype, shape, axis, framesPerPulse, delay: 0, ...rate };
  };
  return {
    symbol,
    pulse,
    symbols: manifest.symbols,
    sound: sound || undefined,
    inputs: inputs.map((fact, at) => port(fact, inputAxes[at] ?? -1)),
    outputs: outputs.map((fact, at) => {
      const axis = outputAxes[at] ?? -1;
      const whole = manifest.outputs.find(({ name }) => name === fact.name) ?? manifest.outputs[at];
      return {
        ...port(fact, axis),
        ...outputTiming(form, { name: fact.name, at }, delays),
        length: axis < 0 ? undefined : whole?.fact.split(",")[axis],
      };
    }),
  };
}

/** Length of each output of the whole model, along its streaming axis, for `size` of the streaming symbol. */
export function outputLengths(
  { symbol, symbols, pulse, outputs }: StreamShape,
  size: number,
): number[] {
  const sizes = new Map([...symbols.map((name) => [name, 1] as const), [symbol, size] as const]);
  return outputs.map(({ length, framesPerPulse }) => {
    if (size === 0) return 0;
    const perPulse = Math.ceil((size * framesPerPulse) / pulse);
    return length === undefined ? perPulse : Math.max(0, evaluate(length, sizes) ?? perPulse);
  });
}
