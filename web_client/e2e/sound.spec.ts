/** Sound in the hand of a person: held keys, volumes, devices, networks that change, a sound that dies, and why there is none. */

import type { Locator } from "@playwright/test";

import { Ear, SILENCE } from "./ear";
import { expect, type People, type Person, PLAIN, test } from "./office";
import { hears, startsToTalk } from "./talk";

/** About a minute of talk, in sentences. */
const TALK = 10;
const settings = { ...PLAIN, listenOnly: true, transcribed: false };

declare global {
  interface Window {
    /** The track that the browser gave last. */
    microphone?: MediaStreamTrack;
  }
}

interface Pair {
  bo: Person;
  ana: Person;
  ear: Ear;
}

/** Bo listens; Ana stands beside him, her microphone still off. */
async function pair(people: People, hers: Partial<typeof settings> & { talk?: "hold" } = {}): Promise<Pair> {
  const bo = await people.enter("Bo", { settings, flat: true });
  const ana = await people.enter("Ana", { settings: { ...settings, ...hers }, flat: true });
  return { bo, ana, ear: new Ear(bo) };
}

/** Nothing at all from now on, while Ana goes on talking. */
async function hearsNothing({ bo, ana, ear }: Pair, what: string): Promise<void> {
  await bo.waits("until it is quiet", ({ sound }) => Math.max(sound.left, sound.right) < SILENCE);
  await ear.listen();
  let loud = 0;
  await ana.waits("to have talked on", ({ microphone }) => microphone > 0.5 && ++loud > 10);
  expect(await ear.peak(), what).toBeLessThan(SILENCE);
}

test("who holds Space to talk is heard only while it is held", async ({ people }) => {
  const both = await pair(people, { talk: "hold" });
  const { ana, ear } = both;
  await startsToTalk(ana, TALK);
  const button = ana.page.getByRole("button", { name: /^Talk while held/ });

  await expect(ana.page.getByText("You are muted. Hold Space to speak.")).toBeVisible();
  await hearsNothing(both, "before Space is held");
  await ana.page.keyboard.down("Space");
  await expect(button).toHaveText("You are heard");
  await hears(ear, "while Space is held");
  await ana.page.keyboard.up("Space");
  await expect(button).toHaveText("Hold Space");
  await hearsNothing(both, "after Space was let go");

  await test.step("a space that is typed opens nothing", async () => {
    const chat = ana.page.getByPlaceholder("Write to everyone here");
    await chat.focus();
    await ana.page.keyboard.down("Space");
    await expect(chat).toHaveValue(" ");
    await expect(button).toHaveText("Hold Space");
    await ana.page.keyboard.up("Space");
  });

  await test.step("Enter on the button keeps it open, for whoever cannot hold a key", async () => {
    await button.focus();
    await ana.page.keyboard.press("Enter");
    await expect(button).toHaveText("You are heard");
    await expect(button).toHaveAttribute("aria-pressed", "true");
    await hears(ear, "after Enter");
  });
});

test("how loud one hears somebody, and whether one hears at all, is one's own choice", async ({ people }) => {
  const both = await pair(people);
  const { bo, ana, ear } = both;
  await startsToTalk(ana, TALK);
  await hears(ear, "as she is");

  await bo.page.getByRole("button", { name: "Volume of Ana" }).click();
  const volume = bo.page.getByRole("slider", { name: "How loud you hear Ana" });
  await volume.press("Home");
  await expect(volume).toHaveAttribute("aria-valuetext", "Silent");
  await hearsNothing(both, "at volume zero");
  await bo.page.reload();
  await bo.isInside();
  await ana.waits("until Bo is back", ({ people: seen }) => seen.some(({ name }) => name === "Bo"));
  await hearsNothing(both, "after coming back: the volume is remembered");

  await bo.page.getByRole("button", { name: "Volume of Ana" }).click();
  await bo.page.getByRole("button", { name: "As they are" }).click();
  await hears(ear, "as she is again");

  const deafen = bo.page.getByRole("navigation", { name: "Dock" }).getByRole("button", { name: "Deafen" });
  await deafen.click();
  await expect(deafen).toHaveAttribute("aria-pressed", "true");
  await expect(ana.page.getByRole("listitem").filter({ hasText: "Bo" }).getByText("Hears nobody")).toBeVisible();
  await hearsNothing(both, "deafened");
  await bo.page.keyboard.press("u");
  await hears(ear, "undeafened");
});

