import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";

const tokens = readFileSync(new URL("../../../web/src/look/tokens.css", import.meta.url), "utf8");

/** Hex colours of each token, light and dark. */
const colours = new Map(
  [...tokens.matchAll(/--([a-z]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name, light, dark]) => [name as string, { light: light as string, dark: dark as string }],
  ),
);

/** WCAG 2 relative luminance. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["page", "panel"];
const roles = ["ink", "muted", "probability", "speech", "state", "delay", "symbol", "fault"];

for (const theme of ["light", "dark"] as const) {
  for (const ground of grounds) {
    for (const role of roles) {
      test(`${role} reads on ${ground}, ${theme}`, () => {
        const [text, paper] = [colours.get(role), colours.get(ground)];
        if (!text || !paper) throw new Error("tokens.css lacks a colour");
        expect(contrast(text[theme], paper[theme])).toBeGreaterThanOrEqual(5);
      });
    }
  }
}
