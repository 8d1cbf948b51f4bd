/** Everything by keyboard alone, and nothing that a checker of accessibility calls serious. */

import { check } from "./axe";
import { press, reach } from "./keys";
import { expect, test } from "./office";

test("a meeting is held by keyboard alone, in the list view", async ({ office, people }) => {
  const kim = await people.meet("Kim", { settings: { name: "" }, coarse: true, reducedMotion: true });
  const { page } = kim;
  const keys = page.keyboard;
  await page.goto(office.ownerLink);

  await test.step("through the door", async () => {
    await expect(page.getByLabel("Your name")).toBeFocused();
    await keys.type("Kim");
    await press(page, page.getByRole("button", { name: "Walk in" }));
    await kim.isInside();
  });

  await test.step("into the list view", async () => {
    await keys.press("l");
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
    await expect(page.getByRole("main")).toContainText("You are in Reception");
  });

  await test.step("to another room, at once for those who want no motion", async () => {
    const before = await kim.self();
    await press(page, page.getByRole("button", { name: "Go to Library" }));
    await kim.waits("to be in the library", ({ self }) => self?.zone === "library");
    const after = await kim.self();
    expect(Math.hypot(after.x - before.x, after.z - before.z)).toBeGreaterThan(8);
    await expect(page.getByRole("main")).toContainText("You are in Library");
  });

  await test.step("down on a seat and up again", async () => {
    await press(page, page.getByRole("button", { name: "Sit down" }));
    await kim.waits("to sit", ({ self }) => self?.seat !== null);
    await keys.press("x");
    await kim.waits("to stand", ({ self }) => self?.seat === null);
  });

  await test.step("to the captions", async () => {
    await press(page, page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Captions" }));
    const log = page.getByRole("log", { name: "Captions" });
    await reach(page, log);
    await expect(log).toContainText("Nothing said near you yet.");
  });

  await test.step("a new task, from open to done", async () => {
    await keys.press("n");
    await expect(page.getByLabel("New task")).toBeFocused();
    await keys.type("Order lunch for the workshop");
    await press(page, page.getByRole("button", { name: "Add task" }));
    await reach(page, page.getByRole("button", { name: /^Order lunch for the workshop\. Open/ }));
    await keys.press("ArrowRight");
    await expect(page.getByRole("button", { name: /^Order lunch for the workshop\. Accepted/ })).toBeFocused();
    await keys.press("ArrowRight");
    await expect(page.getByRole("button", { name: /^Order lunch for the workshop\. Done/ })).toBeFocused();
  });

  await test.step("a line in the chat", async () => {
    await keys.press("c");
    await expect(page.getByPlaceholder("Write to everyone here")).toBeFocused();
    await keys.type("The list says it all.");
    await keys.press("Enter");
    await expect(page.getByRole("log", { name: "Chat" })).toContainText("The list says it all.");
  });

  const minutes = await test.step("a meeting, from start to minutes", async () => {
    await press(page, page.getByRole("button", { name: "Start meeting" }));
    await expect(page.getByRole("banner")).toContainText("Meeting in Library");
    await press(page, page.getByRole("button", { name: "End meeting" }));
    const opened = kim.context.waitForEvent("page");
    await press(page, page.getByRole("link", { name: "Open the page" }));
    return opened;
  });
  await expect(minutes.getByRole("heading", { name: "Meeting in Library" })).toBeVisible();
  await press(minutes, minutes.getByRole("link", { name: "All meetings" }));
  await expect(minutes.getByRole("heading", { name: "Meetings" })).toBeVisible();
});

for (const theme of ["light", "dark"] as const) {
  test(`nothing stands in anybody's way, ${theme}`, async ({ office, people }) => {
    const kim = await people.meet("Kim", { settings: { theme, coached: true, listenOnly: true }, coarse: true, reducedMotion: true });
    const { page } = kim;
    await page.goto(office.ownerLink);
    await expect(page.getByRole("button", { name: "Walk in" })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    await check(kim, "entry");

    await kim.throughTheDoor();
    await page.keyboard.press("n");
    await page.getByLabel("New task").fill("Order lunch for the workshop");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Order lunch/ }).click();
    await check(kim, "board");
    for (const [key, panel] of [["p", "people"], ["j", "inbox"], ["c", "chat"], ["t", "meeting"], [",", "settings"]] as const) {
      await page.getByRole("complementary").getByRole("button", { name: "Close" }).click();
      await page.keyboard.press(key);
      await check(kim, panel);
    }
    await page.getByRole("complementary").getByRole("button", { name: "Close" }).click();
    await page.keyboard.press("l");
    await page.getByRole("button", { name: "Start meeting" }).click();
    await expect(page.getByRole("button", { name: "End meeting" })).toBeVisible();
    await check(kim, "list view");

    await page.getByRole("button", { name: "End meeting" }).click();
    const opened = kim.context.waitForEvent("page");
    await page.getByRole("link", { name: "Open the page" }).click();
    const minutes = await opened;
    await expect(minutes.getByRole("heading", { name: "Meeting in Reception" })).toBeVisible();
    await check(kim, "meeting page", minutes);
    await minutes.getByRole("link", { name: "All meetings" }).click();
    await expect(minutes.getByRole("link", { name: /Meeting in Reception/ })).toBeVisible();
    await check(kim, "meetings", minutes);
    await minutes.goto(new URL("/models", office.ownerLink).href);
    await expect(minutes.getByRole("heading", { name: "Recognisers" })).toBeVisible();
    await check(kim, "models", minutes);
  });
}
