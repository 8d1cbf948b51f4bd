/** The 3D office: cheap enough to draw, really drawn, and quiet in the browser's log. */

import { expect, test } from "./office";

const MOST_DRAW_CALLS = 60;
const MOST_TRIANGLES = 400_000;

test("the whole office is drawn in few calls", async ({ office, people }) => {
  const ana = await people.meet("Ana", { settings: { coached: true, listenOnly: true }, expected: /status of 404/ });
  await ana.page.goto(office.ownerLink);
  await ana.waits("for the picture behind the entry", ({ stage }) => drawn(stage).drawCalls > 0);
  await ana.throughTheDoor();

  for (const camera of ["Behind you", "Your eyes", "From above"]) {
    await test.step(camera, async () => {
      await ana.page.keyboard.press(",");
      await ana.page.getByRole("radio", { name: camera }).check();
      await ana.page.keyboard.press("Escape");
      await ana.waits("for a picture", ({ stage }) => drawn(stage).drawCalls > 0 && drawn(stage).triangles > 1000);
      const { drawCalls, triangles } = drawn((await ana.now()).stage);
      expect(drawCalls).toBeLessThanOrEqual(MOST_DRAW_CALLS);
      expect(triangles).toBeLessThan(MOST_TRIANGLES);
      await expect.poll(() => colours(), "many different colours, not one").toBeGreaterThan(200);
    });
  }

  await test.step("the pages beside the office are quiet too", async () => {
    for (const path of ["/meetings", "/meetings/none"]) {
      await ana.page.goto(office.origin + path);
      await expect(ana.page.getByRole("heading", { level: 1 })).toBeVisible();
    }
    await expect(ana.page.getByRole("alert"), "a meeting that is not there is said in words").toBeVisible();
  });

  /** How many different colours the middle of the picture has. */
  async function colours(): Promise<number> {
    const picture = await ana.page.locator(".picture canvas").first().screenshot();
    return ana.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const brush = canvas.getContext("2d")!;
      brush.drawImage(bitmap, 0, 0);
      const [w, h] = [Math.floor(bitmap.width / 2), Math.floor(bitmap.height / 2)];
      const { data } = brush.getImageData(Math.floor(w / 2), Math.floor(h / 2), w, h);
      return new Set(new Uint32Array(data.buffer)).size;
    }, picture.toString("base64"));
  }
});

test("somebody without a link is told what to do", async ({ office, people }) => {
  const stranger = await people.meet("Stranger", { expected: /status of 401/ });
  await stranger.page.goto(office.origin);
  await expect(stranger.page.getByRole("heading", { name: "You need an invitation" })).toBeVisible();
  await stranger.page.goto(`${office.origin}/?invite=nonsense`);
  await expect(stranger.page.getByRole("heading", { name: "You need an invitation" })).toBeVisible();
});

function drawn(stage: unknown): { drawCalls: number; triangles: number } {
  return (stage as { drawCalls: number; triangles: number } | null) ?? { drawCalls: 0, triangles: 0 };
}
