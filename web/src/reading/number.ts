import type { ArchiveReading, BundleReading } from "./bundle-reading.js";
import { countAfter, fieldWidth, shortest, step, written } from "./frames.js";
import type { Window } from "./windows.js";

/** A number of a bundle, with its source. */
export interface BundleNumber {
  readonly text: string;
  /** `pulse-S8 · pulse.delay`. */
  readonly where: string;
}

/** A path does not lead to a number. */
export class NumberError extends Error {
  override readonly name = "NumberError";
  readonly path: string;
  constructor(path: string, why: string) {
    super(`${path}: ${why}`);
    this.path = path;
  }
}

/** Numbers computed from the windows of the whole model. */
const COMPUTED: Readonly<
  Record<string, (windows: readonly Window[], symbol: string) => number | string>
> = {
  field: fieldWidth,
  step,
  shortest,
  count: (windows) => windows.length,
  frames: (windows, symbol) => written(countAfter(windows), symbol),
  offset: (windows) => countAfter(windows).offset,
  plus: (windows) => countAfter(windows).plus,
};

/**
 * The number at a path:
 *
 * - `manifest:pulses.0.delay`: a field of the manifest; a number after a dot counts from 0.
 * - `pulse:pulse.delay`: a property written in an archive (`model`, `pulse` for the first pulsed
 *   form, or a file's name without ending).
 * - `pulse:ops.tract_pulse_delay`: how many operations of a kind it has;
 *   `pulse:ops.tract_pulse_delay.1.overlap`: an attribute of one of them.
 * - `pulse:fact.melbank`: what is known of an input as it is written there.
 * - `windows:0.stride`: a field of a window along time; `windows:field` (input frames one output
 *   frame sees), `step` (input frames from one output frame to the next), `shortest` (input that
 *   gives a frame), `count`, `frames` (output frames, as an expression), `offset` and `plus` of it.
 *
 * @throws NumberError for a path that leads to nothing; BundleError, InspectError
 */
export async function numberAt(reading: BundleReading, path: string): Promise<BundleNumber> {
  const colon = path.indexOf(":");
  const [file, where] = [path.slice(0, colon), path.slice(colon + 1)];
  if (colon < 1 || where === "") throw new NumberError(path, "must have the form file:path");
  if (file === "manifest") {
    const value = field(reading.manifest, where.split("."));
    return { text: plain(path, value), where: `manifest.json · ${where}` };
  }
  if (file === "windows") return ofWindows(path, where, await reading.windows(), reading.symbol);
  const archive = await reading.archive(file);
  return { text: plain(path, inArchive(archive, where)), where: `${archive.stem} · ${where}` };
}

function ofWindows(
  path: string,
  where: string,
  windows: readonly Window[],
  symbol: string,
): BundleNumber {
  const compute = COMPUTED[where];
  if (compute) {
    const names = windows.map(({ op, kernel, stride }) => `${op} ${kernel}/${stride}`).join(", ");
    return {
      text: plain(path, compute(windows, symbol)),
      where: `model · computed from ${names}`,
    };
  }
  const [at = "", name = ""] = where.split(".");
  const window = windows[Number(at)];
  return { text: plain(path, field(window, [name])), where: `model · ${window?.wire} · ${name}` };
}

function inArchive({ properties, view }: ArchiveReading, where: string): unknown {
  if (properties.has(where)) return properties.get(where);
  const [kind, name = "", at, attribute] = where.split(".");
  if (kind === "fact") return view.facts.get(name);
  if (kind !== "ops") return undefined;
  const nodes = view.scopes.graph.nodes.filter(({ op }) => op === name);
  if (at === undefined) return nodes.length;
  return nodes[Number(at)]?.attributes.find((each) => each.name === attribute)?.text;
}

const field = (value: unknown, names: readonly string[]): unknown =>
  names.reduce<unknown>(
    (at, name) => (at === null || typeof at !== "object" ? undefined : Reflect.get(at, name)),
    value,
  );

function plain(path: string, value: unknown): string {
  if (typeof value === "number") return shown(value);
  if (typeof value === "string") return value;
  throw new NumberError(path, "does not lead to a number");
}

/** Plain digits, or powers of ten for very large and small numbers. */
export function shown(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return String(value).replace("-", "−");
  const digits = size > 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(0) : String(value);
  return digits.replace("-", "−").replace("e−", "e-");
}
