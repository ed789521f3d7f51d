/** Imported dynamically when the user opens the microphone: nothing else here needs it. */
export { Vad } from "../../vad/vad.js";
