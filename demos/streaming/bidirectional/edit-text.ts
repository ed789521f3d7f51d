/** Assignment of a forwards recurrence in the exported text: results, and the call up to `scan_pace`. */
const FORWARDS = /^( *)(\w+), (\w+) = (.*, )scan_pace = 1\);$/m;
/** The same as the engine writes it: one result, and the pace inside the call. */
const WRITTEN = /^( *)(\w+) = (tract_core_scan\(.*\));$/m;

/** An edited text and its new lines. */
export interface Edited {
  readonly text: string;
  readonly lines: readonly string[];
}

/**
 * The whole model with its recurrence run both ways and the two added: a bidirectional layer, whose
 * second half reads the strip backwards, with the weights of the first.
 *
 * @throws Error if the text has no forwards recurrence
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
 * The same edit in the pulsed text, which nothing checks: each pulse is read backwards from its own end.
 *
 * @throws Error if the text has no forwards recurrence
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
  if (!match) throw new Error("this model has no recurrent layer that runs forwards");
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
