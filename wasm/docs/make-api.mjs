// Writes docs/api.md from the doc comments of the built declarations: `node wasm/docs/make-api.mjs`.

import { readFileSync, writeFileSync } from "node:fs";

const pages = [
  ["The engine, models, runs and states", ["load", "types"]],
  ["Tensors", ["tensor"]],
  ["Errors", ["errors"]],
  ["In a worker: tract-wasm/worker", ["worker/client"]],
];

const hidden =
  /\b(DTYPES|DTYPE_BY_CODE|volume|NaturalDtype|checkTensor|PlainError|errorFrom|plainError|DtypeInfo)\b/;

/** Doc comment and declaration, for each export of a declaration file. @param {string} file */
function exported(file) {
  const text = readFileSync(new URL(`../dist/${file}.d.ts`, import.meta.url), "utf8");
  const found = text.matchAll(
    /^(?:\/\*\*\n?([\s\S]*?)\*\/\n)?(export (?:declare )?(?:function|class|interface|type|const) (\w+)[\s\S]*?)(?=^(?:\/\*\*|export|interface|type|declare|import)|(?![\s\S]))/gm,
  );
  return [...found]
    .map(([, comment = "", code = "", name = ""]) => ({ comment, code, name }))
    .filter(({ name }) => !hidden.test(name));
}

/** @param {string} comment */
const prose = (comment) =>
  comment
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .join("\n")
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .replace(/^@(\w+)/gm, "\n*$1:*")
    .trim();

const sections = pages.map(([title, files]) => {
  const parts = files.flatMap(exported).map(({ comment, code, name }) => {
    const declaration = code.replace(/^export (declare )?/, "").trim();
    return `### ${name}\n\n${prose(comment)}\n\n\`\`\`ts\n${declaration}\n\`\`\`\n`;
  });
  return `## ${title}\n\n${parts.join("\n")}`;
});

export const reference = `# API of tract-wasm\n\nMade from the doc comments by \`docs/make-api.mjs\`.\n\n${sections.join("\n")}`;

if (process.argv[1]?.endsWith("make-api.mjs")) {
  writeFileSync(new URL("./api.md", import.meta.url), reference);
}
