import { OPS } from "../nnef/ops.js";
import { childrenOf, type Expression, type Fragment, type Invocation } from "../nnef/syntax.js";

/** The fragments of a text, and properties of ops that depend on them. */
export class Fragments {
  readonly #byName: ReadonlyMap<string, Fragment>;
  readonly #recurrent = new Map<string, boolean>();

  constructor(fragments: readonly Fragment[]) {
    this.#byName = new Map(fragments.map((each) => [each.name.name, each]));
  }

  /** Undefined if there is no such fragment, or it has no body. */
  get(name: string): Fragment | undefined {
    const found = this.#byName.get(name);
    return found?.body ? found : undefined;
  }

  /** The fragment that a call runs, directly or as the body of a scan. */
  runBy(call: Invocation): string | undefined {
    const body = call.args.find((each) => each.name?.name === "body")?.value;
    const name = body?.kind === "string" ? body.value : call.op.name;
    return this.get(name) ? name : undefined;
  }

  /** Names of an op's positional parameters. */
  parameters(op: string): readonly string[] {
    const own = this.#byName.get(op);
    return own ? own.parameters.map((each) => each.name.name) : (OPS.get(op)?.params ?? []);
  }

  /** Whether an operation in a fragment's body keeps a state. */
  recurrent(name: string): boolean {
    const known = this.#recurrent.get(name);
    if (known !== undefined) return known;
    // Set before the search, which then ends for fragments that call each other recursively.
    this.#recurrent.set(name, false);
    const keeps = (expression: Expression): boolean =>
      (expression.kind === "call" &&
        (OPS.get(expression.op.name)?.keeps !== undefined || this.recurrent(expression.op.name))) ||
      childrenOf(expression).some(keeps);
    const found = (this.get(name)?.body ?? []).some((each) => keeps(each.value));
    this.#recurrent.set(name, found);
    return found;
  }
}
