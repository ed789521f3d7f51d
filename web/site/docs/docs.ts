import { startShell } from "nnef-pulse/look";
import { wireSearch } from "./search.ts";

startShell();
for (const block of document.querySelectorAll("pre")) block.tabIndex = 0;
const input = document.querySelector<HTMLInputElement>("#search");
if (input) wireSearch(input);
