/** Two people come in, see each other move, meet a wall, want the same chair, and write to each other. */

import { expect, test } from "./office";

const SIT = 3;

test("an owner invites somebody, and they meet", async ({ office, people }) => {
  const ana = await people.meet("Ana", { settings: { name: "" }, coarse: true });
  await ana.page.goto(office.ownerLink);
  await ana.page.getByLabel("Your name").fill("Ana");
  await ana.throughTheDoor();
  expect(new URL(ana.page.url()).search, "the key leaves the address bar").toBe("");

  await test.step("a first visit begins with hints", async () => {
    await expect(ana.page.getByRole("region", { name: "Hint 1 of 3" })).toBeVisible();
    await ana.page.getByRole("button", { name: "Skip" }).click();
  });

  const link = await test.step("she makes an invitation", async () => {
    await ana.page.keyboard.press(",");
    await ana.page.getByText("Invite people").click();
    await ana.page.getByRole("button", { name: "Make a link" }).click();
    const field = ana.page.getByLabel("Invitation link");
    await expect(field).toHaveValue(/\?invite=/);
    const made = await field.inputValue();
    await ana.page.keyboard.press("Escape");
    return made;
  });

  const bo = await people.meet("Bo", { settings: { coached: true }, coarse: true });
  await bo.page.goto(link);
  await expect(bo.page.getByText("1 person."), "who is inside is seen from the door").toBeVisible();
  await bo.throughTheDoor();
  await ana.waits("for Bo", (now) => now.people.some((one) => one.name === "Bo"));
  await bo.waits("for Ana", (now) => now.people.some((one) => one.name === "Ana"));

  await test.step("Bo sees Ana walk", async () => {
    const before = await ana.self();
    await ana.page.keyboard.down("w");
    await ana.waits("to have walked", ({ self }) => self !== null && before.z - self.z > 1.5);
    await ana.page.keyboard.up("w");
    await expect.poll(async () => apart(await bo.view("Ana"), await ana.self()), "Bo sees her where she is").toBeLessThan(0.05);
    expect((await bo.view("Ana"))?.motion).toBe(0);
    expect(apart(await ana.self(), before)).toBeGreaterThan(1.5);
  });

  await test.step("a wall stops Bo", async () => {
    // South of where people come in stands the outer wall, at z = 11 and 0.2 thick; the entrance before it is shut.
    await bo.page.keyboard.down("s");
    await bo.waits("to reach the entrance", ({ self }) => self !== null && self.z > 10.4);
    await bo.page.keyboard.down("a");
    await bo.waits("to slide along to the wall", ({ self }) => self !== null && self.x < -2);
    let before = await bo.self();
    await expect
      .poll(async () => {
        const was = before;
        before = await bo.self();
        return apart(was, before);
      }, { message: "he stands still though the keys are held", intervals: [500] })
      .toBeLessThan(0.01);
    const { x, z } = await bo.self();
    expect(z).toBeGreaterThan(10.3);
    expect(z, "a body's radius before the wall").toBeLessThanOrEqual(11 - 0.1 - 0.3 + 0.01);
    expect(Math.abs(x)).toBeLessThan(8);
    await bo.page.keyboard.up("a");
    await bo.page.keyboard.up("s");
    await expect.poll(async () => apart(await ana.view("Bo"), await bo.self()), "the office agrees").toBeLessThan(0.05);
  });

  await test.step("they write to each other", async () => {
    for (const one of [ana, bo]) await one.page.keyboard.press("c");
    await ana.page.getByPlaceholder("Write to everyone here").fill("Good morning, Bo!");
    await ana.page.keyboard.press("Enter");
    await expect(bo.page.getByRole("log", { name: "Chat" })).toContainText("Good morning, Bo!");
    await bo.page.getByPlaceholder("Write to everyone here").fill("<b>Hello</b> Ana");
    await bo.page.keyboard.press("Enter");
    await expect(ana.page.getByRole("log", { name: "Chat" })).toContainText("<b>Hello</b> Ana");
    await ana.page.getByRole("complementary").getByRole("button", { name: "Close" }).click();
    await expect(ana.page.getByRole("log", { name: "Chat" })).toBeHidden();
  });
});

test("two people cannot take one chair", async ({ people }) => {
  const settings = { coached: true, listView: true, listenOnly: true };
  const ana = await people.enter("Ana", { settings, flat: true });
  const bo = await people.enter("Bo", { settings, flat: true });

  // They stand side by side in the reception, some steps from the armchair that is the nearest for both.
  const both = [ana, bo].map((one) => one.page.getByRole("button", { name: "Sit down" }));
  await Promise.all(both.map((button) => button.click()));
  await expect.poll(async () => (await seats()).filter((seat) => seat !== null).length).toBe(1);
  const loser = (await ana.self()).seat === null ? ana : bo;
  const winner = loser === ana ? bo : ana;
  await expect(loser.page.getByRole("status").filter({ hasText: "Somebody sits there" })).toBeVisible();
  expect((await loser.self()).seat).toBeNull();
  await expect.poll(async () => ((await loser.view(winner.name))?.motion ?? 0) & 15, "the other is seen sitting").toBe(SIT);

  await loser.page.getByRole("button", { name: "Sit down" }).click();
  await expect.poll(seats, "there is a chair for everybody").not.toContain(null);
  expect(new Set(await seats()).size).toBe(2);

  async function seats(): Promise<(string | null)[]> {
    return [(await ana.self()).seat, (await bo.self()).seat];
  }
});

interface Place {
  x: number;
  z: number;
}

/** Metres between two places. */
function apart(a: Place | undefined, b: Place | undefined): number {
  return a === undefined || b === undefined ? Infinity : Math.hypot(a.x - b.x, a.z - b.z);
}
