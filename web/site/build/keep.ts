import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Empties `out` before a build, except for `kept`, which the set-up put there. */
export function keep(out: string, kept: readonly string[]): Plugin {
  return {
    name: "keep",
    apply: "build",
    buildStart() {
      if (!existsSync(out)) return;
      for (const name of readdirSync(out)) {
        if (!kept.includes(name)) rmSync(join(out, name), { recursive: true });
      }
    },
  };
}
