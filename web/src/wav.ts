export { openWav, readWav, type WavSound, type WavSource } from "./sound/wav-read.js";
export { type WavFormat, writeWav } from "./sound/wav-write.js";
