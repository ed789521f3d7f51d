import satisfies from "spdx-satisfies";

/** What we ship may carry these, by SPDX identifier; each with its conditions. */
export const shipped = {
  "0BSD": "nothing",
  "Apache-2.0": "its text and notices beside the copy",
  "Apache-2.0 WITH LLVM-exception": "nothing of what is compiled",
  "BSD-2-Clause": "its text and the copyright beside the copy",
  "BSD-3-Clause": "its text and the copyright beside the copy; no endorsement by name",
  "BlueOak-1.0.0": "its text, or a link to it",
  MIT: "its text and the copyright beside the copy",
  "MPL-2.0": "its text, and where the source of its own files is",
  "OFL-1.1": "its text and the copyright beside the fonts, which keep their names",
  "Python-2.0.1": "its text and the copyright beside the copy",
  Zlib: "no claim to have written it",
  blessing: "nothing",
  "bzip2-1.0.6": "no claim to have written it",
};

/**
 * Whether an SPDX expression can be met: one licence of a choice must be accepted, and all of those
 * that hold together.
 * @param {string} expression
 */
export function isAccepted(expression) {
  try {
    return satisfies(expression, Object.keys(shipped));
  } catch {
    return false; // not an SPDX expression
  }
}
