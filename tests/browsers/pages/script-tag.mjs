const element = document.querySelector("nnef-vad");
globalThis.segments = [];
element.addEventListener("speechend", ({ detail: { start, end, audio } }) => {
  globalThis.segments.push({ start, end, samples: audio.samples.length });
});
globalThis.ready = customElements.whenDefined("nnef-vad").then(async () => {
  const sample = await fetch("../sample/sample.wav");
  await element.file(await sample.blob());
});
