import type { Notice } from "./notice.js";

/** What can be done about trouble; what is left out is not offered. */
export interface Remedies {
  /** Asks for the microphone again. */
  readonly listen?: () => void;
  /** Goes on with the session that was interrupted. */
  readonly resume?: () => void;
  /** Lets the person choose a file. */
  readonly open?: () => void;
  /** Loads engine and model again. */
  readonly load?: () => void;
  /** Loads the site's own model in place of the one that was asked for. */
  readonly loadOwn?: (() => void) | undefined;
}

type Remedy = readonly [label: string, does: keyof Remedies];

/** What an error may carry besides its code: the file or the field in question. */
interface Facts {
  readonly file: string;
  readonly field: string;
}

type Trouble = readonly [sentence: (facts: Facts) => string, remedy: Remedy];

const askAgain: Remedy = ["Ask again", "listen"];
const goOn: Remedy = ["Go on", "resume"];
const openAnother: Remedy = ["Open another file", "open"];
const loadAgain: Remedy = ["Try again", "load"];

/** By error code. */
const troubles: Readonly<Record<string, Trouble>> = {
  "microphone-refused": [
    () =>
      "The browser was told not to let this page hear the microphone. Allow it beside the address, then ask again.",
    askAgain,
  ],
  "microphone-missing": [
    () => "No microphone was found. Plug one in, then look again.",
    ["Look again", "listen"],
  ],
  "microphone-forbidden": [
    () =>
      "This page may not use a microphone here: it has to be served by https or from localhost, and a page around it has to allow it.",
    ["Open a file instead", "open"],
  ],
  "microphone-busy": [
    () => "Another program holds the microphone. Close it there, then try again.",
    ["Try again", "listen"],
  ],
  "microphone-ended": [
    () => "The microphone went away. What was found stays; plug it in, or go on with another.",
    goOn,
  ],
  "context-suspended": [
    () => "The browser holds sound back in this page until you press something.",
    goOn,
  ],
  "worklet-failed": [
    () => "This browser could not hand the microphone’s sound to the page.",
    ["Try again", "listen"],
  ],
  "file-undecodable": [
    ({ file }) =>
      `This browser finds no sound it can read in ${file}. WAV, MP3, FLAC and Ogg usually work.`,
    openAnother,
  ],
  "file-empty": [({ file }) => `There is no sound in ${file}.`, openAnother],
  "simd-missing": [
    () =>
      "This browser lacks WebAssembly SIMD, which the engine needs. Any Chrome, Edge, Firefox or Safari of the last years has it.",
    loadAgain,
  ],
  "engine-unreachable": [
    () => "The engine could not be fetched from this site. What is shown was recorded.",
    loadAgain,
  ],
  "run-failed": [
    () => "The engine could not run this sound. What was found stays.",
    ["Listen again", "listen"],
  ],
  "engine-died": [
    () => "The engine stopped. What was found stays; it can be started again.",
    ["Start it again", "load"],
  ],
  "file-missing": [({ file }) => `The model is not there: this site has no ${file}.`, loadAgain],
  "file-unreachable": [
    ({ file }) => `The model could not be fetched: the network failed at ${file}.`,
    loadAgain,
  ],
  "file-is-page": [
    ({ file }) => `In place of ${file} this site sends a web page, so the model is not there.`,
    loadAgain,
  ],
  "file-cut": [
    ({ file }) => `The model is damaged: ${file} is not as long as it should be.`,
    loadAgain,
  ],
  "file-changed": [
    ({ file }) => `The model is damaged: ${file} is not the file its manifest describes.`,
    loadAgain,
  ],
  "file-wrong-kind": [
    ({ file }) => `The model is damaged: ${file} does not begin as such a file does.`,
    loadAgain,
  ],
  "manifest-unreadable": [() => "The model’s manifest.json cannot be read.", loadAgain],
  "manifest-invalid": [
    ({ field }) =>
      `The model’s manifest.json is not as it should be${field && `: look at ${field}`}.`,
    loadAgain,
  ],
  "engine-too-old": [() => "The model needs a newer engine than this page has.", loadAgain],
  "not-for-audio": [() => "This model does not listen to sound.", loadAgain],
  "model-refused": [() => "The engine refuses this model.", loadAgain],
  "bundle-elsewhere": [
    ({ file }) => `Only models of this site are opened, not ${file}.`,
    loadAgain,
  ],
};

/** What is said about `error`, by its code; `file` names the sound file it is about, if one. */
export function troubleNotice(error: unknown, remedies: Remedies, file = ""): Notice {
  const code = textOf(error, "code") || "unexpected";
  const facts = {
    file: file ? `“${file}”` : nameOf(textOf(error, "file")),
    field: textOf(error, "field"),
  };
  const known = troubles[code];
  const sentence = known?.[0](facts) ?? messageOf(error);
  const [label, does] = known?.[1] ?? loadAgain;
  const own = does === "load" ? remedies.loadOwn : undefined;
  const run = own ?? remedies[does];
  return {
    tone: "fault",
    sentence,
    ...(run && { action: { label: own ? "Use the site’s own model" : label, run } }),
    details: { code, causes: causesOf(error) },
  };
}

function textOf(error: unknown, property: string): string {
  const value: unknown =
    typeof error === "object" && error !== null ? Reflect.get(error, property) : undefined;
  return typeof value === "string" ? value : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  for (let at = error; at !== undefined && causes.length < 16; ) {
    causes.push(messageOf(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return causes;
}

/** A file of this site by its path on it, which is how its owner knows it. */
function nameOf(url: string): string {
  const here = new URL(".", document.baseURI).href;
  return url.startsWith(here) ? url.slice(here.length) : url;
}
