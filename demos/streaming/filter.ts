import { type Tensor, tensor } from "tract-wasm";
import type { RemoteModel, RemoteRunnable, RemoteTract } from "tract-wasm/worker";
import { onlyOutput } from "../kit/page/engine.ts";
import { archiveOf } from "./tar.ts";

/** A convolution in NNEF. It reads zeros before its first number, so it has as many outputs as inputs. */
const graphOf = (weights: readonly number[]): string => `version 1.0;

extension tract_registry tract_core;
extension tract_symbol S;

graph network(signal) -> (output) {
  signal = tract_core_external(shape = [1, 1, S], datum_type = "F32");
  weights = [[[${weights.map((weight) => weight.toFixed(6)).join(", ")}]]];
  output = conv(signal, weights, 0.0, dilation = [1], stride = [1], border = "constant", groups = 1, padding = [(${weights.length - 1}, 0)]);
}
`;

/** Outputs of a pulsed filter, and its delay buffer after the first pulse. */
export interface PulsedRun {
  readonly outputs: readonly number[];
  readonly buffer: readonly number[];
}

/** A filter with a stride of 1, run by the engine. */
export class Filter {
  readonly #model: RemoteModel;
  readonly #runnable: RemoteRunnable;

  private constructor(model: RemoteModel, runnable: RemoteRunnable) {
    this.#model = model;
    this.#runnable = runnable;
  }

  /** @throws TractError */
  static async load(tract: RemoteTract, weights: readonly number[]): Promise<Filter> {
    const model = await tract.load(archiveOf(graphOf(weights)));
    return new Filter(model, await model.prepare());
  }

  /** One run without a state. @throws TractError */
  async run(numbers: readonly number[]): Promise<readonly number[]> {
    return numbersOf(onlyOutput(await this.#runnable.run(inputsOf(numbers))));
  }

  /** One pulse after the other, by the engine's pulsed model. @throws TractError */
  async runPulsed(numbers: readonly number[], pulse: number): Promise<PulsedRun> {
    const model = await this.#model.pulse("S", pulse);
    const runnable = await model.prepare({ optimize: false });
    const state = await runnable.spawnState();
    const outputs: number[] = [];
    let buffer: readonly number[] = [];
    for (let from = 0; from < numbers.length; from += pulse) {
      const inputs = inputsOf(numbers.slice(from, from + pulse));
      const trace = await state.trace(inputs, { timing: false });
      outputs.push(...numbersOf(onlyOutput(trace.outputs)));
      const [kept] = trace.nodes.flatMap((node) =>
        node.state?.kind === "delay" && node.state.buffer ? [node.state.buffer] : [],
      );
      if (from === 0 && kept) buffer = numbersOf(kept);
    }
    state.dispose();
    runnable.dispose();
    model.dispose();
    return { outputs, buffer };
  }

  dispose() {
    this.#runnable.dispose();
    this.#model.dispose();
  }
}

const inputsOf = (numbers: readonly number[]): Record<string, Tensor> => ({
  signal: tensor(Float32Array.from(numbers), [1, 1, numbers.length]),
});

const numbersOf = ({ data }: Tensor): readonly number[] => [...(data as Float32Array)];
