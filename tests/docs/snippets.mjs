import { readFileSync } from "node:fs";
import { inRoot } from "../../setup/paths.mjs";

/**
 * The pieces of a document that are marked to be run: `<!-- run: NAME -->` on the line above a
 * fenced block.
 *
 * @param {string} document its path in the repository
 * @returns {Record<string, string>} code by mark, such as "run: engine"
 */
export function snippetsOf(document) {
  const text = readFileSync(inRoot(document), "utf8");
  const marked = text.matchAll(/^<!-- (run: \S+) -->\n```\w+\n([\s\S]*?)^```$/gm);
  return Object.fromEntries([...marked].map(([, mark, code]) => [mark, code]));
}

/** What a snippet says it prints: the comment lines that follow its prints. @param {string} code */
export const promised = (code) =>
  [...code.matchAll(/^(?:console\.log|print)\(.*\n(?:\/\/|#) (.*)$/gm)].map(([, line]) => line);
