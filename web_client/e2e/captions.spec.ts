/** Captions grow while somebody speaks; they are read back, searched and corrected, and end off the record. */

import type { Locator } from "@playwright/test";

import { expect, type Person, PLAIN, test } from "./office";

const FIRST = "The weather in the mountains was very nice last week, and the water in the lake was warm.";
const CORRECTED =
  "The weather in the mountains was lovely last week, and the water in the lake was warm enough to swim in until the evening. We had never seen it so still, and nobody wanted to go home.";
const LONG =
  "We went to the lake on Monday, and the children played in the garden until the evening. Then my brother came with his friends, and they told us about the long road from the city to the sea.";
/** A recogniser on a busy machine. */
const PATIENCE = 60_000;

declare global {
  interface Window {
    /** Each version of the words that are being spoken. */
    grown?: { id: string; settled: string; text: string }[];
  }
}

test("captions grow, are read back, searched and corrected, and end off the record", async ({ people }) => {
  test.setTimeout(180_000);
  // Narrow and large, so that a few lines are more than the log can show.
  const settings = { ...PLAIN, listenOnly: true, captionSize: "largest" as const };
  const bo = await people.enter("Bo", { settings, flat: true, viewport: { width: 440, height: 760 } });
  const ana = await people.enter("Ana", { settings, role: "member", flat: true });
  const log = captionsOf(bo);

  await test.step("a meeting is on, and both see that it is transcribed", async () => {
    await bo.page.getByLabel("Title").fill("Weekly sync");
    await bo.page.getByRole("button", { name: "Start meeting" }).click();
    for (const one of [bo, ana]) await expect(one.page.getByRole("banner")).toContainText("Transcribed: Weekly sync");
  });

  await test.step("the caption grows while Ana speaks, and settled words stay", async () => {
    await watchGrowth(log);
    ana.willSay(FIRST);
    await ana.page.getByRole("button", { name: "Turn on the microphone" }).click();
    await expect(log.locator('.caption[data-final="true"]').filter({ hasText: /weather|mountains/i })).toBeVisible({ timeout: PATIENCE });
    const grown = await bo.page.evaluate(() => window.grown ?? []);
    expect(grown.length, "versions while she spoke").toBeGreaterThan(1);
    const before = new Map<string, string>();
    for (const { id, settled } of grown) {
      expect(settled.startsWith(before.get(id) ?? ""), `"${settled}" begins with what was settled before`).toBe(true);
      before.set(id, settled);
    }
  });

  await test.step("Bo corrects it by a click; both see the words and who corrected them", async () => {
    await log.locator(".said-mine").first().click();
    await bo.page.getByRole("textbox", { name: "What Ana said" }).fill(CORRECTED);
    await bo.page.getByRole("button", { name: "Save" }).click();
    for (const one of [bo, ana]) {
      await expect(captionsOf(one)).toContainText(CORRECTED);
      await expect(captionsOf(one)).toContainText("Corrected by Bo; heard as");
    }
  });

  await test.step("the search finds it", async () => {
    const field = bo.page.getByLabel("Search what was said");
    await field.fill("LOVELY last");
    await expect(bo.page.getByRole("search").getByRole("status")).toHaveText("1 of 1");
    await expect(log.locator("mark")).toHaveText("lovely last");
    await field.press("Escape");
    await expect(log.locator("mark")).toHaveCount(0);
  });

  await test.step("Bo reads back, and returns to what is newest", async () => {
    const jump = bo.page.getByRole("button", { name: "Jump to newest" });
    await log.evaluate((box) => box.scrollTo({ top: 0 }));
    await jump.click();
    await expect(jump).toBeHidden();
    expect(await log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight), "pixels from the end").toBeLessThan(24);
  });

  await test.step("the correction is kept for who comes back", async () => {
    await ana.saysOnReturn(LONG);
    await expect(captionsOf(ana)).toContainText("Corrected by Bo");
  });

  await test.step("off the record nothing more is written, and everybody sees why", async () => {
    await bo.waits("to hear Ana", ({ speaking }) => speaking.includes("Ana"));
    await bo.page.getByRole("switch", { name: "Off the record in Reception" }).press("Space");
    for (const one of [bo, ana]) await expect(one.page.getByRole("banner")).toContainText("Off the record: Weekly sync");
    await bo.waits("to hear that Ana speaks on", ({ speaking }) => speaking.includes("Ana"));
    await bo.waits("until Ana has spoken", ({ speaking }) => speaking.length === 0);
    await expect(log.locator('.caption[data-final="false"]')).toHaveCount(0);
    await expect(log).not.toContainText(/city|the sea/i);
  });
});

const captionsOf = (person: Person): Locator => person.page.getByRole("log", { name: "Captions" });

/** Notes every version of a caption that still changes. */
async function watchGrowth(log: Locator): Promise<void> {
  await log.evaluate((box) => {
    const grown: { id: string; settled: string; text: string }[] = [];
    window.grown = grown;
    new MutationObserver(() => {
      const line = box.querySelector('.caption[data-final="false"] .said-text');
      if (line === null) return;
      const settled = [...line.querySelectorAll("span:not(.caption-unsettled)")].map((part) => part.textContent).join("").trimEnd();
      const text = line.textContent ?? "";
      const id = line.closest(".said")?.id ?? "";
      const last = grown.at(-1);
      if (last?.id !== id || last.text !== text || last.settled !== settled) grown.push({ id, settled, text });
    }).observe(box, { subtree: true, childList: true, characterData: true });
  });
}
