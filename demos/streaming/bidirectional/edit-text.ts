/** A line that runs a recurrence forwards: its results, and its call up to the pace. */
const FORWARDS = /^( *)(\w+), (\w+) = (.*, )scan_pace = 1\);$/m;
/** The same after the engine has written it: one result, the pace inside. */
const WRITTEN = /^( *)(\w+) = (tract_core_scan\(.*\));$/m;

/** A changed text, and the lines that are new in it. */
export interface Edited {
  readonly text: string;
  readonly lines: readonly string[];
}

/**
 * The whole model with its recurrence run both ways and the two added: a bidirectional layer, whose
 * second half reads the strip from its end, with the weights of the first.
 *
 * @throws Error where nothing recurrent runs forwards
 */
export function bidirectional(text: string): Edited {
  const [line, indent = "", output = "", last = "", call = ""] = found(FORWARDS, text);
  return replaced(text, line, indent, [
    `${output}_ahead, ${last} = ${call}scan_pace = 1);`,
    `${output}_back, ${last}_back = ${call}scan_pace = -1);`,
    `${output} = ${output}_ahead + ${output}_back;`,
  ]);
}

/**
 * The same change made to the pulsed text by hand, where nothing checks it: each pulse is read from
 * its own end.
 *
 * @throws Error where nothing recurrent runs forwards
 */
export function bidirectionalByHand(text: string): Edited {
  const [line, indent = "", output = "", call = ""] = found(WRITTEN, text);
  return replaced(text, line, indent, [
    `${output}_ahead = ${call};`,
    `${output}_back = ${call.replaceAll(", 0, 1)", ", 0, -1)")};`,
    `${output} = ${output}_ahead + ${output}_back;`,
  ]);
}

function found(pattern: RegExp, text: string): RegExpExecArray {
  const match = pattern.exec(text);
  if (!match) throw new Error("this model has no recurrence that runs forwards");
  return match;
}

const replaced = (
  text: string,
  line: string,
  indent: string,
  lines: readonly string[],
): Edited => ({
  text: text.replace(line, () => lines.map((each) => `${indent}${each}`).join("\n")),
  lines,
});
