/** A bundle's numbers and its windows along time, read from its files without the engine. */
export { type ArchiveReading, archiveAt, BundleReading } from "./reading/bundle-reading.js";
export {
  countAfter,
  type FrameCount,
  fieldOf,
  fieldWidth,
  framesOf,
  reach,
  type Span,
  seenBy,
  shortest,
  step,
  written,
} from "./reading/frames.js";
export { type BundleNumber, NumberError, numberAt, shown } from "./reading/number.js";
export { type Window, windowsAlong } from "./reading/windows.js";
