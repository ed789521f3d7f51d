import { yieldToMain } from "../base/yield-to-main.js";
import type { Archive, TensorEntry } from "../formats/archive.js";
import { parseNnef } from "../nnef/parse.js";
import type { NnefDocument } from "../nnef/syntax.js";
import { type EngineNode, type Facts, factsOfEngine, factsOfText } from "./facts.js";
import { Scopes } from "./scope.js";

/** All the inspector shows of one model, as far as its text and files say it. */
export interface ModelView {
  /** What the person knows it by: a bundle's title or a file's name. */
  readonly title: string;
  readonly text: string;
  readonly document: NnefDocument;
  readonly scopes: Scopes;
  /** By wire of the graph; those of the text until the engine has said more. */
  readonly facts: Facts;
  /** The engine's own nodes of this text; none until it has read it. */
  readonly engine: readonly EngineNode[];
  readonly archive: Archive;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

/**
 * Reads an archive's text; gives the page its turn between the steps of a long one.
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

/** The same model, with what the engine knows of it. */
export const withEngine = (view: ModelView, engine: readonly EngineNode[]): ModelView => ({
  ...view,
  engine,
  facts: factsOfEngine(view.scopes.graph, engine),
});
