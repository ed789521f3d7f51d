import { part } from "./elements.js";

/** Opens the inspector under the strip, on the model in the folder `bundle`; the stream goes on. */
export async function lookInside(bundle: string): Promise<void> {
  const section = part("inside");
  document.body.classList.add("looking");
  section.hidden = false;
  part("leave").focus();
  if (!section.querySelector("nnef-inspector")) section.append(await inspector());
  const open = section.querySelector("nnef-inspector");
  if (open && open.bundle !== bundle) open.bundle = bundle;
}

export function leaveInside(): void {
  part("inside").hidden = true;
  document.body.classList.remove("looking");
  part("look").focus();
}

/** Fetched when it is first asked for: most visitors never do. */
async function inspector() {
  await import("./inspector.js");
  const element = document.createElement("nnef-inspector");
  element.bundles = "./bundles/";
  return element;
}
