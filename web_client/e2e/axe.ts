/** Whether a page is open to everybody, by machine. */

import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";

import type { Person } from "./person";

/** No violation of weight by the rules of WCAG 2.2 AA. */
export async function check(person: Person, where: string, page = person.page): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null))));
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const words = grave.map((one) => `${one.id} (${one.impact}): ${one.nodes.map((node) => node.target.join(" ")).join("; ")}. ${one.nodes[0]?.failureSummary ?? ""}`);
  expect.soft(words, `${where} is open to everybody`).toEqual([]);
}
