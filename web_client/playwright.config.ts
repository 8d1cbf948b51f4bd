/**
 * Browser tests: real offices, real Chromium, an office for each. Build the client first: `npx vite build`.
 *
 * Two run at a time, since most of a test is waiting: for a boot, for a sentence, for credentials to end. The
 * projects are begun in this order. So the tests that draw in 3D, for which software takes a processor, hardly
 * meet those that listen. Those whose words are recognised come last, one after the other, with the machine to
 * themselves: on a busy one the office saves work, and a caption no longer grows.
 */

import { defineConfig } from "@playwright/test";

const PICTURE = /(join|keyboard|scene|video)\.spec/;
const SOUND = /(relay|sound)\.spec/;
const WORDS = /(captions|speak)\.spec/;

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 2,
  fullyParallel: true,
  projects: [
    { name: "picture", testMatch: PICTURE },
    { name: "sound", testMatch: SOUND },
    { name: "pages", testIgnore: [PICTURE, SOUND, WORDS] },
    { name: "words", testMatch: WORDS, workers: 1 },
  ],
  forbidOnly: process.env["CI"] !== undefined,
  // Real sound on a busy machine can lose a word; a test that needed its second try is listed as flaky.
  retries: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    actionTimeout: 20_000,
    screenshot: "only-on-failure",
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: true, sources: false },
  },
});
