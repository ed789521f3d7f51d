import { cacheDir } from "../places.mjs";
import { cache, runCommand } from "../set-up.mjs";

await runCommand(async () => {
  await cache.clear();
  console.log(`Emptied ${cacheDir}`);
  return 0;
});
