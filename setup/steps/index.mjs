import { testBrowser, testBrowsers } from "./browsers.mjs";
import { bundle, firstBundle, recipes } from "./bundles.mjs";
import { engine } from "./engine.mjs";
import { nodePackages } from "./node-packages.mjs";
import { notices } from "./notices.mjs";
import { declarations, facade, library } from "./packages.mjs";
import { pythonEnvironment } from "./python.mjs";
import { ruffEnvironment } from "./ruff.mjs";
import { rustTarget } from "./rust-target.mjs";
import { sample, site, viewer } from "./site.mjs";

/**
 * Every step of set-up, but the bundles made behind the running server.
 * @param {import("../graph/cache.mjs").Cache} cache @returns {import("../graph/graph.mjs").Step[]}
 */
export const allSteps = (cache) => [
  nodePackages(),
  ruffEnvironment(),
  pythonEnvironment(cache),
  rustTarget(),
  engine(),
  notices(),
  declarations(),
  facade(),
  recipes(),
  bundle(firstBundle),
  library(),
  sample(),
  site(),
  viewer(),
  testBrowser(),
  testBrowsers(),
];
