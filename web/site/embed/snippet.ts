/** What can be embedded, by the value of the page's choice. */
export type Kind = "vad-frame" | "vad-element" | "stream-frame" | "inspector-frame";

/** What the page's form says; an empty string leaves an option out. */
export interface EmbedOptions {
  readonly kind: Kind;
  readonly theme: "" | "light" | "dark";
  /** Rules by their attribute, as typed. */
  readonly rules: ReadonlyMap<string, string>;
  /** The only origin that is sent messages. */
  readonly origin: string;
  /** Address of a bundle, as the frame resolves it. */
  readonly bundle: string;
  /** Whether a script that receives what is found belongs to the lines. */
  readonly hasEvents: boolean;
  /** URL of this site's root, ending in a slash, to use its files; otherwise the unpacked `nnef-vad/` is used. */
  readonly site: string | undefined;
}

interface Frame {
  readonly path: string;
  readonly title: string;
  readonly height: number;
}

const frames: Readonly<Record<Exclude<Kind, "vad-element">, Frame>> = {
  "vad-frame": { path: "embed/vad.html", title: "Speech detection", height: 230 },
  "stream-frame": { path: "embed/stream.html", title: "Streaming model", height: 230 },
  "inspector-frame": { path: "inspect/", title: "Model inspector", height: 640 },
};

/** What `nnef-vad.zip` unpacks to. */
const ownFolder = "nnef-vad/";

/** @returns HTML to paste into a page: the frame or element, and a script that receives its events */
export function snippetOf(options: EmbedOptions): string {
  if (options.kind === "vad-element") return elementSnippet(options);
  const { path, title, height } = frames[options.kind];
  const file = options.site === undefined ? `${ownFolder}vad.html` : `${options.site}${path}`;
  const frame = `<iframe src="${escaped(file + queryOf(options))}" title="${title}"
  allow="microphone" width="100%" height="${height}"></iframe>`;
  return options.hasEvents && options.kind === "vad-frame" ? `${frame}\n${frameListener}` : frame;
}

const frameListener = `<script type="module">
  const frame = document.querySelector("iframe");
  addEventListener("message", ({ source, data }) => {
    if (source !== frame.contentWindow || data.source !== "nnef-pulse") return;
    if (data.type === "speechend") {
      // Samples, 16,000 a second.
      console.log(\`Speech from \${data.start / 16000} s to \${data.end / 16000} s\`);
    }
  });
</script>`;

const elementListener = `<script type="module">
  document.querySelector("nnef-vad").addEventListener("speechend", ({ detail }) => {
    console.log(\`Speech from \${detail.startSeconds} s to \${detail.endSeconds} s\`);
    const wav = detail.audio.toWav(); // a Blob; nothing has left the page
  });
</script>`;

function elementSnippet({ rules, theme, bundle, hasEvents }: EmbedOptions): string {
  const attributes = [...rules, ["theme", theme], ["bundle", bundle]]
    .filter(([, value]) => value !== "")
    .map(([name, value = ""]) => ` ${name}="${escaped(value)}"`);
  const script = `<script type="module" src="${ownFolder}nnef-pulse.js"></script>`;
  const element = `<nnef-vad${attributes.join("")}></nnef-vad>`;
  return [script, element, ...(hasEvents ? [elementListener] : [])].join("\n");
}

function queryOf({ kind, rules, theme, origin, bundle, hasEvents }: EmbedOptions): string {
  const query = new URLSearchParams();
  const set = (name: string, value: string) => value !== "" && query.set(name, value);
  set("bundle", bundle);
  if (kind !== "inspector-frame") set("theme", theme);
  if (kind === "vad-frame") {
    for (const [name, value] of rules) set(name, value);
    if (hasEvents) set("origin", origin);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

/**
 * The elements of a snippet, for a preview that runs what the snippet says with the files of this site.
 *
 * @param root URL of this site's root, ending in a slash
 * @param pageOrigin replaces the author's origin, so that this page receives the messages
 */
export function previewOf(snippet: string, root: string, pageOrigin: string): HTMLElement[] {
  const parsed = new DOMParser().parseFromString(snippet, "text/html");
  return [...parsed.querySelectorAll<HTMLElement>("iframe, nnef-vad")].map((found) => {
    const element = document.importNode(found, true);
    if (element instanceof HTMLIFrameElement) {
      const address = element.getAttribute("src") ?? "";
      const own = address.startsWith(ownFolder);
      const url = own
        ? new URL(`embed/${address.slice(ownFolder.length)}`, root)
        : new URL(address);
      if (url.searchParams.has("origin")) url.searchParams.set("origin", pageOrigin);
      element.src = url.href;
    }
    return element;
  });
}
