import { faultOf } from "../../../base/inspect-error.js";
import { type LayoutTask, layout } from "./layout.js";

addEventListener("message", ({ data }: MessageEvent<LayoutTask>) => {
  try {
    postMessage({ layout: layout(data) });
  } catch (error) {
    postMessage({ fault: faultOf(error) });
  }
});
