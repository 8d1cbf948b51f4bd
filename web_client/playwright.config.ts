/**
 * Browser tests: real offices, real Chromium, each with its own. Build the client first: `npx vite build`.
 *
 * Two run at a time: most of a test is waiting for boots, words and credentials to end. The projects are begun in this
 * order, so those that draw in 3D, for which software takes a processor, hardly meet those that listen to sound.
 */

import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 2,
  fullyParallel: true,
  projects: [
    { name: "picture", testMatch: ["join.spec.ts", "keyboard.spec.ts", "scene.spec.ts", "video.spec.ts"] },
    { name: "sound", testMatch: ["captions.spec.ts", "relay.spec.ts", "sound.spec.ts", "speak.spec.ts"] },
    { name: "pages", testMatch: ["return.spec.ts", "runs.spec.ts"] },
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
