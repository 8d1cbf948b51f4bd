/** Somebody talks at length, and somebody hears it. */

import type { Ear } from "./ear";
import { expect, type Person } from "./office";

const SENTENCE = "The weather in the mountains was very nice last week, and we walked around the lake until the evening came. ";

/** Six seconds for each time. */
export async function startsToTalk(ana: Person, times: number): Promise<void> {
  ana.willSay(SENTENCE.repeat(times));
  await ana.page.getByRole("button", { name: "Turn on the microphone" }).click();
  await ana.waits("to be loud at her own microphone", ({ microphone }) => microphone > 0.5);
}

export async function hears(ear: Ear, what: string): Promise<void> {
  await ear.listen();
  await expect.poll(() => ear.loudSeconds("Ana"), { message: what, timeout: 30_000 }).toBeGreaterThan(0.5);
}
