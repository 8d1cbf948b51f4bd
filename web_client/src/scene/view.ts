/** What the scene is told about the office, frame by frame. */

import type { Moving } from "../net/playing";

export interface PersonView {
  slot: number;
  id: string;
  name: string;
  kind: "human" | "avatar";
  look: readonly [skin: number, hair: number, hairStyle: number, outfit: number, accent: number];
  x: number;
  z: number;
  yaw: number;
  /** 0 idle, 1 walk, 2 run, 3 sit; plus 16 while waving. */
  motion: number;
  seat: string | null;
  muted: boolean;
  /** Loudness now, 0 to 1. */
  level: number;
  /** Of AI colleagues: "" | "listening" | "thinking" | "speaking". */
  state: string;
  hand: boolean;
  status: string;
  reaction: { emoji: string; at: number } | null;
  /** What they say just now, the newest words of it; the first `settled` characters stay. */
  said: { text: string; settled: number } | null;
  /** Their camera, where it can be seen from here. */
  camera: Moving | null;
  self: boolean;
  present: boolean;
}
export interface CardView {
  id: string;
  text: string;
  owner_name: string | null;
  due: string | null;
  state: string;
}
/** A question that waits for whoever looks. */
export interface QuestionView {
  id: string;
  title: string;
  /** What kind of work asks. */
  about: string;
  /** Until when, in words; empty: whenever. */
  due: string;
}
export interface MeetingView {
  id: string;
  zone: string;
  title: string;
}
export interface SharedScreen {
  slot: number;
  name: string;
  /** The zone of who shares it. */
  zone: string;
  moving: Moving;
}
export interface StageFrame {
  /** Milliseconds of the caller's clock. */
  now: number;
  people: readonly PersonView[];
  doors: ReadonlyMap<string, boolean>;
  cards: readonly CardView[];
  questions: readonly QuestionView[];
  meetings: readonly MeetingView[];
  screens: readonly SharedScreen[];
}
export interface StageOptions {
  reducedMotion: boolean;
  theme: "light" | "dark";
  quality: "low" | "medium" | "high" | "auto";
}
