/**
 * @param {readonly import("./run.mjs").Suite[]} suites
 * @param {readonly string[]} names none for all of them
 */
export function chooseSuites(suites, names) {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    const known = suites.map(({ name }) => name).join(", ");
    throw new Error(`there is no suite "${unknown}"; there are ${known}`);
  }
  return names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name));
}
