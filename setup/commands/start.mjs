import { makeOtherBundles } from "../other-bundles.mjs";
import { readPort } from "../serve/port.mjs";
import { runCommand, setUp } from "../set-up.mjs";

await runCommand(async () => {
  const port = readPort(process.env.PORT);
  await setUp(["site", "recipes"]);
  const makeBundles = await makeOtherBundles();
  const { listen } = await import("../serve/listen.mjs"); // npm's packages are there by now
  const { address } = await listen(port);
  console.log(`\nThe site is at ${address} (Ctrl-C ends it)\n`);
  await makeBundles();
  return undefined;
});
