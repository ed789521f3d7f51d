/** The sample as a stream that can also be heard: what a microphone would send, in real time. */
export interface SampleStream {
  readonly stream: MediaStream;
  readonly audioContext: AudioContext;
  /** Resolves when the sample is over. */
  readonly over: Promise<void>;
  close(): Promise<void>;
}

/** `sound` is the sample's file. It starts to play at once. */
export async function playSample(sound: Blob): Promise<SampleStream> {
  const audioContext = new AudioContext();
  const source = audioContext.createBufferSource();
  source.buffer = await audioContext.decodeAudioData(await sound.arrayBuffer());
  const capture = audioContext.createMediaStreamDestination();
  source.connect(capture);
  source.connect(audioContext.destination);
  const over = new Promise<void>((resolve) => {
    source.addEventListener("ended", () => resolve());
  });
  source.start(audioContext.currentTime + 0.1);
  return {
    stream: capture.stream,
    audioContext,
    over,
    async close() {
      source.stop();
      await audioContext.close();
    },
  };
}
