/** One speaks, the other hears it from the right side and reads it, and what was agreed stays when they leave. */

import { readFileSync } from "node:fs";

import type { Locator } from "@playwright/test";

import { ChatEndpoint } from "./chat";
import { Ear, SILENCE } from "./ear";
import { expect, goTo, type Person, PLAIN, test as base } from "./office";

const TASK = "I will send the budget to the finance team by Friday.";
const TALK = "The weather in the mountains was very nice last week.";
const TITLE = "Weekly sync";
/** Beyond this, in decibels, a voice is on one side: 3 straight at the side, less behind, and exactly 0 without stereo. */
const ASIDE = 0.4;
/** A recogniser on a busy machine. */
const PATIENCE = 60_000;

const test = base.extend<{ chat: ChatEndpoint }>({
  chat: async ({ playwright: _ }, use) => {
    const chat = new ChatEndpoint(/"Ana": .*budget/i);
    await use(chat);
    await chat.close();
  },

  options: async ({ chat }, use) => use({ arguments: ["--chat-url", await chat.open(), "--chat-model", "small"] }),
});

test("what Ana says is heard, read, noted, answered, summed up and kept", async ({ chat, people }) => {
  test.setTimeout(240_000);
  // Bo comes in first and stands at x = 0; Ana comes to his left, at x = -1.2. Both look north.
  const settings = { ...PLAIN, listenOnly: true };
  const bo = await people.enter("Bo", { settings, coarse: true, reducedMotion: true });
  const ana = await people.enter("Ana", { settings, role: "member", flat: true, reducedMotion: true });
  const [his, hers] = [await bo.self(), await ana.self()];
  expect(hers.x - his.x, "Ana stands on Bo's left").toBeLessThan(-0.5);
  expect(Math.abs(his.yaw), "Bo looks north").toBeLessThan(0.1);
  const ear = new Ear(bo);

  await test.step("the facilitator starts a meeting, and both see that it is transcribed", async () => {
    await bo.page.getByLabel("Title").fill(TITLE);
    await bo.page.getByRole("button", { name: "Start meeting" }).click();
    for (const one of [bo, ana]) await expect(one.page.getByRole("banner").getByText(TITLE)).toBeVisible();
    await expect(ana.page.getByRole("button", { name: "End meeting" }), "a member does not end it").toBeHidden();
    await bo.waits("for Ada to come", ({ people: seen }) => seen.some((one) => one.name === "Ada" && Math.hypot(one.x + 0.6, one.z - 8.4) < 3));
  });

  await test.step("Bo hears Ana, from the left", async () => {
    await ear.listen();
    ana.willSay(TASK);
    await ana.page.getByRole("button", { name: "Turn on the microphone" }).click();
    await expect.poll(() => ear.loudSeconds("Ana"), { message: "seconds heard", timeout: 30_000 }).toBeGreaterThan(1);
    expect(await ear.leftOverRight("Ana"), "left over right").toBeGreaterThan(ASIDE);
  });

  await test.step("Bo reads it", async () => {
    await expect(captions(bo, "Ana").filter({ hasText: /budget.*finance team.*friday/i })).toBeVisible({ timeout: PATIENCE });
  });

  await test.step("the task is proposed on both boards, with the words it came from", async () => {
    for (const one of [bo, ana]) {
      const card = one.page.getByRole("region", { name: "Proposed, 1" }).getByRole("listitem");
      await expect(card).toContainText(/send.*budget/i, { timeout: PATIENCE });
      await expect(card).toContainText("Ana");
      await expect(card).toContainText(/Fri \d/);
      await expect(card.getByRole("blockquote")).toContainText(/friday.*sure \(\d+ %\)/is);
      await expect(one.page.getByRole("region", { name: "Open, 0" })).toBeVisible();
    }
  });

  await test.step("Ada answers aloud", async () => {
    await expect(captions(bo, "Ada").filter({ hasText: /noted.*Ana.*budget/i })).toBeVisible({ timeout: PATIENCE });
    await expect.poll(() => ear.loudSeconds("Ada"), "seconds heard while only Ada speaks").toBeGreaterThan(1);
    await bo.waits("until Ada has spoken", ({ speaking }) => speaking.length === 0);
  });

  await test.step("Bo rejects it, fetches it back, and accepts it: one key each", async () => {
    const proposed = bo.page.getByRole("region", { name: "Proposed, 1" }).getByRole("button", { name: /budget.*Enter accepts/i });
    await proposed.press("Backspace");
    await expect(ana.page.getByText("Rejected 1")).toBeVisible();
    await bo.page.getByText("Rejected 1").click();
    await bo.page.getByRole("button", { name: /budget.*Rejected/i }).press("Enter");
    await bo.page.getByRole("button", { name: "Reopen" }).click();
    await proposed.press("o");
    await expect(bo.page.getByRole("region", { name: "Proposed, 1" }).getByLabel("Owner")).toBeFocused();
    await proposed.press("Enter");
    for (const one of [bo, ana]) await expect(one.page.getByRole("region", { name: "Open, 1" })).toContainText(/budget/i);
    await expect(bo.page.getByRole("region", { name: "Proposed, 1" })).toBeHidden();
  });

  await test.step("Bo turns around and hears Ana from the right", async () => {
    await bo.page.keyboard.press("l");
    await bo.page.keyboard.down("s");
    await bo.waits("to have turned", ({ self }) => self !== null && Math.abs(self.yaw) > 2.8);
    await bo.page.keyboard.up("s");
    await bo.page.keyboard.press("l");
    await ear.listen();
    await ana.saysOnReturn(TALK);
    await expect.poll(() => ear.loudSeconds("Ana"), { message: "seconds heard", timeout: 30_000 }).toBeGreaterThan(1);
    expect(await ear.leftOverRight("Ana"), "left over right").toBeLessThan(-ASIDE);
    await expect(captions(bo, "Ana").filter({ hasText: /mountains|weather/i })).toBeVisible({ timeout: PATIENCE });
  });

  await test.step("behind a closed door Bo hears nothing and reads nothing", async () => {
    await goTo(bo, "Cedar");
    await goTo(ana, "Lounge");
    const [there, here] = [await bo.self(), await ana.self()];
    expect(Math.hypot(here.x - there.x, here.z - there.z), "near enough to be heard, were there no wall").toBeLessThan(10);
    await expect(bo.page.getByRole("region", { name: "Cedar" })).toContainText("door closed");
    await bo.waits("until the last words have faded", ({ speaking, sound }) => speaking.length === 0 && Math.max(sound.left, sound.right) < SILENCE);
    const read = await captions(bo, "Ana").count();
    await ear.listen();
    await ana.saysOnReturn("We went to the lake and the water was warm.");
    await expect(captions(ana, "Ana").filter({ hasText: /lake|water/i })).toBeVisible({ timeout: PATIENCE });
    expect(await ear.peak()).toBeLessThan(SILENCE);
    expect(await captions(bo, "Ana").count()).toBe(read);
    await goTo(bo, "Reception");
  });

  const minutes = await test.step("the facilitator ends the meeting and opens its minutes", async () => {
    await bo.page.getByRole("button", { name: "End meeting" }).click();
    const opened = bo.context.waitForEvent("page");
    await bo.page.getByRole("link", { name: "Open the page" }).click();
    return opened;
  });

  await test.step("the page has the words, the task and where it came from", async () => {
    await expect(minutes.getByRole("heading", { name: TITLE })).toBeVisible();
    const task = minutes.getByRole("region", { name: "Action items" }).getByRole("listitem");
    await expect(task).toHaveCount(1);
    await expect(task).toContainText(/send.*budget/i);
    await expect(task.getByRole("combobox")).toHaveValue(/./);
    await expect(task.getByRole("blockquote")).toContainText(/friday/i);
    const lines = minutes.getByRole("region", { name: "Main lines" });
    await expect(lines).toContainText(/budget/i);
    await expect(lines.getByRole("link", { name: /^Ana at/ }).first()).toBeVisible();
    const summary = minutes.getByRole("region", { name: "Summary" });
    await expect(summary).toContainText(/small at 127\.0\.0\.1:\d+\. 1 sentence was left out/);
    await expect(summary.getByRole("listitem")).toHaveCount(1);
    await summary.getByRole("link", { name: /^Ana at/ }).click();
    await expect(minutes.locator("li.is-shown")).toContainText(/budget/i);
    expect(chat.asked, "one question").toHaveLength(1);
    await minutes.getByRole("button", { name: "Look for more" }).click();
    await expect(minutes.getByText("Nothing more was found.")).toBeVisible();
    await expect(task).toHaveCount(1);
    const transcript = minutes.getByRole("region", { name: "Transcript" });
    await expect(transcript).toContainText(/budget/i);
    await expect(transcript).toContainText("Ada");
    for (const name of ["Ana", "Bo"]) await expect(minutes.getByRole("complementary")).toContainText(name);
  });

  await test.step("so do the files", async () => {
    expect(await file(minutes, "minutes.md")).toMatch(/## Summary\n\n- .*budget.*\(Ana 00:.*send .*budget/is);
    const csv = await file(minutes, "tasks.csv");
    const [, row] = csv.split("\r\n");
    expect(row).toMatch(/budget.*,Ana,\d{4}-\d\d-\d\d,Open,/i);
    const due = /\d{4}-\d\d-\d\d/.exec(row ?? "")?.[0] ?? "";
    expect(new Date(`${due}T12:00:00Z`).getUTCDay(), `${due} is a Friday`).toBe(5);
    const calendar = (await file(minutes, "tasks.ics")).replaceAll("\r\n ", "");
    expect(calendar).toMatch(/BEGIN:VTODO[^]*SUMMARY:.*budget/i);
    expect(calendar).toContain(`DUE;VALUE=DATE:${due.replaceAll("-", "")}`);
    const subtitles = await file(minutes, "transcript.vtt");
    expect(subtitles).toMatch(/^WEBVTT\n/);
    expect(subtitles).toMatch(/<v Ana>.*budget/i);
    expect(subtitles).toMatch(/<v Ada>Noted/i);
  });
});

/** The caption lines of somebody, as a person's page shows them. */
function captions(person: Person, speaker: string): Locator {
  const lines = person.page.getByRole("log", { name: "Captions" }).getByRole("paragraph");
  return lines.filter({ has: person.page.getByText(speaker, { exact: true }) });
}

async function file(minutes: Person["page"], name: string): Promise<string> {
  const begun = minutes.waitForEvent("download");
  await minutes.locator(`a[href$="/${name}"]`).click();
  const download = await begun;
  expect(download.suggestedFilename()).toMatch(new RegExp(`weekly-sync-${name.replace(".", "\\.")}$`));
  return readFileSync(await download.path(), "utf8");
}
