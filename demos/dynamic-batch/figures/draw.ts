import type { RemoteRunnable } from "tract-wasm/worker";
import { button, controls, statusLine } from "../../kit/figures/controls.ts";
import { onlyOutput } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import {
  batchOf,
  type HeldOut,
  type Image,
  type Prediction,
  predictionsOf,
  readExample,
  readHeldOut,
  type Shape,
  shapeOf,
} from "../images/digits.ts";
import { DrawingBoard } from "../images/drawing-board.ts";
import { ImageGrid } from "../images/image-grid.ts";
import { imageOf } from "../images/strokes.ts";

/** Largest number of images in the batch. */
const MOST = 12;

/** A board to draw digits on; the model reads all of them in one run. */
export const figure: BuildFigure = async (stage, lesson) => {
  const engine = await lesson.engine();
  const shape = shapeOf(engine.whole);
  const [runnable, example, heldOut] = await Promise.all([
    engine.whole.prepare(),
    readExample(lesson, shape),
    readHeldOut(lesson, shape),
  ]);
  const view = new DrawFigure(stage, lesson, { runnable, shape, example, heldOut });
  await view.reset();
  return view;
};

interface DrawInputs {
  readonly runnable: RemoteRunnable;
  readonly shape: Shape;
  readonly example: readonly Image[];
  readonly heldOut: HeldOut;
}

class DrawFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #inputs: DrawInputs;
  readonly #board = new DrawingBoard(() => void this.#update());
  readonly #grid = new ImageGrid("The batch", MOST);
  readonly #status = statusLine();
  #images: Image[] = [];
  #nextIndex = 0;
  #isRunning = false;
  #isStale = false;

  constructor(stage: HTMLElement, lesson: Lesson, inputs: DrawInputs) {
    this.#lesson = lesson;
    this.#inputs = inputs;
    const next = button("Next digit", () => this.#addDrawing());
    next.classList.add("filled");
    const row = document.createElement("div");
    row.className = "drawing-and-batch";
    row.append(this.#board.element, this.#grid.element);
    stage.append(
      controls(
        next,
        button("Clear the board", () => this.#clear()),
        button("A held-out digit", () => this.#add(this.#nextHeldOut())),
        button("Empty the batch", () => this.#empty()),
      ),
      row,
      this.#status,
    );
  }

  /** The batch starts with the bundle's example. */
  async reset() {
    this.#images = [...this.#inputs.example];
    this.#nextIndex = this.#images.length;
    this.#board.clear();
    await this.#update();
  }

  /** The next held-out image; the first ones are the example. */
  #nextHeldOut(): Image | undefined {
    const { images } = this.#inputs.heldOut;
    return images[this.#nextIndex++ % images.length];
  }

  get #drawing(): Image | undefined {
    const { rows, columns } = this.#inputs.shape;
    const { strokes } = this.#board;
    return strokes.length > 0 ? imageOf(strokes, rows, columns) : undefined;
  }

  #addDrawing() {
    this.#add(this.#drawing);
    this.#clear();
  }

  #add(image: Image | undefined) {
    if (!image) return;
    // The last place is for the drawing on the board.
    if (this.#images.length >= MOST - 1) this.#images.shift();
    this.#images.push(image);
    void this.#update();
  }

  #clear() {
    this.#board.clear();
    void this.#update();
  }

  #empty() {
    this.#images = [];
    this.#clear();
  }

  /** Runs the batch. Changes during a run start one more run after it. */
  async #update() {
    if (this.#isRunning) {
      this.#isStale = true;
      return;
    }
    this.#isRunning = true;
    do {
      this.#isStale = false;
      const drawing = this.#drawing;
      await this.#run(drawing ? [...this.#images, drawing] : this.#images, drawing !== undefined);
    } while (this.#isStale);
    this.#isRunning = false;
  }

  async #run(images: readonly Image[], hasDrawing: boolean) {
    const { runnable, shape } = this.#inputs;
    if (images.length === 0) {
      this.#grid.show([], "The batch is empty.");
      this.#status.textContent = "The batch is empty. Draw a digit.";
      return;
    }
    const output = onlyOutput(await runnable.run({ [shape.name]: batchOf(images, shape) }));
    const predictions = predictionsOf(output);
    this.#grid.show(
      images.map((image, at) => ({
        image,
        label: labelOf(predictions[at]),
        ...(hasDrawing && at === images.length - 1 ? { mark: "drawing" as const } : {}),
      })),
      `A batch of ${images.length}: read as ${predictions.map(({ digit }) => digit).join(", ")}.`,
    );
    const facts = `${images.length},1,${shape.rows},${shape.columns} → ${output.shape.join(",")}`;
    this.#status.textContent = `${facts}: read as ${predictions.map(({ digit }) => digit).join(", ")}`;
    const from = "figure: the batch";
    this.#lesson.showNumber("batch", images.length, from);
    this.#lesson.showNumber("batch.output", output.shape.join(","), from);
  }
}

const labelOf = (reading: Prediction | undefined): string =>
  reading ? `${reading.digit} ${Math.round(reading.probability * 100)} %` : "";
