import { startShell } from "nnef-pulse/look";
import { showThumbnails } from "./thumbnails.ts";

startShell();
showThumbnails("../sample/");
