import { loadWorklet } from "../../capture/audio-context.js";
import { type CaptureCommand, PROCESSOR, workletOptions } from "../../capture/worklet-options.js";
import { Resampler } from "../../sound/resampler.js";
import type { StreamResult } from "../output-trimmer.js";
import { type AudioSink, FramePusher, pushBlocks } from "./frame-pusher.js";

/** An output that is sound again. */
export interface SoundOutput {
  readonly name: string;
  /** In Hz. */
  readonly sampleRate: number;
}

/** A stream from sound to sound. */
interface SoundFilter {
  readonly sink: AudioSink;
  readonly output: SoundOutput;
  results(): AsyncIterableIterator<StreamResult>;
}

/** Sound gathered beyond one pulse before it is played: what the page and the engine may be late. */
const LEAD_SECONDS = 0.04;

/**
 * Makes a node that plays what the stream makes of the sound it gets, until the stream closes.
 * @throws CaptureError worklet-failed
 */
export async function openAudioNode(
  context: BaseAudioContext,
  { sink, output, results }: SoundFilter,
): Promise<AudioNode> {
  await loadWorklet(context, sink.workletUrl);
  sink.closing.throwIfAborted();
  const pulseSeconds = sink.pulseSamples / sink.sampleRate;
  const { latencySeconds } = new Resampler(context.sampleRate, sink.sampleRate);
  const lead = Math.ceil((pulseSeconds + LEAD_SECONDS) * context.sampleRate);
  const node = new AudioWorkletNode(context, PROCESSOR, {
    channelCount: 1,
    channelCountMode: "explicit",
    processorOptions: {
      ...workletOptions(pulseSeconds, latencySeconds, context.sampleRate),
      playbackLead: lead,
    },
  });
  const post = (command: CaptureCommand, transfer: Transferable[]) =>
    node.port.postMessage(command, transfer);
  const { port1, port2 } = new MessageChannel();
  post({ type: "begin", port: port1 }, [port1]);
  const fail = (error: unknown) => sink.fail(error);
  pushBlocks(port2, new FramePusher(sink, context.sampleRate), sink).catch(fail);
  const play = async () => {
    const resampler = new Resampler(output.sampleRate, context.sampleRate);
    let taken = 0;
    for await (const { name, data, time } of results()) {
      if (name !== output.name) continue;
      // Frames of a warm-up are left out of the results: silence keeps the sound in its place.
      const samples = new Float32Array(Math.max(0, time - taken) + data.length);
      samples.set(data as Float32Array, samples.length - data.length);
      taken += samples.length;
      const sound = Float32Array.from(resampler.push(samples));
      if (sound.length > 0) post({ type: "play", samples: sound }, [sound.buffer]);
    }
  };
  play().catch(fail);
  const close = () => {
    post({ type: "end" }, []);
    node.disconnect();
    port2.close();
  };
  sink.closing.addEventListener("abort", close, { once: true });
  return node;
}
