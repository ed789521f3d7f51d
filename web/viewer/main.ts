import "nnef-pulse/elements";
import { startShell } from "nnef-pulse/look";
import { keepOffline } from "../site/offline.js";

startShell();
addEventListener("load", () => void keepOffline("./"), { once: true });
