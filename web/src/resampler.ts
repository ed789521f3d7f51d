export { Resampler } from "./sound/resampler.js";
