import { cacheDir } from "../paths.mjs";
import { cache, runCommand } from "../set-up.mjs";

await runCommand(async () => {
  await cache.clear();
  console.log(`Emptied ${cacheDir}`);
  return 0;
});
