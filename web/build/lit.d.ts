/** What elements inherit from lit, whose code is inside the package: its types need no other package. */
export type PropertyValues<T = unknown> = ReadonlyMap<PropertyKey | keyof T, unknown>;
export type TemplateResult<T = unknown> = {
  readonly strings: TemplateStringsArray;
  readonly _$litType$?: T;
};
export type CSSResult = { readonly cssText: string };
export declare const nothing: unique symbol;

export interface ReactiveController {
  hostConnected?(): void;
  hostDisconnected?(): void;
}

export interface ReactiveControllerHost {
  addController(controller: ReactiveController): void;
  removeController(controller: ReactiveController): void;
  requestUpdate(): void;
  readonly updateComplete: Promise<boolean>;
}

export declare class LitElement extends HTMLElement implements ReactiveControllerHost {
  readonly updateComplete: Promise<boolean>;
  addController(controller: ReactiveController): void;
  removeController(controller: ReactiveController): void;
  requestUpdate(name?: PropertyKey, oldValue?: unknown): void;
  connectedCallback(): void;
  disconnectedCallback(): void;
  attributeChangedCallback(name: string, before: string | null, after: string | null): void;
  protected createRenderRoot(): HTMLElement | DocumentFragment;
  protected scheduleUpdate(): unknown;
  protected willUpdate(changed: PropertyValues<this>): void;
  protected firstUpdated(changed: PropertyValues<this>): void;
  protected updated(changed: PropertyValues<this>): void;
  protected render(): unknown;
}
