/** People whom only a relay reaches: they hear and are heard through a real one, also when its credentials have ended. */

import { Ear } from "./ear";
import { expect, type Person, PLAIN, test as base } from "./office";
import { Relay } from "./relay";
import { hears, startsToTalk } from "./talk";

/** About a minute and a half of talk, in sentences. */
const TALK = 15;
/** Seconds for which credentials are good here; an office in earnest takes no less than 60. */
const TTL = 15;
const settings = { ...PLAIN, listenOnly: true, transcribed: false };
const relayed = { ...settings, relayOnly: true };

const test = base.extend<{ ways: string[]; relay: Relay }>({
  ways: [["udp", "tcp"], { option: true }],

  relay: async ({ playwright: _ }, use, info) => {
    const relay = new Relay();
    try {
      await relay.open();
      await use(relay);
    } finally {
      await relay.close();
    }
    if (info.status !== info.expectedStatus) await info.attach("relay.log", { body: relay.log, contentType: "text/plain" });
  },

  options: async ({ relay, ways }, use) => {
    const urls = ways.map((way) => `turn:${relay.host}:${relay.port}?transport=${way}`);
    await use({
      arguments: ["--turn-urls", urls.join(","), "--turn-secret", relay.secret, "--turn-ttl-seconds", String(TTL)],
      before: `import server.turn; server.turn.SHORTEST_TTL = ${TTL}`,
    });
  },
});

/** What "Sound problems?" says of somebody's way to the office. */
async function saysOfTheWay(person: Person, words: RegExp): Promise<void> {
  await person.page.getByRole("button", { name: "Sound problems?" }).click();
  const heading = person.page.getByRole("heading", { name: "Way to the office" });
  await expect(person.page.getByRole("listitem").filter({ has: heading })).toContainText(words);
  await person.page.keyboard.press("Escape");
  await expect(heading).toBeHidden();
}

test("a call through a relay outlives its credentials", async ({ relay, people }) => {
  test.setTimeout(240_000);
  const bo = await people.enter("Bo", { settings: relayed, flat: true });
  const ana = await people.enter("Ana", { settings: relayed, flat: true });
  const ear = new Ear(bo);
  await saysOfTheWay(bo, /Through a relay, over UDP/);
  await startsToTalk(ana, TALK);
  await hears(ear, "through the relay");
  const first = relay.expiries;
  expect(first.length, "ways through the relay").toBeGreaterThanOrEqual(2);

  await test.step("until after the first credentials have ended", async () => {
    const end = Math.max(...first);
    await expect.poll(() => Date.now() / 1000 - end, { message: "seconds since their end", timeout: 3_000 * TTL }).toBeGreaterThan(0);
    await hears(ear, "after their end");
    expect(Math.max(...relay.expiries), "fresh ones were used").toBeGreaterThan(end);
  });

  await test.step("another network: a new way through the relay, which takes no old credentials", async () => {
    for (const one of [bo, ana]) {
      const { ways } = await one.now();
      await one.page.evaluate(() => window.dispatchEvent(new Event("online")));
      await one.waits("for another way", (now) => now.ways > ways && now.soundState === "on");
    }
    await hears(ear, "over the new ways");
  });

  for (const one of [bo, ana]) expect((await one.now()).calls, `${one.name} was called once`).toBe(1);
  expect(relay.log, "no credentials were refused").not.toContain("Cannot find credentials");
});

test("pictures take the relay too, and go on when its credentials have ended", async ({ relay, people }) => {
  test.setTimeout(240_000);
  const ana = await people.enter("Ana", { settings: relayed, flat: true });
  const bo = await people.enter("Bo", { settings: relayed, flat: true });
  await ana.page.evaluate(paint);
  await ana.page.getByRole("button", { name: "Share your screen" }).click();
  await bo.waits("for Ana's screen", ({ pictures }) => pictures.includes("Ana: screen"));
  await moreComes(bo, "through the relay");
  for (const one of [ana, bo]) expect(await one.page.evaluate(viaRelay), `${one.name}'s pictures go through the relay`).toBe(true);

  const end = Math.max(...relay.expiries);
  await expect.poll(() => Date.now() / 1000 - end, { message: "seconds since the credentials ended", timeout: 3_000 * TTL }).toBeGreaterThan(0);
  await moreComes(bo, "after their end");
  await bo.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await moreComes(bo, "over a new way");
  expect(relay.log, "no credentials were refused").not.toContain("Cannot find credentials");
});

test.describe("where nothing but TCP gets out", () => {
  test.use({ ways: ["tcp"] });

  test("a relay is chosen and left in the middle of a call", async ({ people }) => {
    test.setTimeout(240_000);
    const bo = await people.enter("Bo", { settings, flat: true });
    const ana = await people.enter("Ana", { settings, flat: true });
    const ear = new Ear(bo);
    await saysOfTheWay(bo, /Direct, over UDP/);
    await startsToTalk(ana, TALK);
    await hears(ear, "straight");

    await bo.page.getByText("How sound and pictures travel").click();
    const only = bo.page.getByRole("switch", { name: "Always through the relay" });
    for (const [on, words] of [[true, /Through a relay, over TCP/], [false, /Direct, over UDP/]] as const) {
      const { ways } = await bo.now();
      await only.setChecked(on);
      await bo.waits("for another way", (now) => now.ways > ways && now.soundState === "on");
      await hears(ear, on ? "through the relay" : "straight again");
      await saysOfTheWay(bo, words);
    }
    expect((await bo.now()).calls, "one call for all of it").toBe(1);
  });
});

/** What is shared from now on: something that moves. */
function paint(): void {
  navigator.mediaDevices.getDisplayMedia = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 180];
    const c = canvas.getContext("2d")!;
    let step = 0;
    const draw = (): void => {
      c.fillStyle = `hsl(${step++ * 9} 80% 50%)`;
      c.fillRect(0, 0, 320, 180);
    };
    draw();
    window.setInterval(draw, 100);
    return Promise.resolve(canvas.captureStream(10));
  };
}

/** Whether the pair of addresses that pictures go between has a relay on this side. */
async function viaRelay(): Promise<boolean> {
  const stats = await window.atrium!.debug.videoStats();
  const all = new Map([...(stats ?? new Map<string, unknown>())] as [string, Record<string, unknown>][]);
  const transport = [...all.values()].find(({ type }) => type === "transport");
  const pair = all.get(String(transport?.["selectedCandidatePairId"]));
  return all.get(String(pair?.["localCandidateId"]))?.["candidateType"] === "relay";
}

/** Waits until pictures have come to this person from now on. */
async function moreComes(person: Person, what: string): Promise<void> {
  const framesSeen = (): Promise<number> =>
    person.page.evaluate(async () => {
      let frames = 0;
      (await window.atrium!.debug.videoStats())?.forEach((one: { type: string; framesDecoded?: number }) => {
        if (one.type === "inbound-rtp") frames += one.framesDecoded ?? 0;
      });
      return frames;
    });
  const before = await framesSeen();
  await expect.poll(framesSeen, { message: `pictures come ${what}`, timeout: 30_000 }).toBeGreaterThan(before + 10);
}
