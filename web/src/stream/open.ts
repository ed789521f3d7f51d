import { abortable } from "../base/abortable.js";
import { assetUrl } from "../base/assets.js";
import { bindMembers } from "../base/bind-members.js";
import { BundleError } from "../base/errors.js";
import { unknownOption, wholeNumber } from "../base/option-checks.js";
import { folderUrl } from "../base/resolve-url.js";
import { type Bundle, loadBundle } from "../bundle/load.js";
import { BundleStream } from "./bundle-stream.js";
import { type EngineUrls, leaseEngine } from "./engine.js";
import { type PulseForm, streamShape } from "./ports.js";

export interface StreamOptions {
  /** Frames of the streaming symbol per pulse. Default: that of the bundle's first pulsed form. Others are made from the whole model. */
  pulse?: number;
  /** Folder with the package's files `tract_wasm.wasm`, `entry.js` and `capture.worklet.js`. Default: beside this one. */
  assets?: string | URL;
  /** Gives up opening, or closes the stream. */
  signal?: AbortSignal;
  /** Pulses that may wait, results nobody has read included (default 256). */
  queue?: number;
}

const names = ["pulse", "assets", "signal", "queue"] as const;
const QUEUE = 256;

/**
 * Opens a bundle that has a pulsed form. All streams of a page share one worker and one engine.
 * @param bundle URL of its folder, relative to the document, or to the working directory in Node
 * @throws OptionError, BundleError, EngineError, or the signal's reason
 */
export async function openStream(
  bundle: string | URL | Bundle,
  options: StreamOptions = {},
): Promise<BundleStream> {
  for (const name of Object.keys(options)) {
    if (!names.includes(name as (typeof names)[number])) throw unknownOption(name, names);
  }
  const { signal, pulse } = options;
  const queue = wholeNumber("queue", options.queue ?? QUEUE, 1);
  const folder = options.assets === undefined ? undefined : folderUrl(options.assets);
  signal?.throwIfAborted();
  const isFolder = typeof bundle === "string" || bundle instanceof URL;
  const opened = isFolder ? await abortable(loadBundle(bundle), signal) : bundle;
  const form = formOf(opened, pulse);
  const leasing = leaseEngine(opened, form, engineUrls(folder));
  const lease = await abortable(leasing, signal, (late) => late.release());
  const shape = streamShape(opened.manifest, form, lease.runnable, lease.delays);
  const workletUrl = assetUrl("worklet", folder);
  const stream = new BundleStream(shape, lease, { manifest: opened.manifest, queue, workletUrl });
  signal?.addEventListener("abort", () => stream.close(), { once: true, signal: stream.closing });
  return bindMembers(stream);
}

function formOf({ manifest, url }: Bundle, pulse: number | undefined): PulseForm {
  const { pulses } = manifest;
  const [first] = pulses;
  if (first === undefined) {
    const message = `The bundle ${manifest.id} cannot stream: it has no pulsed form.`;
    throw new BundleError(message, "no-pulse", {
      file: url("manifest.json").href,
      field: "pulses",
    });
  }
  const form = pulses.find((each) => each.pulse === pulse);
  if (pulse === undefined || form !== undefined) return form ?? first;
  // Not among the files: the engine makes it from the whole model.
  const { file: _, outputs: __, ...like } = first;
  return { ...like, pulse: wholeNumber("pulse", pulse, 1) };
}

function engineUrls(folder: URL | undefined): EngineUrls {
  return { wasm: assetUrl("engine", folder), worker: folder && new URL("entry.js", folder) };
}
