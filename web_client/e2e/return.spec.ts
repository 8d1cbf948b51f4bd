/** People come back to where they stood: after closing the page, and after the office was gone for a while. */

import { expect, goTo, test } from "./office";

const settings = { coached: true, listView: true, listenOnly: true };

test("closing and reopening the page brings a person back where they stood", async ({ office, people }) => {
  const bo = await people.enter("Bo", { settings, flat: true });
  const ana = await people.enter("Ana", { settings, flat: true, reducedMotion: true });
  await goTo(ana, "Forum");
  const before = await ana.self();

  await ana.page.close();
  await bo.waits("to see Ana leave", ({ people: seen }) => !seen.some((one) => one.name === "Ana"));

  ana.page = await ana.context.newPage();
  await ana.page.goto(office.origin);
  await expect(ana.page.getByLabel("Your name"), "she is known by her cookie").toHaveValue("Ana");
  await ana.throughTheDoor();
  const after = await ana.self();
  expect(after.zone).toBe("forum");
  expect(Math.hypot(after.x - before.x, after.z - before.z)).toBeLessThan(0.05);
  await bo.waits("to see Ana there", ({ people: seen }) => seen.some((one) => one.name === "Ana" && Math.abs(one.x - before.x) < 0.1));

  await test.step("a reload goes straight back in", async () => {
    await ana.page.reload();
    await ana.isInside();
    expect(Math.hypot((await ana.self()).x - before.x, (await ana.self()).z - before.z)).toBeLessThan(0.05);
  });
});

test("the page finds back to an office that was killed", async ({ office, people }) => {
  const expected = /WebSocket connection to|ERR_CONNECTION_REFUSED/;
  const ana = await people.enter("Ana", { settings, flat: true, reducedMotion: true, expected });
  await goTo(ana, "Lounge");
  // Where somebody stands is written down when they go; a kill leaves no time for it.
  await ana.page.reload();
  await ana.isInside();
  await ana.page.getByPlaceholder("New task").fill("Water the plants");
  await ana.page.keyboard.press("Enter");
  await expect(ana.page.getByRole("button", { name: /^Water the plants\. Open/ })).toBeVisible();
  const before = await ana.self();

  await office.kill();
  await expect(ana.page.getByText("Connection lost")).toBeVisible();
  await expect(ana.page.getByText(/Reconnecting/)).toBeVisible();
  expect((await ana.now()).connection).not.toBe("open");

  await office.open();
  await ana.isInside();
  await ana.waits("for the line", ({ connection }) => connection === "open");
  await expect(ana.page.getByText("Connection lost")).toBeHidden();
  const after = await ana.self();
  expect(Math.hypot(after.x - before.x, after.z - before.z)).toBeLessThan(0.05);
  await expect(ana.page.getByRole("button", { name: /^Water the plants\. Open/ }), "the board is kept").toBeVisible();
  await goTo(ana, "Reception");
});
