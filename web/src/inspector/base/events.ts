/** Events between parts of the inspector. A name is that of a wire, or `fragment/wire` inside a fragment. */
export interface InspectorEvents {
  /** The selection; undefined clears it. */
  "nnef-select": { readonly name: string | undefined };
  "nnef-hover": { readonly name: string | undefined };
  "nnef-symbol": { readonly symbol: string | undefined };
}

export function emit<Kind extends keyof InspectorEvents>(
  from: HTMLElement,
  kind: Kind,
  detail: InspectorEvents[Kind],
) {
  from.dispatchEvent(new CustomEvent(kind, { detail, bubbles: true, composed: true }));
}
