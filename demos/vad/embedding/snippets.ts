/** Settings of the embedding section. */
export interface Choices {
  readonly threshold: number;
  readonly minSilenceMs: number;
  readonly minSpeechMs: number;
  /** Empty for the theme of the host page. */
  readonly theme: "" | "light" | "dark";
}

/** A way to add the detector to a page. */
export interface EmbedMethod {
  readonly name: string;
  /** Code to write. `embed` is the URL of the site's `embed/` folder. */
  readonly snippet: (choices: Choices, embed: URL) => string;
  /** File that contains the code. */
  readonly file: "page.html" | "main.js";
}

/** The attributes of `<nnef-vad>`, which are also the parameters of `embed/vad.html`. */
export function attributesOf({
  threshold,
  minSilenceMs,
  minSpeechMs,
  theme,
}: Choices): readonly (readonly [string, string])[] {
  return [
    ["threshold", String(threshold)],
    ["min-silence-ms", String(minSilenceMs)],
    ["min-speech-ms", String(minSpeechMs)],
    ...(theme ? [["theme", theme] as const] : []),
  ];
}

/** `embed/vad.html` with its parameters. */
export function frameAddress(choices: Choices, embed: URL): URL {
  const address = new URL("vad.html", embed);
  address.search = String(new URLSearchParams(attributesOf(choices).map(([...pair]) => pair)));
  return address;
}

const scriptTag: EmbedMethod = {
  name: "Script tag",
  file: "page.html",
  snippet: (choices) => {
    const attributes = attributesOf(choices).map(([name, value]) => `${name}="${value}"`);
    return `<script type="module" src="./nnef-vad/nnef-pulse.js"></script>
<nnef-vad ${attributes.join(" ")}></nnef-vad>`;
  },
};

const element: EmbedMethod = {
  name: "Element",
  file: "main.js",
  snippet: (choices) => {
    const attributes = attributesOf(choices).map(([name, value]) => `  ["${name}", "${value}"],`);
    return `import "nnef-pulse/elements";

const vad = document.createElement("nnef-vad");
for (const [name, value] of [
${attributes.join("\n")}
]) vad.setAttribute(name, value);
vad.addEventListener("speechend", ({ detail }) => {
  console.log(detail.startSeconds, detail.endSeconds);
});
document.body.append(vad);`;
  },
};

const frame: EmbedMethod = {
  name: "Frame",
  file: "page.html",
  snippet: (choices, embed) => {
    const address = frameAddress(choices, embed).href.replaceAll("&", "&amp;");
    return `<iframe width="100%" height="230" allow="microphone"
  title="Speech detection"
  src="${address}"></iframe>`;
  },
};

const npm: EmbedMethod = {
  name: "npm",
  file: "main.js",
  snippet: ({ threshold, minSilenceMs, minSpeechMs }) => `import { Vad } from "nnef-pulse/vad";

const vad = await Vad.open({
  threshold: ${threshold},
  minSilenceMs: ${minSilenceMs},
  minSpeechMs: ${minSpeechMs},
});
const session = await vad.listen();
for await (const event of session.events()) {
  if (event.type === "speechend") {
    console.log(event.startSeconds, event.endSeconds);
  }
}`,
};

export const embedMethods: readonly EmbedMethod[] = [scriptTag, element, frame, npm];
