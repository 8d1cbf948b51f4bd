/**
 * Makes the pictures of the documents: a fresh office, scripted colleagues, a browser that looks.
 *
 *     node tools/screenshots.mjs            (from web_client, after `make setup` and `make web`)
 *
 * Writes docs/images/*.jpg. Needs Debian's chromium and flite.
 */

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "@playwright/test";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const python = process.env.ATRIUM_PYTHON ?? join(root, ".venv", "bin", "python");
const pictures = join(root, "docs", "images");
const data = mkdtempSync(join(tmpdir(), "atrium-pictures-"));
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required",
];

function start(...argumentsOfServer) {
  const child = spawn(python, ["-u", "-m", "server", ...argumentsOfServer], { cwd: root });
  child.stderr.pipe(process.stderr);
  return child;
}

function linkOf(child) {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (part) => {
      text += part;
      const found = /https?:\S+\?key=\S+/.exec(text);
      if (found) resolve(found[0]);
    });
    child.on("exit", () => reject(new Error(`the office did not open:\n${text}`)));
  });
}

async function picture(page, name) {
  await page.screenshot({ path: join(pictures, `${name}.jpg`), type: "jpeg", quality: 82 });
  console.log(`docs/images/${name}.jpg`);
}

/** Hold a key until something is true of the page. */
async function hold(page, key, reached) {
  await page.keyboard.down(key);
  await page.waitForFunction(reached, undefined, { timeout: 90_000 });
  await page.keyboard.up(key);
}

async function walkIn(context, link) {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const known = JSON.parse(localStorage.getItem("atrium.settings") ?? "{}");
    const wanted = { ...known, coached: true, quality: "high", look: [3, 0, 3, 1, 3] };
    localStorage.setItem("atrium.settings", JSON.stringify(wanted));
  });
  await page.goto(link);
  await page.getByLabel("Your name").fill("Ana");
  await page.waitForFunction(() => window.atrium?.debug.stage !== null, undefined, { timeout: 120_000 });
  await page.waitForTimeout(4_000); // let the entrance turn into view
  await picture(page, "entry");
  await page.getByRole("button", { name: "Walk in" }).click();
  await page.waitForFunction(() => window.atrium?.debug.self, undefined, { timeout: 60_000 });
  return page;
}

async function main() {
  mkdirSync(pictures, { recursive: true });
  const office = start("serve", "--port", "8399", "--data-dir", data, "--timezone", "Europe/Berlin");
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  try {
    const link = await linkOf(office);
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
    const page = await walkIn(context, link);
    const demo = start("demo", "--port", "8399", "--data-dir", data, "--script", "assets/demo/standup.toml");
    const ended = new Promise((resolve) => demo.on("exit", resolve));
    await page.waitForFunction(() => window.atrium.debug.people.length >= 4, undefined, { timeout: 90_000 });
    await hold(page, "w", () => window.atrium.debug.self.z < 5.3);
    await page.getByText(/Noted/).first().waitFor({ timeout: 150_000 });
    await picture(page, "office");
    await page.keyboard.press("b");
    await page.getByText(/Book the meeting room|Write the agenda/).first().waitFor({ timeout: 150_000 });
    await picture(page, "board");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("l");
    await page.getByRole("heading", { name: /Captions/ }).first().waitFor({ timeout: 30_000 });
    await picture(page, "list");
    await ended;
    await page.goto(new URL("/meetings", link).href);
    await page.getByRole("link", { name: /Morning stand-up/ }).first().click();
    await page.getByRole("heading", { name: "Summary" }).waitFor();
    await picture(page, "minutes");
    await page.goto(new URL("/models", link).href);
    await page.getByRole("heading", { name: "Recognisers" }).waitFor();
    await picture(page, "models");
  } finally {
    await browser.close();
    office.kill("SIGTERM");
    rmSync(data, { recursive: true, force: true });
  }
}

await main();
