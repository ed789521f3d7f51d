import { startShell } from "nnef-pulse/look";
import "nnef-pulse-demos/streaming";

startShell();
