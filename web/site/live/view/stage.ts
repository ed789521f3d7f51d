import { MemoryRow, NoticeBoard, Strip } from "nnef-pulse/look";
import type { SegmenterOptions } from "nnef-pulse/segmenter";
import { part } from "./elements.js";
import { SegmentTable } from "./segments.js";
import type { Still } from "./still.js";

/** Cells of the memory row before a model has said how many it keeps. */
const memoryCells = 128;

/** Everything on the page that shows: the strip and what stands in and under it. */
export class Stage {
  readonly strip: Strip;
  readonly board = new NoticeBoard(part("strip"));
  readonly memory = new MemoryRow(part("memory"), memoryCells);
  readonly table: SegmentTable;
  #rules: SegmenterOptions = {};
  #still: Still | undefined;

  /** `onThreshold` hears of each move of the threshold. */
  constructor(onThreshold: (threshold: number) => void) {
    this.strip = new Strip(part("strip"), {
      onThreshold: (threshold) => {
        this.#segmentStill();
        onThreshold(threshold);
      },
    });
    this.table = new SegmentTable(part("segments"), part("none"), (position) =>
      this.strip.play(position),
    );
  }

  /** The rules segments are found by; the threshold among them is shown. */
  get rules(): SegmenterOptions {
    return { ...this.#rules, threshold: this.strip.threshold };
  }

  set rules(rules: SegmenterOptions) {
    this.#rules = rules;
    if (rules.threshold !== undefined) this.strip.threshold = rules.threshold;
  }

  /** Puts `still` on the strip and its segments under it. */
  show(still: Still) {
    this.#still = still;
    this.table.show(still.segment(this.rules));
    this.strip.show(still.take);
  }

  /** A stream takes the strip over: the rows are its own from now on. */
  clear() {
    this.goOn();
    this.table.show([]);
  }

  /** Another stream goes on where one broke off: what was found stays. */
  goOn() {
    this.#still = undefined;
    this.board.clear();
    this.table.keep();
    this.caption("");
  }

  /** The line that says what is seen. */
  caption(text: string) {
    part("caption").textContent = text;
  }

  #segmentStill() {
    if (!this.#still) return;
    this.table.show(this.#still.segment(this.rules));
    this.strip.changed();
  }
}
