import { MemoryRow, NoticeBoard, Strip } from "nnef-pulse/look";
import type { SegmenterOptions } from "nnef-pulse/segmenter";
import { part } from "./page-elements.js";
import type { RecordedResult } from "./recorded-result.js";
import { SegmentTable } from "./segments.js";

/** Cells of the memory row before a model is loaded. */
const memoryCells = 128;

/** The page's display: strip, notices, memory row and table of segments. */
export class LiveView {
  readonly strip: Strip;
  readonly board = new NoticeBoard(part("strip"));
  readonly memory = new MemoryRow(part("memory"), memoryCells);
  readonly table: SegmentTable;
  #rules: SegmenterOptions = {};
  #result: RecordedResult | undefined;

  /** @param onThreshold called when the user moves the threshold */
  constructor(onThreshold: (threshold: number) => void) {
    this.strip = new Strip(part("strip"), {
      onThreshold: (threshold) => {
        this.#segmentResult();
        onThreshold(threshold);
      },
    });
    this.table = new SegmentTable(part("segments"), part("none"), (position) =>
      this.strip.play(position),
    );
  }

  /** The segmentation rules; the strip shows their threshold. */
  get rules(): SegmenterOptions {
    return { ...this.#rules, threshold: this.strip.threshold };
  }

  set rules(rules: SegmenterOptions) {
    this.#rules = rules;
    if (rules.threshold !== undefined) this.strip.threshold = rules.threshold;
  }

  /** Shows a result on the strip, and its segments in the table. */
  show(result: RecordedResult) {
    this.#result = result;
    this.table.show(result.segment(this.rules));
    this.strip.show(result.record);
  }

  /** Clears the table for a new stream. */
  clear() {
    this.continueAfterInterruption();
    this.table.show([]);
  }

  /** Prepares for a stream that continues an interrupted one; its rows stay. */
  continueAfterInterruption() {
    this.#result = undefined;
    this.board.clear();
    this.table.startStream();
    this.caption("");
  }

  /** Sets the line under the strip. */
  caption(text: string) {
    part("caption").textContent = text;
  }

  #segmentResult() {
    if (!this.#result) return;
    this.table.show(this.#result.segment(this.rules));
    this.strip.changed();
  }
}