test("other devices, other processing, another network and a lost line keep the call", async ({ people }) => {
  const { bo, ana, ear } = await pair(people);
  await ana.page.evaluate(() => {
    const media = navigator.mediaDevices;
    const ask = media.getUserMedia.bind(media);
    media.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      window.microphone = stream.getAudioTracks()[0];
      return stream;
    };
  });
  await startsToTalk(ana, TALK);
  await hears(ear, "the first microphone");
  const { calls } = await ana.now();

  await test.step("another microphone", async () => {
    await ana.page.getByLabel("Microphone", { exact: true }).selectOption({ index: 2 });
    await ana.waits("to be loud at it", ({ microphone }) => microphone > 0.5);
    await hears(ear, "the second microphone");
  });

  await test.step("no noise suppression", async () => {
    await ana.page.getByText("How your voice is cleaned").click();
    await ana.page.getByRole("switch", { name: "Noise suppression" }).uncheck();
    await ana.waits("to be loud", ({ microphone }) => microphone > 0.5);
    await hears(ear, "without noise suppression");
  });

  await test.step("a microphone that is pulled out", async () => {
    await ana.page.evaluate(() => {
      window.microphone?.stop();
      window.microphone?.dispatchEvent(new Event("ended"));
    });
    await expect(ana.page.getByText(/was unplugged\. You now speak through/)).toBeVisible();
    await ana.waits("to be loud at the usual one", ({ microphone }) => microphone > 0.5);
    await hears(ear, "the usual microphone");
  });

  await test.step("a microphone that the system mutes", async () => {
    const mute = (muted: boolean): Promise<void> =>
      ana.page.evaluate((on) => {
        Object.defineProperty(window.microphone, "muted", { value: on, configurable: true });
        window.microphone?.dispatchEvent(new Event(on ? "mute" : "unmute"));
      }, muted);
    await mute(true);
    await expect(ana.page.getByText("Your microphone is muted by the system.")).toBeVisible();
    await mute(false);
    await expect(ana.page.getByText("Your microphone is muted by the system.")).toBeHidden();
  });

  await test.step("another loudspeaker", async () => {
    const sink = (): Promise<string> => bo.page.locator("#room-sound").evaluate((element) => (element as HTMLAudioElement).sinkId);
    await bo.page.getByLabel("Loudspeaker").selectOption({ index: 1 });
    await expect.poll(sink).not.toBe("");
    await hears(ear, "at the other loudspeaker");
  });

  await test.step("another network: a new way for the same call", async () => {
    const { ways } = await ana.now();
    await ana.page.evaluate(() => window.dispatchEvent(new Event("online")));
    await ana.waits("for another way", (now) => now.ways > ways && now.soundState === "on");
    await hears(ear, "over the new way");
  });

  await test.step("the line is lost and comes back", async () => {
    await ana.context.setOffline(true);
    await ana.waits("to be offline", ({ connection }) => connection !== "open");
    await ana.context.setOffline(false);
    await ana.waits("to be back", ({ connection, soundState }) => connection === "open" && soundState === "on");
    await hears(ear, "over a new line");
  });

  expect((await ana.now()).calls, "one call for all of it").toBe(calls);
  expect((await bo.now()).calls).toBe(1);
});

test("when the sound dies, all are heard again by themselves", async ({ office, people }) => {
  const { bo, ana, ear } = await pair(people);
  await startsToTalk(ana, TALK);
  await hears(ear, "before");
  process.kill(office.soundProcess, "SIGKILL");
  for (const one of [bo, ana]) await one.waits("to be called again", ({ calls, soundState }) => calls === 2 && soundState === "on");
  await hears(ear, "after");
  expect((await bo.now()).connection, "the room went on").toBe("open");
});

test("a blocked port is named, with what to do", async ({ office, people }) => {
  const ana = await people.meet("Ana", { settings, flat: true });
  // A firewall, as the browser sees it: packets to the office go nowhere (an address for documentation).
  await ana.context.addInitScript(() => {
    window.RTCPeerConnection = class extends RTCPeerConnection {
      override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
        const sdp = description.sdp?.replace(/^(a=candidate:\S+ \d+ udp \d+) \S+/gim, "$1 192.0.2.1");
        return super.setRemoteDescription({ type: description.type, sdp });
      }
    };
  });
  await ana.page.goto(office.ownerLink);
  await ana.page.getByRole("button", { name: "Walk in" }).click();
  await ana.waits("to be in the room", ({ self }) => self !== null);

  await ana.page.getByRole("button", { name: "Sound problems?" }).first().click();
  const panel = ana.page.getByRole("region", { name: "Sound problems?" });
  const check = (title: string): Locator => panel.getByRole("listitem").filter({ has: ana.page.getByRole("heading", { name: title }) });
  const way = check("Way to the office");
  await expect(way).toContainText("No candidate pair: a firewall blocks UDP to this office.", { timeout: 30_000 });
  await expect(way).toContainText(/open UDP port \d+ of 192\.0\.2\.1 or to set up TURN/);
  await expect(panel.getByRole("status").first()).toHaveText("One problem was found.");
  await expect(check("The office's sound")).toContainText("At work");
  await ana.page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
});
