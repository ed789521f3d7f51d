import { makeOtherBundles } from "../other-bundles.mjs";
import { runCommand, setUp } from "../set-up.mjs";

await runCommand(async () => {
  await setUp(["site", "recipes"]);
  const makeBundles = await makeOtherBundles();
  const failed = await makeBundles();
  return failed.length === 0 ? 0 : 1;
});
