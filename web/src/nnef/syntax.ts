/** Range in the text: offsets from 0, `to` exclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Name extends Range {
  readonly kind: "name";
  readonly name: string;
}

export interface Invocation extends Range {
  readonly kind: "call";
  readonly op: Name;
  /** `<scalar>` of `variable<scalar>(…)`. */
  readonly generic: string | undefined;
  readonly args: readonly Argument[];
}

export interface Argument extends Range {
  readonly name: Name | undefined;
  readonly value: Expression;
}

export type Expression =
  | Name
  | Invocation
  | (Range & { readonly kind: "number"; readonly text: string })
  | (Range & { readonly kind: "string"; readonly value: string })
  | (Range & { readonly kind: "logical"; readonly value: boolean })
  | (Range & { readonly kind: "array" | "tuple"; readonly items: readonly Expression[] })
  | (Range & { readonly kind: "unary"; readonly op: string; readonly operand: Expression })
  | (Range & {
      readonly kind: "binary";
      readonly op: string;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Range & {
      readonly kind: "subscript";
      readonly of: Expression;
      readonly index: Expression | undefined;
      /** End of a range, after the colon. */
      readonly end: Expression | undefined;
      readonly isRange: boolean;
    })
  | (Range & {
      readonly kind: "conditional";
      readonly then: Expression;
      readonly condition: Expression;
      readonly otherwise: Expression;
    })
  | (Range & {
      readonly kind: "comprehension";
      readonly loops: readonly { readonly name: Name; readonly over: Expression }[];
      readonly filter: Expression | undefined;
      readonly yields: Expression;
    });

export type Target =
  | Name
  | (Range & { readonly kind: "array" | "tuple"; readonly items: readonly Target[] });

export interface Assignment extends Range {
  readonly target: Target;
  readonly value: Expression;
}

export interface Parameter extends Range {
  readonly name: Name;
  /** Source text, e.g. `tensor<scalar>`, `integer[]`. */
  readonly type: string;
  readonly fallback: Expression | undefined;
}

export interface Fragment extends Range {
  readonly name: Name;
  readonly parameters: readonly Parameter[];
  readonly results: readonly Parameter[];
  /** Undefined if there is only a declaration. */
  readonly body: readonly Assignment[] | undefined;
}

export interface Extension extends Range {
  readonly name: string;
  /** Text after the name, trimmed. */
  readonly rest: string;
}

export interface GraphDefinition extends Range {
  readonly name: Name;
  readonly inputs: readonly Name[];
  readonly outputs: readonly Name[];
  readonly body: readonly Assignment[];
}

export interface NnefDocument {
  readonly version: string;
  readonly extensions: readonly Extension[];
  readonly fragments: readonly Fragment[];
  readonly graph: GraphDefinition;
}

/** The names in an assignment target, left to right. */
export function namesOf(target: Target): Name[] {
  return target.kind === "name" ? [target] : target.items.flatMap(namesOf);
}

/** Direct subexpressions. */
export function childrenOf(expression: Expression): Expression[] {
  switch (expression.kind) {
    case "call":
      return expression.args.map((each) => each.value);
    case "array":
    case "tuple":
      return [...expression.items];
    case "unary":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "subscript":
      return [expression.of, expression.index, expression.end].filter((each) => each !== undefined);
    case "conditional":
      return [expression.then, expression.condition, expression.otherwise];
    case "comprehension":
      return [
        ...expression.loops.map((loop) => loop.over),
        ...(expression.filter ? [expression.filter] : []),
        expression.yields,
      ];
    default:
      return [];
  }
}
