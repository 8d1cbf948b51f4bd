/** Work that follows a workflow: started on its page, approved by somebody else by keyboard alone, seen to its end. */

import type { Locator, Page } from "@playwright/test";

import { check } from "./axe";
import { press, reach } from "./keys";
import { expect, PLAIN, test, type Person } from "./office";

const settings = { ...PLAIN, listenOnly: true };

test("a purchase is started, approved from the inbox by keyboard, ordered, and done", async ({ office, people }) => {
  const ana = await people.enter("Ana", { settings, flat: true, reducedMotion: true });
  const bo = await people.enter("Bo", { settings: { ...settings, theme: "dark" }, flat: true, reducedMotion: true, role: "facilitator" });
  const { page } = ana;
  await expect(sections(bo).getByRole("link", { name: "Inbox", exact: true }), "nothing waits for him").toBeVisible();

  await test.step("Ana starts a run", async () => {
    await page.goto(`${office.origin}/runs`);
    await expect(page.getByText("Nothing is under way.")).toBeVisible();
    await page.getByRole("button", { name: "Start a run" }).click();
    await page.getByRole("region", { name: "Start a run" }).getByLabel("Workflow").selectOption("Purchase");
    await page.getByLabel("What to buy").fill("Ten chairs");
    await page.getByLabel("What for").fill("New colleagues");
    await page.getByRole("button", { name: "Start purchase" }).click();
    await expect(page.getByLabel("Price in EUR"), "what is missing is said, and has the focus").toBeFocused();
    await expect(page.getByText("Price is missing.")).toBeVisible();
    await themes(ana, "runs page, starting");
    await page.getByLabel("Price in EUR").fill("900");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "Ten chairs" })).toBeVisible();
    await expect(drawing(page)).toHaveAccessibleName("Purchase. It stands in One approves.");
    await expect(page.getByRole("button", { name: /^Approve/ }), "she may not approve it herself").toHaveCount(0);
  });

  await test.step("Bo approves it by keyboard alone", async () => {
    await expect(sections(bo).getByRole("link", { name: "Inbox, 1 waiting" }), "he is told at once").toBeVisible();
    const card = bo.page.getByRole("article", { name: "Purchase: Ten chairs" });
    const onTheBoard = bo.page.getByRole("region", { name: "Waits for you 1" });
    await press(bo.page, onTheBoard.getByRole("button", { name: /Purchase: Ten chairs/ }));
    await expect(card.getByRole("heading"), "the card on the board leads to the question").toBeFocused();
    await bo.page.keyboard.press("j");
    await reach(bo.page, card.getByLabel("Comment"));
    await expect(card.getByRole("row", { name: "Price €900.00" })).toBeVisible();
    await bo.page.keyboard.type("Good ones");
    await check(bo, "inbox, dark");
    await press(bo.page, card.getByRole("button", { name: "Approve: Purchase: Ten chairs" }));
    await expect(bo.page.getByText("You said “Approve” to “Purchase: Ten chairs”.")).toBeVisible();
    await expect(card).toBeHidden();
    await expect(bo.page.locator(".inbox-said"), "the focus is not lost").toBeFocused();
    await expect(sections(bo).getByRole("link", { name: "Inbox", exact: true })).toBeVisible();
  });

  await test.step("Ana sees it without a reload, and orders", async () => {
    await expect(drawing(page)).toHaveAccessibleName("Purchase. It stands in To be ordered.");
    await expect(page.getByRole("listitem").filter({ hasText: "Bo said “Approve”" })).toContainText("Good ones");
    const card = page.getByRole("article", { name: "Order: Ten chairs" });
    await card.getByLabel("Order number").fill("M-12");
    await themes(ana, "run page, waiting");
    await card.getByRole("button", { name: "Ordered: Order: Ten chairs" }).click();
    await expect(drawing(page)).toHaveAccessibleName("Purchase. It stands in Ordered.");
    await expect(page.getByRole("row", { name: "Order number M-12" })).toBeVisible();
    await page.getByRole("link", { name: "All runs" }).click();
    await page.getByLabel("Status").selectOption("Done");
    await expect(page.getByRole("row", { name: /Ten chairs/ })).toContainText("Ordered");
  });
});

