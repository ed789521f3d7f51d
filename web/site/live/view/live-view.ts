import { MemoryRow, NoticeBoard, Strip } from "nnef-pulse/look";
import type { SegmenterOptions } from "nnef-pulse/segmenter";
import { Minimap } from "./minimap.js";
import { part } from "./page-elements.js";
import type { RecordedResult } from "./recorded-result.js";
import { SaveAll } from "./save-all.js";
import { SegmentTable } from "./segments.js";

/** Cells of the memory row before a model is loaded. */
const memoryCells = 128;

/** The page's display: strip, notices, memory row and table of segments. */
export class LiveView {
  readonly strip: Strip;
  readonly board = new NoticeBoard(part("strip"));
  readonly memory = new MemoryRow(part("memory"), memoryCells);
  readonly table: SegmentTable;
  readonly #minimap: Minimap;
  #rules: SegmenterOptions = {};
  #result: RecordedResult | undefined;

  /** @param onThreshold called when the user moves the threshold */
  constructor(onThreshold: (threshold: number) => void) {
    this.strip = new Strip(part("strip"), {
      onThreshold: (threshold) => {
        this.#segmentResult();
        onThreshold(threshold);
      },
      onView: (from, to) => this.#minimap?.view(from, to),
    });
    const reveal = (seconds: number) => this.strip.reveal(seconds);
    this.#minimap = new Minimap(part<HTMLCanvasElement>("minimap"), reveal);
    this.table = new SegmentTable(part("segments-scroller"), part("segments"), part("none"), {
      reveal,
      play: (position) => this.strip.play(position),
    });
    const saveAll = new SaveAll();
    this.table.onChange = (rows) => {
      saveAll.rows = rows;
    };
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
    this.#minimap.show(result.record);
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
    this.#minimap.show(undefined);
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
