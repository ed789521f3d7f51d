import type { Notice } from "./notice.js";

/** Actions an error notice may offer; those left out are not offered. */
export interface Remedies {
  /** Asks for the microphone again. */
  readonly listen?: () => void;
  /** Continues the interrupted session. */
  readonly resume?: () => void;
  /** Opens the file chooser. */
  readonly open?: () => void;
  /** Loads engine and model again. */
  readonly load?: () => void;
  /** Loads the site's own model instead of the requested one. */
  readonly loadOwn?: (() => void) | undefined;
}

type Remedy = readonly [label: string, action: keyof Remedies];

/** Fields an error may have besides its code. */
interface Facts {
  readonly file: string;
  readonly field: string;
}

type ErrorText = readonly [sentence: (facts: Facts) => string, remedy: Remedy];

const askAgain: Remedy = ["Ask again", "listen"];
const continueSession: Remedy = ["Resume", "resume"];
const openAnother: Remedy = ["Open another file", "open"];
const loadAgain: Remedy = ["Try again", "load"];

/** Sentence and remedy by error code. */
const errorTexts: Readonly<Record<string, ErrorText>> = {
  "microphone-refused": [
    () =>
      "Permission for the microphone was denied. Allow it in the browser's address bar, then ask again.",
    askAgain,
  ],
  "microphone-missing": [
    () => "No microphone was found. Connect one, then look again.",
    ["Look again", "listen"],
  ],
  "microphone-forbidden": [
    () =>
      "This page cannot use a microphone. It must be served over https or from localhost, and an embedding page must allow it.",
    ["Open a file instead", "open"],
  ],
  "microphone-busy": [
    () => "Another program is using the microphone. Close that program, then try again.",
    ["Try again", "listen"],
  ],
  "microphone-ended": [
    () =>
      "The microphone was disconnected. Results so far are kept. Connect it again, or continue with another.",
    continueSession,
  ],
  "context-suspended": [
    () => "The browser has paused the sound of this page. Press Resume to hear it again.",
    continueSession,
  ],
  "no-audio-track": [() => "This stream has no sound.", openAnother],
  "no-pulse": [() => "This model has no pulsed form: it cannot stream.", loadAgain],
  "worklet-failed": [
    () => "The browser could not load the code that captures the microphone.",
    ["Try again", "listen"],
  ],
  "file-undecodable": [
    ({ file }) => `This browser cannot decode ${file}. WAV, MP3, FLAC and Ogg usually work.`,
    openAnother,
  ],
  "file-empty": [({ file }) => `${file} contains no sound.`, openAnother],
  "simd-missing": [
    () =>
      "The engine needs WebAssembly SIMD, which this browser does not have. Use a current Chrome, Edge, Firefox or Safari.",
    loadAgain,
  ],
  "engine-unreachable": [
    () => "The engine could not be fetched from this site. The result shown was recorded earlier.",
    loadAgain,
  ],
  "run-failed": [
    () => "The engine failed to run this sound. Results so far are kept.",
    ["Listen again", "listen"],
  ],
  "engine-died": [
    () => "The engine stopped. Results so far are kept. Start it again to continue.",
    ["Start it again", "load"],
  ],
  "file-missing": [
    ({ file }) => `The model was not found: this site has no file ${file}.`,
    loadAgain,
  ],
  "file-unreachable": [
    ({ file }) => `The model could not be fetched: the network failed while loading ${file}.`,
    loadAgain,
  ],
  "file-is-page": [
    ({ file }) => `The model was not found: this site sends a web page instead of ${file}.`,
    loadAgain,
  ],
  "file-cut": [
    ({ file }) => `The model is damaged: ${file} is shorter or longer than its manifest says.`,
    loadAgain,
  ],
  "file-changed": [
    ({ file }) => `The model is damaged: the checksum of ${file} does not match its manifest.`,
    loadAgain,
  ],
  "file-wrong-kind": [
    ({ file }) => `The model is damaged: ${file} is not of the expected file type.`,
    loadAgain,
  ],
  "manifest-unreadable": [() => "The model’s manifest.json cannot be read.", loadAgain],
  "manifest-invalid": [
    ({ field }) => `The model’s manifest.json is invalid${field && ` at ${field}`}.`,
    loadAgain,
  ],
  "engine-too-old": [() => "The model needs a newer engine than this page has.", loadAgain],
  "not-for-audio": [() => "This model does not find speech in sound.", loadAgain],
  "model-refused": [() => "The engine cannot load this model.", loadAgain],
  "bundle-elsewhere": [
    ({ file }) => `Only models of this site can be opened, not ${file}.`,
    loadAgain,
  ],
};

/** The notice for `error`, by its code. `file` is the name of the sound file, if there is one. */
export function errorNotice(error: unknown, remedies: Remedies, file = ""): Notice {
  const code = textOf(error, "code") || "unexpected";
  const facts = {
    file: file ? `“${file}”` : nameOf(textOf(error, "file")),
    field: textOf(error, "field"),
  };
  const known = errorTexts[code];
  const sentence = known?.[0](facts) ?? messageOf(error);
  const [label, action] = known?.[1] ?? loadAgain;
  const own = action === "load" ? remedies.loadOwn : undefined;
  const run = own ?? remedies[action];
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

/** A URL of this site as a path relative to the page. */
function nameOf(url: string): string {
  const here = new URL(".", document.baseURI).href;
  return url.startsWith(here) ? url.slice(here.length) : url;
}