test("an owner pauses a run, says why, and lets it go on; a member does not see it, and gives an address", async ({ office, people }) => {
  const ana = await people.enter("Ana", { settings, flat: true, reducedMotion: true });
  const kim = await people.enter("Kim", { settings, flat: true, reducedMotion: true, expected: /404|403|422/ });
  const { page } = ana;
  await test.step("Kim wants to hear by mail when they are not here", async () => {
    const mail = kim.page.getByRole("region", { name: "Settings", exact: true });
    await mail.getByText("Mail", { exact: true }).click();
    await expect(mail.getByText("This office sends no mail yet.")).toBeVisible();
    await mail.getByLabel("Your mail address").fill("kim");
    await kim.page.keyboard.press("Enter");
    await expect(mail.getByRole("alert")).toContainText("write it like ana@example.org");
    await mail.getByLabel("Your mail address").fill("kim@example.org");
    await check(kim, "mail settings");
    await mail.getByRole("button", { name: "Save address" }).click();
    await expect(mail.getByText("Not confirmed yet")).toBeVisible();
    await expect(mail.getByText("You can confirm it once this office sends mail.")).toBeVisible();
    await mail.getByRole("switch", { name: "Mail me what waits for me" }).click();
    await expect(mail.getByText("You get no mail.")).toBeVisible();
  });

  const run = await page.evaluate(async () => {
    const data = { what: "A lamp", amount: 40, why: "Dark" };
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/v1/runs", { method: "POST", headers, body: JSON.stringify({ definition: "purchase", data }) });
    return ((await answer.json()) as { id: string }).id;
  });
  await page.goto(`${office.origin}/runs/${run}`);
  await page.getByRole("button", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause" });
  await expect(dialog.getByLabel("Reason")).toBeFocused();
  await dialog.getByRole("button", { name: "Pause" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Say why");
  await themes(ana, "dialog");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Pause" }), "the focus comes back").toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.getByLabel("Reason")).toBeFocused();
  await page.keyboard.type("The budget is frozen");
  await dialog.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("What comes is held back until it is resumed.")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "Ana paused it" })).toContainText("The budget is frozen");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("dialog").getByLabel("Reason")).toBeFocused();
  await page.keyboard.type("It is not");
  await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("Going on")).toBeVisible();

  await kim.page.goto(`${office.origin}/runs/${run}`);
  await expect(kim.page.getByText("It is not there, or not yours to see.")).toBeVisible();
  await kim.page.goto(`${office.origin}/runs`);
  await expect(kim.page.getByText("Nothing is under way.")).toBeVisible();
});

