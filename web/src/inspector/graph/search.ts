import type { Scene } from "./drawing/scene.js";

/**
 * Names whose node or wire contains every word of the query in its operation, name, attributes, weights or
 * facts. Quoted words must match exactly.
 */
export function findIn(scene: Scene, query: string): ReadonlySet<string> | undefined {
  const words = query.toLowerCase().match(/"[^"]+"|\S+/g);
  if (!words) return undefined;
  const facts = new Map<string, string>();
  for (const { wire, fact } of scene.edges) facts.set(wire, fact);
  const found = new Set<string>();
  for (const node of scene.nodes) {
    const { folded } = node;
    const parts = [
      node.title,
      node.name,
      node.detail,
      facts.get(node.name) ?? "",
      ...(folded?.raw.attributes ?? []).map(({ name, text }) => `${name}=${text}`),
      ...(folded?.absorbed ?? []).flatMap(({ id, op }) => [id, op]),
      ...(folded?.constants ?? []).flatMap(({ role, wire, chain }) => [
        role,
        wire,
        chain[0]?.constant?.label ?? "",
      ]),
    ].map((part) => part.toLowerCase());
    const all = words.every((word) =>
      word.startsWith('"')
        ? parts.includes(word.replaceAll('"', ""))
        : parts.some((part) => part.includes(word)),
    );
    if (all) found.add(node.name);
  }
  return found;
}
