import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

const css = readFileSync(join(import.meta.dirname, "tokens.css"), "utf8");
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name!,
    { light: light!, dark: dark! },
  ]),
);

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(first: string, second: string): number {
  const [dark, light] = [luminance(first), luminance(second)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Text on the ground it stands on. */
const WORDS: readonly [string, readonly string[]][] = [
  ["ink", ["paper", "surface", "sunken", "sky-tint", "amber-tint"]],
  ["muted", ["paper", "surface", "sunken"]],
  ["sky", ["paper", "surface", "sky-tint"]],
  ["moss", ["paper", "surface"]],
  ["amber-words", ["paper", "amber-tint"]],
  ["moss-words", ["paper", "moss-tint"]],
  ["clay-words", ["paper", "surface", "clay-tint"]],
  ["on-moss", ["moss"]],
  ["on-sky", ["sky"]],
  ["on-clay", ["clay"]],
];
/** Captions for those who need more. */
const HIGH: readonly (readonly [string, string])[] = [
  ["high-ink", "high-ground"],
  ["high-name", "high-ground"],
  ["high-muted", "high-ground"],
];
/** Shapes that carry meaning. */
const SHAPES: readonly [string, readonly string[]][] = [
  ["edge", ["paper", "surface", "sunken"]],
  ["moss", ["paper", "surface", "sunken", "moss-tint"]],
  ["sky", ["paper", "surface", "sunken", "sky-tint"]],
  ["amber", ["paper", "surface", "amber-tint"]],
  ["clay", ["paper", "surface", "clay-tint"]],
];

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const pairs = (rows: readonly [string, readonly string[]][]) => rows.flatMap(([name, grounds]) => grounds.map((ground) => [name, ground] as const));
  it.each(pairs(WORDS))("lets one read %s on %s", (name, ground) => {
    expect(contrast(tokens.get(name)![theme], tokens.get(ground)![theme])).toBeGreaterThanOrEqual(4.5);
  });
  it.each(HIGH)("lets one read %s on %s from afar", (name, ground) => {
    expect(contrast(tokens.get(name)![theme], tokens.get(ground)![theme])).toBeGreaterThanOrEqual(7);
  });
  it.each(pairs(SHAPES))("lets one see %s on %s", (name, ground) => {
    expect(contrast(tokens.get(name)![theme], tokens.get(ground)![theme])).toBeGreaterThanOrEqual(3);
  });
});
