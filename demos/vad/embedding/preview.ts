import "nnef-pulse/elements";
import { Vad } from "nnef-pulse/vad";
import { sampleFile } from "../model/audio-source.ts";
import { attributesOf, type Choices, type EmbedMethod, frameAddress } from "./snippets.ts";

/** A span of speech in samples. */
export type Span = readonly [start: number, end: number];

/** Runs a snippet's code in the page, over the sample in place of a microphone. */
export interface Preview {
  readonly element: HTMLElement;
  /** Call after `element` is in the document. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

/** @param found called for each span */
export function createPreview(
  { name }: EmbedMethod,
  choices: Choices,
  embed: URL,
  found: (span: Span) => void,
): Preview {
  if (name === "Frame") return framePreview(choices, embed, found);
  if (name === "npm") return npmPreview(choices, found);
  return elementPreview(choices, found);
}

function elementPreview(choices: Choices, found: (span: Span) => void): Preview {
  const element = document.createElement("nnef-vad");
  for (const [name, value] of attributesOf(choices)) element.setAttribute(name, value);
  element.addEventListener("speechend", (event) => {
    const { start, end } = (event as CustomEvent<{ start: number; end: number }>).detail;
    found([start, end]);
  });
  return {
    element,
    begin: async () => element.file(await sampleFile()),
    close: async () => element.remove(),
  };
}

function framePreview(choices: Choices, embed: URL, found: (span: Span) => void): Preview {
  const element = document.createElement("iframe");
  element.title = "Speech detection";
  element.allow = "microphone";
  const address = frameAddress(choices, embed);
  address.searchParams.set("origin", location.origin);
  const sample = new URL(document.body.dataset.sample ?? "", document.baseURI);
  address.searchParams.set("src", new URL("sample.wav", sample).href);
  const onMessage = ({ source, origin, data }: MessageEvent) => {
    if (source !== element.contentWindow || origin !== embed.origin) return;
    if (data.type === "speechend") found([data.start, data.end]);
  };
  return {
    element,
    begin: async () => {
      addEventListener("message", onMessage);
      element.src = address.href;
    },
    close: async () => {
      removeEventListener("message", onMessage);
      element.remove();
    },
  };
}

/** The library draws nothing, so the preview shows what the snippet logs. */
function npmPreview(choices: Choices, found: (span: Span) => void): Preview {
  const element = document.createElement("pre");
  element.className = "listing log";
  element.tabIndex = 0;
  element.role = "log";
  element.ariaLabel = "What is logged";
  let vad: Vad | undefined;
  return {
    element,
    begin: async () => {
      const { threshold, minSilenceMs, minSpeechMs } = choices;
      vad = await Vad.open({ threshold, minSilenceMs, minSpeechMs });
      const session = vad.file(await sampleFile());
      for await (const event of session.events()) {
        if (event.type === "error" && event.fatal) throw event.error;
        if (event.type !== "speechend") continue;
        element.append(`${event.startSeconds} ${event.endSeconds}\n`);
        found([event.start, event.end]);
      }
    },
    close: async () => vad?.close(),
  };
}
