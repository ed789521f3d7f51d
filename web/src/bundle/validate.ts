/** The subset of JSON Schema that the bundle's schema uses. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: boolean | Schema;
}

/** Where and how a value violates its schema. */
export interface Violation {
  /** Path from the value, e.g. `pulses[0].delay`; empty for the value itself. */
  readonly field: string;
  /** Continues "<field> …": "is missing", "must be a string". */
  readonly problem: string;
}

type Keyword = Exclude<keyof Schema, "$defs">;
type Fault = string | Violation | undefined;
type Rule = (value: unknown, schema: Schema, root: Schema) => Fault;

/** A violation in `value`, or undefined if it is valid. */
export function violation(
  value: unknown,
  schema: Schema,
  root: Schema = schema,
): Violation | undefined {
  for (const keyword of Object.keys(rules) as Keyword[]) {
    if (schema[keyword] === undefined) continue;
    const fault = rules[keyword](value, schema, root);
    if (fault !== undefined)
      return typeof fault === "string" ? { field: "", problem: fault } : fault;
  }
  return undefined;
}

/** Keywords that `violation` supports; a schema may use no others. */
export function keywords(): readonly string[] {
  return [...Object.keys(rules), "$defs"];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeOf(value) === "object";

/** Checked in this order: the type before its contents. */
const rules: Readonly<Record<Keyword, Rule>> = {
  $ref: (value, { $ref }, root) => {
    const target = root.$defs?.[($ref as string).replace("#/$defs/", "")];
    if (target === undefined) throw new TypeError(`The schema has no ${$ref}.`);
    return violation(value, target, root);
  },
  type: (value, { type }) => {
    const found = typeOf(value);
    const fits = found === type || (type === "number" && found === "integer");
    return fits ? undefined : `must be ${article(type as string)}, not ${found}`;
  },
  const: (value, schema) =>
    value === schema.const ? undefined : `must be ${JSON.stringify(schema.const)}`,
  enum: (value, schema) =>
    schema.enum?.includes(value)
      ? undefined
      : `must be one of ${schema.enum?.map((one) => JSON.stringify(one)).join(", ")}`,
  oneOf: (value, { oneOf = [] }, root) => {
    const faults = oneOf.map((option) => violation(value, option, root));
    const fitting = faults.filter((fault) => fault === undefined).length;
    if (fitting === 1) return undefined;
    if (fitting > 1) return "fits more than one of its forms";
    return closest(value, oneOf, faults, root);
  },
  not: (value, { not }, root) =>
    not !== undefined && violation(value, not, root) === undefined
      ? `may not be ${JSON.stringify(value)}`
      : undefined,
  pattern: (value, { pattern }) =>
    typeof value !== "string" || new RegExp(pattern as string, "u").test(value)
      ? undefined
      : `must match ${pattern}`,
  minLength: (value, { minLength = 0 }) =>
    typeof value !== "string" || [...value].length >= minLength
      ? undefined
      : `must have at least ${minLength} characters`,
  maxLength: (value, { maxLength = 0 }) =>
    typeof value !== "string" || [...value].length <= maxLength
      ? undefined
      : `must have at most ${maxLength} characters`,
  minimum: (value, { minimum = 0 }) =>
    typeof value !== "number" || value >= minimum ? undefined : `must be at least ${minimum}`,
  maximum: (value, { maximum = 0 }) =>
    typeof value !== "number" || value <= maximum ? undefined : `must be at most ${maximum}`,
  exclusiveMinimum: (value, { exclusiveMinimum = 0 }) =>
    typeof value !== "number" || value > exclusiveMinimum
      ? undefined
      : `must be above ${exclusiveMinimum}`,
  minItems: (value, { minItems = 0 }) =>
    !Array.isArray(value) || value.length >= minItems
      ? undefined
      : `must have at least ${minItems} entries`,
  uniqueItems: (value) =>
    !Array.isArray(value) || new Set(value.map((one) => JSON.stringify(one))).size === value.length
      ? undefined
      : "must not repeat an entry",
  items: (value, { items }, root) =>
    Array.isArray(value) && items !== undefined
      ? first(value, (one, index) => within(`[${index}]`, violation(one, items, root)))
      : undefined,
  required: (value, { required = [] }) =>
    isObject(value)
      ? first(required, (name) =>
          Object.hasOwn(value, name) ? undefined : { field: name, problem: "is missing" },
        )
      : undefined,
  properties: (value, { properties = {} }, root) =>
    members(value, (name, inner) => {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return own && violation(inner, own, root);
    }),
  propertyNames: (value, { propertyNames }, root) =>
    members(value, (name) => {
      const fault = propertyNames && violation(name, propertyNames, root);
      return fault && { field: "", problem: `is not a name that fits: it ${fault.problem}` };
    }),
  additionalProperties: (value, { properties = {}, additionalProperties }, root) =>
    members(value, (name, inner) => {
      if (Object.hasOwn(properties, name) || additionalProperties === true) return undefined;
      if (typeof additionalProperties === "object")
        return violation(inner, additionalProperties, root);
      return { field: "", problem: "is not known" };
    }),
};

function members(
  value: unknown,
  fault: (name: string, inner: unknown) => Violation | undefined,
): Fault {
  if (!isObject(value)) return undefined;
  return first(Object.entries(value), ([name, inner]) => within(name, fault(name, inner)));
}

/** The violation of the alternative that shares most property names with the value. */
function closest(
  value: unknown,
  forms: readonly Schema[],
  faults: readonly (Violation | undefined)[],
  root: Schema,
): Violation | undefined {
  const shared = forms.map((form) => {
    const target = form.$ref === undefined ? form : root.$defs?.[form.$ref.replace("#/$defs/", "")];
    return isObject(value)
      ? Object.keys(value).filter((name) => target?.properties?.[name]).length
      : 0;
  });
  return faults[shared.indexOf(Math.max(...shared))];
}

function within(step: string, fault: Violation | undefined): Violation | undefined {
  if (fault === undefined) return undefined;
  const joint = fault.field === "" || fault.field.startsWith("[") ? "" : ".";
  return { field: `${step}${joint}${fault.field}`, problem: fault.problem };
}

function first<T>(list: readonly T[], fault: (one: T, index: number) => Fault): Fault {
  for (const [index, one] of list.entries()) {
    const found = fault(one, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
