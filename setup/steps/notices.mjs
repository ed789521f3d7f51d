import { mkdir, writeFile } from "node:fs/promises";
import { inRoot } from "../paths.mjs";
import { toolchain } from "./rust-target.mjs";

const outcome = "wasm/dist/THIRD-PARTY.txt";

/**
 * Whose software the engine is made of, and under which terms: of the package `tract-wasm`, and of
 * everything that carries the engine.
 * @returns {import("../graph/graph.mjs").Step}
 */
export const notices = () => ({
  name: "notices",
  title: "Listing the licences of what the engine is made of",
  needs: ["node-packages", "engine"],
  inputs: ["wasm/Cargo.toml", "wasm/Cargo.lock", "web/build/notices"],
  facts: async () => {
    const { web } = await toolchain();
    return [web.version, String(web.buildsStd)];
  },
  outputs: [outcome],
  run: async ({ command }) => {
    // npm's packages are there by now.
    const { crateSections } = await import("../../web/build/notices/crates.mjs");
    const { thirdPartyList } = await import("../../web/build/notices/document.mjs");
    const sections = await crateSections(command);
    await mkdir(inRoot("wasm", "dist"), { recursive: true });
    await writeFile(inRoot(outcome), thirdPartyList("tract-wasm", sections));
  },
});
