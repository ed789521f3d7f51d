import { command } from "../graph/command.mjs";
import { fingerprint } from "../graph/fingerprint.mjs";
import { root } from "../paths.mjs";
import { requirePython } from "./python.mjs";

/** Where the exporter lies, with its data files. */
export const exporter = "exporter/nnef_pulse";

const script = `${exporter}/recipes/code_key.py`;

/** Keys by what they were computed from: starting Python takes a second. @type {Map<string, Promise<Record<string, string>>>} */
const computed = new Map();

/**
 * Keys of the exporter's code that results are made by: they change with what it does, not with its
 * comments and docstrings.
 * @param {Record<string, readonly string[]>} starts by the key's name, where the code starts, as
 * the script says
 * @returns {Promise<Record<string, string>>}
 */
export async function codeKeys(starts) {
  const request = JSON.stringify(starts);
  const scripts = Object.values(starts)
    .flat()
    .filter((start) => start.endsWith(".py"));
  const state = await fingerprint(root, [exporter, ...scripts], [request]);
  const keys = computed.get(state) ?? compute(request);
  computed.set(state, keys);
  return keys;
}

/** @param {string} request @returns {Promise<Record<string, string>>} */
async function compute(request) {
  const { program, args } = await requirePython();
  return JSON.parse(await command(program, [...args, "-I", script, request]));
}
