/** The sample as a real-time stream that is also audible. */
export interface SampleStream {
  readonly stream: MediaStream;
  readonly audioContext: AudioContext;
  /** Resolves at the end of the sample. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Starts playing the sample's file. */
export async function playSample(sound: Blob): Promise<SampleStream> {
  const audioContext = new AudioContext();
  const source = audioContext.createBufferSource();
  source.buffer = await audioContext.decodeAudioData(await sound.arrayBuffer());
  const capture = audioContext.createMediaStreamDestination();
  source.connect(capture);
  source.connect(audioContext.destination);
  const ended = new Promise<void>((resolve) => {
    source.addEventListener("ended", () => resolve());
  });
  source.start(audioContext.currentTime + 0.1);
  return {
    stream: capture.stream,
    audioContext,
    ended,
    async close() {
      source.stop();
      await audioContext.close();
    },
  };
}
