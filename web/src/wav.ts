export { openWav, readWav, type WavSound, type WavSource } from "./formats/wav-read.js";
export { type WavFormat, writeWav } from "./formats/wav-write.js";
