/** A button of a figure's controls. */
export function button(text: string, press: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button";
  element.textContent = text;
  element.addEventListener("click", press);
  return element;
}

/** A row of controls over a figure. */
export function controls(...parts: readonly (Element | string)[]): HTMLElement {
  const element = document.createElement("div");
  element.className = "controls";
  element.append(...parts);
  return element;
}

/** What a figure says of itself, read out when it changes. */
export function status(tag: "p" | "div" = "p"): HTMLElement {
  const element = document.createElement(tag);
  element.className = "said";
  element.role = "status";
  return element;
}
