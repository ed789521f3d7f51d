/** Imported only when the person asks for the microphone: reading a model needs none of this. */
export { Vad } from "../../vad/vad.js";
