/** What lit's browser build does at import that a server cannot, and what does the same on both. */
const replacements = [
  {
    file: /@lit\/reactive-element\/reactive-element\.js$/,
    from: /extends HTMLElement\b/,
    to: "extends(globalThis.HTMLElement??class{})",
  },
  {
    file: /lit-html\/lit-html\.js$/,
    from: /=document,/,
    to: "=globalThis.document??{createTreeWalker:()=>({})},",
  },
];

/**
 * Lets elements be imported on a server, where there is no document. lit's own build for Node would
 * define `customElements` there for every library that asks whether it is in a browser.
 */
export function importableOnServer() {
  return {
    name: "importable-on-server",
    transform(code, id) {
      const found = replacements.find(({ file }) => file.test(id.replaceAll("\\", "/")));
      if (!found) return null;
      if (!found.from.test(code)) throw new Error(`${id} no longer has ${found.from}`);
      return { code: code.replace(found.from, found.to), map: null };
    },
  };
}
