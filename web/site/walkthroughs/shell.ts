import { startShell } from "nnef-pulse/look";

startShell();
