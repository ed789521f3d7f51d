/** Long enough for a browser to start the download. */
const RELEASE_MS = 10_000;

/** Downloads a file under a name. */
export function saveAs(file: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), RELEASE_MS);
}
