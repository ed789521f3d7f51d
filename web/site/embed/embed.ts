import { type BundleEntry, bundlesOf } from "nnef-pulse/bundle";
import { startShell } from "nnef-pulse/look";
import { keepOffline } from "../offline.js";
import { type EmbedOptions, type Kind, previewOf, snippetOf } from "./snippet.js";

const root = new URL("../", document.baseURI).href;
/** As many as one sees; a probability arrives every pulse and is not listed. */
const SHOWN_MESSAGES = 8;

function byId<Type extends HTMLElement>(id: string): Type {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element ${id}`);
  return element as Type;
}

const form = byId<HTMLFormElement>("options");
const snippet = byId("snippet");
const preview = byId("preview");
const messages = byId("messages");
const copied = byId("copied");
const runSample = byId<HTMLButtonElement>("run-sample");
const rules = ["threshold", "min-speech-ms", "min-silence-ms"];
const isVad = (kind: Kind) => kind === "vad-frame" || kind === "vad-element";

function read(): EmbedOptions {
  const data = new FormData(form);
  const text = (name: string) => String(data.get(name) ?? "");
  const isValid = (name: string) =>
    (form.elements.namedItem(name) as HTMLInputElement).validity.valid;
  const kind = text("kind") as Kind;
  const usesSite = kind === "vad-frame" ? text("files") === "site" : kind !== "vad-element";
  const origin = text("origin");
  return {
    kind,
    theme: text("theme") as EmbedOptions["theme"],
    rules: new Map(rules.filter(isValid).map((name) => [name, text(name)])),
    origin: URL.canParse(origin) ? new URL(origin).origin : "",
    bundle: isVad(kind) ? "" : text("bundle"),
    hasEvents: data.has("events"),
    site: usesSite ? root : undefined,
  };
}

/** Shows the lines for what the form says, and what they do. */
async function show(): Promise<void> {
  const options = read();
  const { kind, hasEvents } = options;
  for (const label of form.querySelectorAll<HTMLElement>("[data-for]")) {
    const needsEvents = label.dataset.needs === "events";
    label.hidden = !label.dataset.for?.split(" ").includes(kind) || (needsEvents && !hasEvents);
  }
  const text = snippetOf(options);
  copied.textContent = "";
  if (text === snippet.textContent) return;
  snippet.textContent = text;
  messages.replaceChildren();
  byId("messages-title").hidden = messages.hidden = !(hasEvents && isVad(kind));
  runSample.hidden = kind === "inspector-frame";
  // Only who chooses the element loads it.
  if (kind === "vad-element") await import("nnef-pulse/elements");
  preview.replaceChildren(...previewOf(text, root, location.origin));
  for (const type of ["speechstart", "speechend"]) {
    preview.querySelector("nnef-vad")?.addEventListener(type, (event) => {
      const { start, end } = (event as CustomEvent<{ start: number; end?: number }>).detail;
      list(type, { start, ...(end !== undefined && { end }) });
    });
  }
}

/** @param facts positions in samples, 16,000 a second */
function list(type: string, facts: Readonly<Record<string, unknown>>): void {
  const line = document.createElement("li");
  const parts = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  line.textContent = [type, ...parts].join("  ");
  messages.append(line);
  if (messages.childElementCount > SHOWN_MESSAGES) messages.firstElementChild?.remove();
}

addEventListener("message", ({ source, data }) => {
  const frame = preview.querySelector("iframe");
  if (!frame || source !== frame.contentWindow || data?.source !== "nnef-pulse") return;
  const { source: _, type, ...facts } = data as { source: string; type: string };
  if (type !== "probability" && read().hasEvents) list(type, facts);
});

runSample.addEventListener("click", () => {
  const sample = new URL("sample/sample.wav", root).href;
  const frame = preview.querySelector("iframe");
  messages.replaceChildren();
  if (frame) {
    const url = new URL(frame.src);
    url.searchParams.set("src", sample);
    frame.src = url.href;
  }
  const element = preview.querySelector("nnef-vad");
  // The same address again is no change.
  element?.removeAttribute("src");
  element?.setAttribute("src", sample);
});

byId("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(snippet.textContent ?? "");
    copied.textContent = "Copied";
  } catch {
    // Refused without https or by the visitor: select the lines, so that one key copies them.
    getSelection()?.selectAllChildren(snippet);
    copied.textContent = "Selected: press Ctrl+C, or ⌘C";
  }
});

/** Offers the bundles that the chosen frame can open: a stream's must take sound. */
function offerBundles(bundles: readonly BundleEntry[]): void {
  const select = form.elements.namedItem("bundle") as HTMLSelectElement;
  const takesSound = read().kind === "stream-frame";
  const offered = bundles.filter(({ kind }) => !takesSound || kind === "vad");
  const options = offered.map(
    ({ id, title }) => new Option(title, new URL(`bundles/${id}/`, root).href),
  );
  const previous = select.value;
  select.replaceChildren(...options);
  if (options.some(({ value }) => value === previous)) select.value = previous;
}

async function start(): Promise<void> {
  const bundles = await bundlesOf(new URL("bundles/", root));
  offerBundles(bundles);
  form.addEventListener("input", ({ target }) => {
    if (target === form.elements.namedItem("kind")) offerBundles(bundles);
    void show();
  });
  await show();
}

startShell();
for (const block of document.querySelectorAll("pre")) block.tabIndex = 0;
form.addEventListener("submit", (event) => event.preventDefault());
void start();
void keepOffline("../");
