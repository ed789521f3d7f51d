import { makeOtherBundles } from "./other-bundles.mjs";
import { runCommand, setUp } from "./set-up.mjs";

await runCommand(async () => {
  await setUp(["site", "recipes"]);
  const makeBundles = await makeOtherBundles();
  return (await makeBundles()) ? 0 : 1;
});
