import { yieldToMain } from "../base/yield-to-main.js";
import type { Archive, TensorEntry } from "../formats/archive.js";
import { parseNnef } from "../nnef/parse.js";
import type { NnefDocument } from "../nnef/syntax.js";
import { type EngineNode, type Facts, factsOfEngine, factsOfText } from "./facts.js";
import { Scopes } from "./scope.js";

/** A model as the inspector shows it. */
export interface ModelView {
  /** Title: that of a bundle, or a file name. */
  readonly title: string;
  readonly text: string;
  readonly document: NnefDocument;
  readonly scopes: Scopes;
  /** Facts by wire; those of the text until the engine has loaded the model. */
  readonly facts: Facts;
  /** The engine's nodes; empty until the engine has loaded the model. */
  readonly engine: readonly EngineNode[];
  readonly archive: Archive;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

/**
 * Reads an archive's text; yields to the main thread between steps.
 *
 * @throws InspectError `syntax`, `limit`
 */
export async function viewOf(archive: Archive, title: string): Promise<ModelView> {
  const document = parseNnef(archive.text);
  await yieldToMain();
  const scopes = new Scopes(archive.text, document);
  await yieldToMain();
  return {
    title,
    text: archive.text,
    document,
    scopes,
    facts: factsOfText(scopes.graph),
    engine: [],
    archive,
    tensors: new Map(archive.tensors().map((each) => [each.label, each])),
  };
}

/** Adds the engine's nodes and facts to a model. */
export const withEngine = (view: ModelView, engine: readonly EngineNode[]): ModelView => ({
  ...view,
  engine,
  facts: factsOfEngine(view.scopes.graph, engine),
});
