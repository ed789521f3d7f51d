import type { BundleManifest } from "nnef-pulse/bundle";
import {
  band,
  bracket,
  cell,
  ghost,
  hairline,
  hatch,
  type Palette,
  readPalette,
  watchTheme,
} from "nnef-pulse/look";
import type { SampleRecord } from "../live/sound/sample-record.ts";

const HEIGHT = 96;
const CELL = 18;
const PITCH = 22;
const GAP = 8;

type Context = CanvasRenderingContext2D;
type Picture = (
  context: Context,
  width: number,
  palette: Palette,
  manifest: BundleManifest,
) => void;

/** What a bundle is, in the marks of its walkthrough: drawn from its manifest. */
export class Thumbnail {
  readonly #host: HTMLElement;
  readonly #canvas = document.createElement("canvas");
  readonly #manifest: BundleManifest;
  readonly #picture: Picture;

  /** @param record what was found in the site's sample, for a model that takes sound */
  constructor(host: HTMLElement, manifest: BundleManifest, record?: SampleRecord) {
    const [picture, words] = pictureOf(manifest, record);
    this.#host = host;
    this.#manifest = manifest;
    this.#picture = picture;
    this.#canvas.role = "img";
    this.#canvas.ariaLabel = words;
    host.append(this.#canvas);
    new ResizeObserver(() => this.#draw()).observe(host);
    watchTheme(() => this.#draw());
  }

  #draw() {
    const context = this.#canvas.getContext("2d");
    const width = this.#host.clientWidth;
    if (!context || width === 0) return;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(HEIGHT * devicePixelRatio);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.#picture(context, width, readPalette(this.#host), this.#manifest);
  }
}

/** Sound, pulses, a cache or a batch: what the manifest says the model takes. */
function pictureOf(
  manifest: BundleManifest,
  record: SampleRecord | undefined,
): readonly [Picture, string] {
  const [pulse] = manifest.pulses;
  if (record) {
    return [
      sound(record),
      `The sample’s sound, and ${record.segments.length} spans of speech in it`,
    ];
  }
  if (pulse)
    return [pulses, `Pulses of ${pulse.pulse} frames, answered ${pulse.delay} frames late`];
  if (Object.keys(manifest.modes).length > 0) {
    return [cache, `A cache that grows token by token while ${manifest.asserts.join(", ")}`];
  }
  return [batch, `An input of ${manifest.inputs[0]?.fact}, for any number of items`];
}

/** Frames above, what comes out of them below: ghosts until the delay has passed. */
const pulses: Picture = (context, width, palette, { pulses: [made] }) => {
  if (!made) return;
  const wide = width / (4 * made.pulse);
  const answers = Math.max(1, Math.round(width / PITCH / 2));
  for (let frame = 0; frame < 4 * made.pulse; frame++) {
    const box = { x: frame * wide, y: 10, width: wide - 2, height: CELL };
    cell(context, box, frame < 2 * made.pulse ? palette.muted : palette.probability);
    if (frame % made.pulse === 0) hairline(context, frame * wide - 1, 2, 78, palette.hairline);
  }
  for (let answer = 0; answer < answers; answer++) {
    const each = width / answers;
    const box = { x: answer * each, y: 52, width: each - 2, height: CELL };
    if (answer < made.delay) ghost(context, box, palette.delay);
    else cell(context, box, palette.probability);
  }
  const from = 2 * made.pulse * wide;
  bracket(context, { x: from, y: 82, width: made.pulse * wide - 2, height: 6 }, palette.ink);
};

/** What is kept of the tokens so far, the one at hand, and the places left. */
const cache: Picture = (context, width, palette) => {
  const count = Math.floor(width / PITCH);
  const fill = hatch(context, palette.state);
  const kept = Math.floor(count * 0.6);
  for (let row = 0; row < 3; row++) {
    for (let at = 0; at < count; at++) {
      const box = { x: at * PITCH, y: 6 + row * (CELL + 2 * GAP), width: PITCH - 4, height: CELL };
      if (at < kept - 2 + row) {
        context.fillStyle = fill;
        context.fillRect(box.x, box.y, box.width, box.height);
      } else if (at === kept - 2 + row) cell(context, box, palette.probability);
      else ghost(context, box, palette.muted);
    }
  }
};

/** The same model for one item and for many. */
const batch: Picture = (context, width, palette) => {
  const count = Math.floor(width / PITCH);
  for (let row = 0; row < 3; row++) {
    const items = Math.max(1, Math.round((count * 0.9) / 3 ** (2 - row)));
    for (let at = 0; at < items; at++) {
      const box = { x: at * PITCH, y: 8 + row * (CELL + 12), width: PITCH - 4, height: CELL };
      cell(context, box, palette.probability);
    }
  }
};

/** The sample: its sound, what the model says of it, what was found. */
const sound =
  (record: SampleRecord): Picture =>
  (context, width, palette) => {
    const { peaks, probabilities, segments, length } = record;
    const x = (sample: number) => (sample / length) * width;
    for (const { start, end } of segments) {
      const box = { x: x(start), y: 2, width: x(end) - x(start), height: HEIGHT - 4 };
      band(context, box, palette.speech, false);
    }
    context.fillStyle = palette.muted;
    for (let column = 0; column < width; column++) {
      const bin = Math.floor((column / width) * peaks.min.length);
      const [low, high] = [peaks.min[bin] ?? 0, peaks.max[bin] ?? 0];
      context.fillRect(column, 28 - high * 0.35, 1, Math.max(1, (high - low) * 0.35));
    }
    const wide = width / probabilities.length;
    for (const [frame, p] of probabilities.entries()) {
      const box = { x: frame * wide, y: 90 - 32 * p, width: wide, height: 32 * p };
      cell(context, box, palette.probability);
    }
  };
