import { startShell } from "nnef-pulse/look";
import { keepOffline } from "../offline.js";

startShell();

/** The bar knows the way: these pages lie at different depths. */
const root = document.querySelector<HTMLAnchorElement>(".bar-name")?.href;
// After what the page is there for: it fetches.
if (root) addEventListener("load", () => void keepOffline(root), { once: true });