test("an owner lets a run follow a newer version of its workflow, once it is said where the run stands there", async ({ office, people }) => {
  const ana = await people.enter("Ana", { settings, flat: true, reducedMotion: true, expected: /409/ });
  const { page } = ana;
  const workflow = (state: string, more = ""): string =>
    `name: walk\ntitle: Walk\ninitial: ${state}\n${more}states:\n  ${state}: {on: {back: home}}\n  home: {final: true}\n`;
  const post = (path: string, body: object): Promise<{ id: string }> =>
    page.evaluate(async ([where, what]) => {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(where, { method: "POST", headers, body: JSON.stringify(what) });
      return (await answer.json()) as { id: string };
    }, [path, body] as const);
  office.put("workflows/walk.yaml", workflow("outside"));
  await page.goto(`${office.origin}/runs`);
  const files = page.getByRole("region", { name: "Workflow files" });
  await files.getByRole("button", { name: "Read them again" }).click();
  await expect(files.getByRole("status")).toHaveText("New: Walk.");
  await expect(page.getByRole("heading", { level: 3, name: "Walk" }), "the page knows it at once").toBeVisible();
  const run = await post("/v1/runs", { definition: "walk", data: {} });
  office.put("workflows/walk.yaml", workflow("in_the_park"));
  await post("/v1/definitions/reload", {});
  await page.goto(`${office.origin}/runs/${run.id}`);
  await expect(drawing(page)).toHaveAccessibleName("Walk. It stands in Outside.");
  const upgrade = page.getByRole("button", { name: "Follow the new version" });
  await upgrade.click();
  const dialog = page.getByRole("dialog", { name: "Follow the new version" });
  await dialog.getByLabel("Reason").fill("The park is open");
  await dialog.getByRole("button", { name: "Follow the new version" }).click();
  await expect(dialog.getByRole("alert")).toContainText("It stands in outside, which the new version does not have");
  const becomes = dialog.getByRole("combobox", { name: "“Outside” becomes" });
  await expect(becomes, "it is asked for at once").toBeFocused();
  await themes(ana, "dialog that asks what a state becomes");
  await dialog.getByRole("button", { name: "Follow the new version" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Say what “Outside” becomes in the new version.");
  await expect(becomes).toBeFocused();
  await page.keyboard.type("In");
  await expect(becomes).toHaveValue("in_the_park");
  await press(page, dialog.getByRole("button", { name: "Follow the new version" }));
  await expect(drawing(page)).toHaveAccessibleName("Walk. It stands in In the park.");
  await expect(page.getByRole("listitem").filter({ hasText: "moved it to the newest version" })).toContainText("The park is open");
  await expect(upgrade).toHaveCount(0);
});

test("an owner sees what starts by itself, pauses it and lets it go on; a member does not see it", async ({ office, people }) => {
  const ana = await people.enter("Ana", { settings, flat: true, reducedMotion: true });
  const kim = await people.enter("Kim", { settings, flat: true, reducedMotion: true });
  const { page } = ana;
  await page.goto(`${office.origin}/runs`);
  const schedules = page.getByRole("region", { name: "By itself" });
  await expect(schedules.getByText("Nothing starts by itself.")).toBeVisible();
  await page.evaluate(async () => {
    const data = { what: "Coffee", amount: 30, why: "Every Monday" };
    const wish = { name: "coffee", definition: "purchase", every: "0 9 * * MON", timezone: "Europe/Berlin", data };
    const headers = { "Content-Type": "application/json" };
    await fetch("/v1/schedules", { method: "POST", headers, body: JSON.stringify(wish) });
  });
  await page.reload();
  const row = schedules.getByRole("listitem").filter({ hasText: "coffee" });
  await expect(row).toContainText("Purchase, 0 9 * * MON, Europe/Berlin");
  await expect(row).toContainText(/Next Mon \d+ \w+, \d\d:00/);
  await themes(ana, "runs page, schedules");
  await press(page, page.getByRole("button", { name: "Pause coffee" }));
  await expect(row.getByText("Paused", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Resume coffee" }), "the focus stays").toBeFocused();
  await check(ana, "runs page, a schedule paused");
  await page.keyboard.press("Enter");
  await expect(row).toContainText("Next Mon");
  await expect(schedules.getByRole("status")).toHaveText("coffee goes on.");

  await kim.page.goto(`${office.origin}/runs`);
  await expect(kim.page.getByText("Nothing is under way.")).toBeVisible();
  await expect(kim.page.getByRole("region", { name: "By itself" })).toHaveCount(0);
});

const sections = ({ page }: Person): Locator => page.getByRole("navigation", { name: "Sections" });
const drawing = (page: Page): Locator => page.locator("svg.diagram-drawing");

/** Looks at a page in the light and in the dark. */
async function themes(person: Person, where: string): Promise<void> {
  for (const theme of ["light", "dark"]) {
    await person.page.evaluate((chosen) => (document.documentElement.dataset["theme"] = chosen), theme);
    await check(person, `${where}, ${theme}`);
  }
}
