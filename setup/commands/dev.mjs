// The site's sources, reloading as they change; the library is rebuilt when its own do.
import { watch } from "node:fs";
import { explain } from "../graph/console.mjs";
import { inRoot } from "../paths.mjs";
import { readPort } from "../serve/port.mjs";
import { runCommand, setUp } from "../set-up.mjs";

/** Made by set-up, not by Vite. */
const made = /^\/(bundles|sample|tutorial)\//;

await runCommand(async () => {
  const port = readPort(process.env.PORT);
  await setUp(["library", "sample"]);
  const { createServer } = await import("vite"); // npm's packages are there by now
  const { handler } = await import("../serve/listen.mjs");
  const server = await createServer({
    root: inRoot("web", "site"),
    server: { port },
    plugins: [
      {
        name: "made-data",
        configureServer({ middlewares }) {
          middlewares.use((request, response, next) => {
            if (made.test(request.url ?? "")) handler(request, response);
            else next();
          });
        },
      },
    ],
  });
  await server.listen();
  server.printUrls();
  rebuildOnChange();
  return undefined;
});

function rebuildOnChange() {
  /** @type {NodeJS.Timeout | undefined} */
  let soon;
  let running = Promise.resolve();
  const rebuild = () => {
    running = running
      .then(() => setUp(["library"]))
      .catch((error) => console.error(explain(error)));
  };
  for (const folder of ["web/src", "wasm/js", "wasm/src"]) {
    watch(inRoot(folder), { recursive: true }, () => {
      clearTimeout(soon);
      soon = setTimeout(rebuild, 200); // editors write a file in several steps
    });
  }
}
