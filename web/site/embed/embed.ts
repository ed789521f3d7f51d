import { startShell } from "nnef-pulse/look";

startShell();

// The line to copy names this very site.
const code = document.getElementById("frame-code");
const address = new URL("./vad.html?origin=https://your.site", document.baseURI);
if (code) {
  code.textContent = `<iframe width="100%" height="230" allow="microphone"
  title="Speech detection"
  src="${address.href}">
</iframe>`;
}
for (const block of document.querySelectorAll("pre")) block.tabIndex = 0;
