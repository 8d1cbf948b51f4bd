/** Colours of the office and of its people. */

export const COLOURS = {
  plaster: "#F3EFE7",
  plasterShade: "#E6E0D4",
  trim: "#FBF9F4",
  oak: "#C9A77A",
  oakLight: "#D9BC92",
  oakDark: "#A98458",
  walnut: "#7C5C41",
  felt: "#7F8C86",
  feltLight: "#A9B3AC",
  feltDark: "#59655F",
  moss: "#3F7D58",
  mossLight: "#7FA98B",
  sky: "#3B6FB6",
  skyLight: "#9DBBE0",
  clay: "#B4493A",
  terracotta: "#C4775A",
  ochre: "#D2A24C",
  blush: "#DDB3A0",
  linen: "#E5DCCB",
  paper: "#FBFAF7",
  ink: "#1E2329",
  graphite: "#4A5157",
  metal: "#B9BDBD",
  steel: "#8D9496",
  brass: "#C2A15C",
  soil: "#4E3B2E",
  screenOff: "#20262C",
  stone: "#CFCAC0",
} as const;

export const LEAVES = ["#4F8A5B", "#3F7550", "#6FA06A", "#5B9478", "#86AE6B"] as const;
export const BOOKS = ["#C26A58", "#6A8FC0", "#DDB566", "#6A9C7C", "#EFE7D8", "#9AA59F", "#566679", "#D08E70", "#A48CB4"] as const;

/** The palettes a person's look points into: six each. */
export const SKIN = ["#F8DECA", "#EFC7A6", "#DCA981", "#BE8A62", "#966546", "#6E4935"] as const;
export const HAIR = ["#3A2F2B", "#6A4833", "#A67445", "#DDBB78", "#A9A9AC", "#BE6138"] as const;
export const OUTFIT = ["#5E9B76", "#5B8AC6", "#D0745C", "#E0B25A", "#6E7590", "#A27AA6"] as const;
export const ACCENT = ["#F7F2E8", "#EFC15B", "#E98F72", "#7FC3C9", "#2B3440", "#B8CF8A"] as const;
/** Trousers that sit well under each outfit. */
export const TROUSERS = ["#4C5866", "#6B5D50", "#47566A", "#50607A", "#75685A", "#4A5463"] as const;

/** One quiet accent per kind of zone, where the plan names none. */
export const ZONE_ACCENT: Readonly<Record<string, string>> = {
  open: COLOURS.mossLight,
  meeting: COLOURS.skyLight,
  lounge: COLOURS.terracotta,
  stage: COLOURS.ochre,
  reception: COLOURS.moss,
};

/** Collar light of an AI colleague by its state. */
export const COLLAR: Readonly<Record<string, string>> = {
  "": "#A9C6EC",
  listening: "#7FB0F2",
  thinking: "#C7B6F5",
  speaking: "#4F93F0",
};

export function pick<T>(list: readonly T[], index: number): T {
  const n = Math.trunc(Number.isFinite(index) ? index : 0);
  return list[((n % list.length) + list.length) % list.length]!;
}

/** Repeatable numbers in 0..1, so that the office looks the same for everyone. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function seedOf(text: string): number {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}
