import "nnef-pulse/elements";
import type { SessionEvents } from "nnef-pulse/vad";
import { embedParameters } from "./parameters.js";

const parameters = embedParameters(location.search, new URL(location.href));
const element = document.querySelector("nnef-vad");
if (!element) throw new Error("vad.html has no <nnef-vad>");

if (parameters.bundle) element.bundle = parameters.bundle;
for (const [name, value] of parameters.rules) element.setAttribute(name, value);
if (parameters.theme) document.documentElement.dataset.theme = parameters.theme;
if (parameters.src) element.src = parameters.src;

/** Never audio: the page around learns when there was speech, not what was said. */
function tell(type: string, facts: object) {
  if (parent !== window) {
    parent.postMessage({ source: "nnef-pulse", type, ...facts }, parameters.origin);
  }
}

function on<Type extends keyof SessionEvents>(
  type: Type,
  facts: (detail: SessionEvents[Type]) => object,
) {
  element?.addEventListener(type, (event) => {
    tell(type, facts((event as CustomEvent<SessionEvents[Type]>).detail));
  });
}

on("speechstart", ({ start }) => ({ start }));
on("speechend", ({ start, end }) => ({ start, end }));
on("probability", ({ time, p }) => ({ time, p }));

new ResizeObserver(() => {
  tell("resize", { height: Math.ceil(document.documentElement.scrollHeight) });
}).observe(document.documentElement);
