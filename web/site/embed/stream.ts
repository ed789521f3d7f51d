import "nnef-pulse/elements";
import { embedParameters } from "./parameters.js";

const parameters = embedParameters(location.search, new URL(location.href));
const element = document.querySelector("nnef-stream");
if (!element) throw new Error("stream.html has no <nnef-stream>");

element.bundle = parameters.bundle ?? document.body.dataset.bundle;
if (parameters.theme) document.documentElement.dataset.theme = parameters.theme;
if (parameters.src) element.src = parameters.src;
