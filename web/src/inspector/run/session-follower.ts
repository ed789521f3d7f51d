import type { Profile, TraceNode } from "tract-wasm";
import type { ModelView } from "../../model/view.js";
import type { LiveSession } from "./live-session.js";
import { type AxisOf, RunView, type WireOutput } from "./values/run-view.js";

/** Configuration of a `SessionFollower`. */
export interface FollowerConfig {
  readonly view: ModelView;
  readonly live: LiveSession;
  readonly makes: (node: TraceNode) => readonly WireOutput[];
  readonly axisOf: AxisOf;
  readonly profile: () => Promise<Profile>;
}

/**
 * Shows the values of a session that runs elsewhere in the page; runs nothing itself. The session's plan
 * is optimised, so a wire inside a fused node has no value.
 */
export class SessionFollower {
  readonly kind = "follows";
  readonly #config: FollowerConfig;
  #runView: RunView;
  #onPulse: () => void = () => {};

  constructor(config: FollowerConfig) {
    this.#config = config;
    this.#runView = new RunView(config.axisOf, false);
  }

  get view(): ModelView {
    return this.#config.view;
  }
  get input(): string {
    return this.#config.live.name;
  }
  get runView(): RunView {
    return this.#runView;
  }
  /** Pulses received. */
  get at(): number {
    return this.#runView.at;
  }

  /** @param onPulse called after each pulse */
  start(onPulse: () => void) {
    const { source } = this.#config.live;
    this.#onPulse = onPulse;
    source.addEventListener("values", this.#onValues);
    source.watchValues(true);
  }

  /** Stops receiving values; the session continues. */
  stop() {
    const { source } = this.#config.live;
    source.removeEventListener("values", this.#onValues);
    source.watchValues(false);
  }

  /** Resets the session's state and the values shown. */
  reset() {
    this.#config.live.source.reset();
    this.#runView = new RunView(this.#config.axisOf, false);
  }

  profile(): Promise<Profile> {
    return this.#config.profile();
  }

  dispose() {
    this.stop();
    this.#config.live.close();
  }

  readonly #onValues = (event: Event) => {
    // The session passes on the nodes of a trace.
    const { nodes } = (event as CustomEvent<{ nodes: readonly TraceNode[] }>).detail;
    this.#runView.addPulse(nodes, this.#config.makes);
    this.#onPulse();
  };
}
