import type { RemoteRunnable } from "tract-wasm/worker";
import { button, controls, status } from "../../kit/figures/controls.ts";
import { only } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import {
  batchOf,
  exampleOf,
  type HeldOut,
  heldOutOf,
  type Image,
  type Reading,
  readingsOf,
  type Shape,
  shapeOf,
} from "../images/digits.ts";
import { Board } from "../images/drawing-board.ts";
import { Sheet } from "../images/image-grid.ts";
import { imageOf } from "../images/strokes.ts";

/** Images kept for the batch at most. */
const MOST = 12;

/** A board to write digits on; all of them go through the model together. */
export const figure: BuildFigure = async (stage, lesson) => {
  const engine = await lesson.engine();
  const shape = shapeOf(engine.whole);
  const [runnable, example, heldOut] = await Promise.all([
    engine.whole.prepare(),
    exampleOf(lesson, shape),
    heldOutOf(lesson, shape),
  ]);
  const view = new Draw(stage, lesson, { runnable, shape, example, heldOut });
  await view.reset();
  return view;
};

interface Given {
  readonly runnable: RemoteRunnable;
  readonly shape: Shape;
  readonly example: readonly Image[];
  readonly heldOut: HeldOut;
}

class Draw implements Figure {
  readonly #lesson: Lesson;
  readonly #given: Given;
  readonly #board = new Board(() => void this.#read());
  readonly #sheet = new Sheet("The batch", MOST);
  readonly #said = status();
  #images: Image[] = [];
  #next = 0;
  #running = false;
  #again = false;

  constructor(stage: HTMLElement, lesson: Lesson, given: Given) {
    this.#lesson = lesson;
    this.#given = given;
    const next = button("Next digit", () => this.#keep());
    next.classList.add("filled");
    const both = document.createElement("div");
    both.className = "desk";
    both.append(this.#board.element, this.#sheet.element);
    stage.append(
      controls(
        next,
        button("Clear the board", () => this.#clear()),
        button("A held-out digit", () => this.#add(this.#heldOut())),
        button("Empty the batch", () => this.#empty()),
      ),
      both,
      this.#said,
    );
  }

  /** The bundle's own example is the batch to begin with. */
  async reset() {
    this.#images = [...this.#given.example];
    this.#next = this.#images.length;
    this.#board.clear();
    await this.#read();
  }

  /** The one after the last; the first are the example itself. */
  #heldOut(): Image | undefined {
    const { images } = this.#given.heldOut;
    return images[this.#next++ % images.length];
  }

  get #drawn(): Image | undefined {
    const { rows, columns } = this.#given.shape;
    const { strokes } = this.#board;
    return strokes.length > 0 ? imageOf(strokes, rows, columns) : undefined;
  }

  #keep() {
    this.#add(this.#drawn);
    this.#clear();
  }

  #add(image: Image | undefined) {
    if (!image) return;
    // The last place is that of what is on the board.
    if (this.#images.length >= MOST - 1) this.#images.shift();
    this.#images.push(image);
    void this.#read();
  }

  #clear() {
    this.#board.clear();
    void this.#read();
  }

  #empty() {
    this.#images = [];
    this.#clear();
  }

  /** Everything through the model at once; while it runs, only the newest wish is kept. */
  async #read() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    do {
      this.#again = false;
      const drawn = this.#drawn;
      await this.#run(drawn ? [...this.#images, drawn] : this.#images, drawn !== undefined);
    } while (this.#again);
    this.#running = false;
  }

  async #run(images: readonly Image[], drawing: boolean) {
    const { runnable, shape } = this.#given;
    if (images.length === 0) {
      this.#sheet.show([], "The batch is empty.");
      this.#said.textContent = "The batch is empty. Draw a digit.";
      return;
    }
    const output = only(await runnable.run({ [shape.name]: batchOf(images, shape) }));
    const readings = readingsOf(output);
    this.#sheet.show(
      images.map((image, at) => ({
        image,
        label: labelOf(readings[at]),
        ...(drawing && at === images.length - 1 ? { mark: "drawing" as const } : {}),
      })),
      `A batch of ${images.length}: read as ${readings.map(({ digit }) => digit).join(", ")}.`,
    );
    const facts = `${images.length},1,${shape.rows},${shape.columns} → ${output.shape.join(",")}`;
    this.#said.textContent = `${facts}: read as ${readings.map(({ digit }) => digit).join(", ")}`;
    const from = "figure: the batch on the desk";
    this.#lesson.say("batch", images.length, from);
    this.#lesson.say("batch.output", output.shape.join(","), from);
  }
}

const labelOf = (reading: Reading | undefined): string =>
  reading ? `${reading.digit} ${Math.round(reading.probability * 100)} %` : "";
