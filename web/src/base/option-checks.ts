import { OptionError } from "./errors.js";

/** @throws OptionError unless `value` is an integer of at least `min` */
export function wholeNumber(name: string, value: unknown, min: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min) return value;
  throw invalidOption(name, value, `an integer of at least ${min}`);
}

export function unknownOption(name: string, known: readonly string[]): OptionError {
  return new OptionError(
    `Unknown option "${name}". Known options: ${known.join(", ")}.`,
    "option-unknown",
    name,
  );
}

export function invalidOption(name: string, value: unknown, wanted: string): OptionError {
  return new OptionError(
    `Option ${name} is ${shown(value)}; it must be ${wanted}.`,
    "option-invalid",
    name,
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
