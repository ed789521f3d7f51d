import satisfies from "spdx-satisfies";

/** What we ship may carry these, by SPDX identifier; each with what it asks. */
export const shipped = {
  "0BSD": "nothing",
  "Apache-2.0": "its text and notices beside the copy",
  "Apache-2.0 WITH LLVM-exception": "nothing of what is compiled",
  "BSD-2-Clause": "its text and the copyright beside the copy",
  "BSD-3-Clause": "its text and the copyright beside the copy; nobody's name as praise",
  "BlueOak-1.0.0": "its text, or a link to it",
  MIT: "its text and the copyright beside the copy",
  "MPL-2.0": "its text, and where its own files' source is; the rest stays as it is",
  "OFL-1.1": "its text and the copyright beside the fonts, which keep their names",
  "Python-2.0.1": "its text and the copyright beside the copy",
  Zlib: "that nobody claims to have written it",
  blessing: "nothing",
  "bzip2-1.0.6": "that nobody claims to have written it",
};

/** What only helps to build, train or test, and is fetched from its own makers, may carry these besides. */
export const tools = {
  "BSL-1.0": "its text beside sources",
  "CC-BY-3.0": "its author's name beside the copy; SPDX's lists of names",
  "CC0-1.0": "nothing",
  "CNRI-Python": "its text beside the copy",
  "GPL-3.0-or-later":
    "source beside copies; espeak-ng speaks in tests and recipes, none is shipped",
  ISC: "its text beside the copy",
  "LicenseRef-NVIDIA-Proprietary": "no copies of ours; PyTorch for Linux fetches CUDA with it",
  "MIT-CMU": "its text beside the copy",
  "PSF-2.0": "its text beside the copy",
  "Python-2.0": "its text beside the copy",
  "Unicode-3.0": "its text beside the copy",
  Unlicense: "nothing",
};

/**
 * Whether terms can be met under the licences accepted: of a choice one is enough, of several that
 * hold at once all must be.
 *
 * @param {string} expression of SPDX
 * @param {readonly string[]} accepted identifiers
 */
export function isAccepted(expression, accepted) {
  try {
    return satisfies(expression, [...accepted]);
  } catch {
    return false; // no SPDX expression
  }
}
