/** Somebody at a browser of their own, since the sentence of a fake microphone is chosen at its start. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { type Browser, type BrowserContext, chromium, expect, type Page } from "@playwright/test";

import type { Settings } from "../src/state/settings";
import type { AtriumDebug } from "../src/ui/debug";
import { type Voice, writeSilence, writeSpeech } from "./speech";

const CHROMIUM = process.env["ATRIUM_CHROMIUM"] ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
];
/** Seconds from the opened microphone to the first word: time enough for the call to stand. */
const LEAD_SECONDS = 4;
/** What draws in 3D. */
const PICTURE = /\/app\/stage-/;

export interface PersonOptions {
  viewport?: { width: number; height: number };
  settings?: Partial<Settings>;
  voice?: Voice;
  reducedMotion?: boolean;
  /** Without the 3D picture, where it is not what is tested: to draw it in software takes a processor for itself. */
  flat?: boolean;
  /** With the 3D picture, in few pixels: where it is there but nobody looks at it. */
  coarse?: boolean;
  /** Complaints of the browser that belong to what is tested. */
  expected?: RegExp;
}

/** For tests of sound: the drawing of the 3D view in software would starve it. */
export const PLAIN: Partial<Settings> = { coached: true, listView: true };

export type Now = Omit<AtriumDebug, "roundTripSeconds" | "videoStats">;

export class Person {
  private constructor(
    readonly name: string,
    public page: Page,
    readonly context: BrowserContext,
    /** What the browser complained about: errors, and what the content policy stopped. */
    readonly complaints: string[],
    private readonly browser: Browser,
    private readonly folder: string,
    private readonly options: PersonOptions,
  ) {}

  /** Opens a browser; nobody has walked in anywhere yet. */
  static async atBrowser(name: string, options: PersonOptions = {}): Promise<Person> {
    if (!existsSync(CHROMIUM)) {
      throw new Error(`There is no browser at ${CHROMIUM}. On Debian: apt-get install chromium; elsewhere name one in ATRIUM_CHROMIUM.`);
    }
    const folder = mkdtempSync(path.join(tmpdir(), "atrium-person-"));
    const sound = path.join(folder, "microphone.wav");
    writeSilence(sound);
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      headless: true,
      args: [...ARGUMENTS, `--use-file-for-fake-audio-capture=${sound}%noloop`],
    });
    const context = await browser.newContext({
      viewport: options.viewport ?? { width: 800, height: 500 },
      deviceScaleFactor: options.coarse === true ? 0.25 : 1,
      permissions: ["microphone"],
      reducedMotion: options.reducedMotion === true ? "reduce" : "no-preference",
      acceptDownloads: true,
    });
    if (options.flat === true) await context.route(PICTURE, (route) => route.abort());
    const complaints: string[] = [];
    context.on("console", (message) => {
      const left = options.flat === true && PICTURE.test(message.location().url);
      if (message.type() === "error" && !left) complaints.push(`${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (fault) => complaints.push(String(fault.error())));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (stopped) => {
        console.error(`Content policy: ${stopped.violatedDirective} stopped ${stopped.blockedURI}`);
      });
    });
    const settings = { name, ...options.settings };
    await context.addInitScript((kept) => {
      // Settings of this browser, as if chosen on an earlier visit; what is chosen later stays.
      if (location.protocol.startsWith("http") && localStorage.getItem("atrium.settings") === null) localStorage.setItem("atrium.settings", kept);
    }, JSON.stringify(settings));
    return new Person(name, await context.newPage(), context, complaints, browser, folder, options);
  }

  /** Opens a link and walks in by the button. */
  async walkIn(link: string): Promise<this> {
    await this.page.goto(link);
    await this.throughTheDoor();
    return this;
  }

  /** From the entry to the inside, sound and all. */
  async throughTheDoor(): Promise<void> {
    await this.page.getByRole("button", { name: "Walk in" }).click();
    await this.isInside();
  }

  /** In the room, placed, and with the sound on. */
  async isInside(): Promise<void> {
    await this.waits("to be inside, with sound", (now) => now.phase === "office" && now.self !== null && now.soundState === "on");
  }

  /** What this person's page measures and draws, at this moment. */
  async now(): Promise<Now> {
    return this.page.evaluate(() => {
      const debug = window.atrium!.debug;
      const { sound, soundState, calls, ways, microphone, connection, phase, stage, self, speaking, people, pictures } = debug;
      return { sound, soundState, calls, ways, microphone, connection, phase, stage, self, speaking, people, pictures };
    });
  }

  /** Waits until the page shows it. */
  async waits(what: string, is: (now: Now) => boolean, timeout = 30_000): Promise<void> {
    await expect
      .poll(async () => is(await this.now()), { message: `${this.name} waits ${what}`, timeout, intervals: [100] })
      .toBe(true);
  }

  /** Where this person stands, by their own browser. */
  async self(): Promise<NonNullable<Now["self"]>> {
    const { self } = await this.now();
    if (self === null) throw new Error(`${this.name} is not inside.`);
    return self;
  }

  /** How this person sees somebody. */
  async view(name: string): Promise<Now["people"][number] | undefined> {
    return (await this.now()).people.find((one) => one.name === name);
  }

  /** What the microphone will pick up when it is opened next. */
  willSay(sentence: string): void {
    writeSpeech(path.join(this.folder, "microphone.wav"), sentence, this.options.voice ?? "slt", LEAD_SECONDS);
  }

  /** Says a sentence by coming in anew with the microphone open: a fake microphone begins its file when it is opened. */
  async saysOnReturn(sentence: string): Promise<void> {
    this.willSay(sentence);
    await this.page.reload();
    await this.isInside();
  }

  /** Closes the browser; throws when it had complaints that nobody expected. */
  async close(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true, force: true });
    const { expected } = this.options;
    const unexpected = this.complaints.filter((one) => expected === undefined || !expected.test(one));
    expect(unexpected, `${this.name}'s browser has nothing to complain about`).toEqual([]);
  }
}
