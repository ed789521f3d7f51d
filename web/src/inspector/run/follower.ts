import type { Profile, TraceNode } from "tract-wasm";
import type { ModelView } from "../../model/view.js";
import type { Live } from "./live.js";
import { type AxisOf, type Made, Sight } from "./values/sight.js";

/** What a follower is made with. */
export interface Followed {
  readonly view: ModelView;
  readonly live: Live;
  readonly makes: (node: TraceNode) => readonly Made[];
  readonly axisOf: AxisOf;
  readonly profile: () => Promise<Profile>;
}

/**
 * Follows a stream that runs elsewhere in the page. Nothing is run here: each value is what the
 * stream's own plan gave, from the state that answers. That plan is optimised, so that a wire inside
 * what was fused has no value.
 */
export class Follower {
  readonly kind = "follows";
  readonly #followed: Followed;
  #sight: Sight;
  #told: () => void = () => {};

  constructor(followed: Followed) {
    this.#followed = followed;
    this.#sight = new Sight(followed.axisOf, false);
  }

  get view(): ModelView {
    return this.#followed.view;
  }
  get input(): string {
    return this.#followed.live.name;
  }
  get sight(): Sight {
    return this.#sight;
  }
  /** Pulses seen. */
  get at(): number {
    return this.#sight.at;
  }

  /** @param told hears of each pulse */
  follow(told: () => void) {
    const { source } = this.#followed.live;
    this.#told = told;
    source.addEventListener("values", this.#hear);
    source.watchValues(true);
  }

  /** Stops looking; the stream goes on. */
  rest() {
    const { source } = this.#followed.live;
    source.removeEventListener("values", this.#hear);
    source.watchValues(false);
  }

  /** Empties what the model remembers, and what was seen. */
  reset() {
    this.#followed.live.source.reset();
    this.#sight = new Sight(this.#followed.axisOf, false);
  }

  profile(): Promise<Profile> {
    return this.#followed.profile();
  }

  dispose() {
    this.rest();
    this.#followed.live.close();
  }

  readonly #hear = (event: Event) => {
    // A trace's nodes, as the session passes them on.
    const { nodes } = (event as CustomEvent<{ nodes: readonly TraceNode[] }>).detail;
    this.#sight.take(nodes, this.#followed.makes);
    this.#told();
  };
}
