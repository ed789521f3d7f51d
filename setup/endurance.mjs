// npm run endurance: an hour of sound as a file and ten minutes in real time, in every browser there is.
import { relative } from "node:path";
import { attempt } from "./graph/command.mjs";
import { inRoot, root } from "./places.mjs";
import { runCommand, setUp } from "./set-up.mjs";

await runCommand(async () => {
  await setUp(["site", "other-browsers"]);
  const config = "tests/browsers/endurance/endurance.config.ts";
  const options = process.argv.slice(2);
  const { code } = await attempt("npx", ["playwright", "test", "-c", config, ...options], {
    log: process.stdout,
  });
  console.log(`The figures lie in ${relative(root, inRoot(".build", "endurance"))}`);
  return code === 0 ? 0 : 1;
});
