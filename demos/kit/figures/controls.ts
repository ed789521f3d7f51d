/** A button in a figure's controls. */
export function button(text: string, onClick: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button";
  element.textContent = text;
  element.addEventListener("click", onClick);
  return element;
}

/** A row of controls above a figure. */
export function controls(...parts: readonly (Element | string)[]): HTMLElement {
  const element = document.createElement("div");
  element.className = "controls";
  element.append(...parts);
  return element;
}

/** The text result of a figure. Screen readers announce its changes. */
export function statusLine(tag: "p" | "div" = "p"): HTMLElement {
  const element = document.createElement(tag);
  element.className = "result";
  element.role = "status";
  return element;
}
