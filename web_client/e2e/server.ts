/** A real office in a temporary folder, as `make run` opens it. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");
const START_MS = 60_000;
const STOP_MS = 15_000;

export interface OfficeOptions {
  /** More of the command line. */
  arguments?: string[];
  /** Python that runs in the office's process before the office does. */
  before?: string;
}

export class Office {
  /** The address with the owner's key, of the first start. */
  ownerLink = "";
  origin = "";
  private readonly home = mkdtempSync(path.join(tmpdir(), "atrium-e2e-"));
  private process: ChildProcess | null = null;
  private output = "";

  constructor(private readonly options: OfficeOptions = {}) {}

  /** Everything the server wrote. */
  get log(): string {
    return this.output;
  }

  /** The process of the sound that runs now, as the log names it. */
  get soundProcess(): number {
    const started = [...this.output.matchAll(/what=sound pid=(\d+)/g)].at(-1);
    if (started === undefined) throw new Error(`The office started no sound:\n${this.output}`);
    return Number(started[1]);
  }

  /** Opens the office; again on the same port and data after `stop` or `kill`. */
  async open(): Promise<void> {
    const python = process.env["ATRIUM_PYTHON"] ?? path.join(ROOT, ".venv/bin/python");
    if (!process.env["ATRIUM_PYTHON"] && !existsSync(python)) {
      throw new Error("There is no .venv with the office: run `make setup`, or name an interpreter in ATRIUM_PYTHON.");
    }
    if (!existsSync(path.join(ROOT, "server/web/index.html"))) {
      throw new Error("The client is not built: run `npx vite build` in web_client.");
    }
    const port = this.origin === "" ? "0" : new URL(this.origin).port;
    const begun = this.output.length;
    const { before, arguments: more = [] } = this.options;
    const program = before === undefined ? ["-m", "server"] : ["-c", `${before}\nimport runpy\nrunpy.run_module("server", run_name="__main__")`];
    const child = spawn(python, [...program, "serve", "--port", port, "--data-dir", path.join(this.home, "data"), ...more], {
      cwd: this.home,
      env: surroundings(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    const keep = (chunk: Buffer): void => void (this.output += chunk.toString("utf8"));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (fault) => void (this.output += `${fault.message}\n`));
    const link = await this.until(START_MS, () => /^ {2}(http:\S+)$/m.exec(this.output.slice(begun))?.[1]);
    this.origin = new URL(link).origin;
    if (this.ownerLink === "") this.ownerLink = link;
    await this.until(START_MS, async () => (await fetch(`${this.origin}/healthz`).catch(() => null))?.ok);
  }

  /** Writes a file of the office's own into its data folder. */
  put(file: string, text: string): void {
    const place = path.join(this.home, "data", file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
  }

  /** Asks it to close, as Ctrl+C does. */
  async stop(): Promise<void> {
    await this.end("SIGTERM");
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Stops it and throws its data away. */
  async close(): Promise<void> {
    await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  private async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.process;
    this.process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    const impatient = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(impatient);
  }

  /** Waits for the server to say or do something; throws its log when it does not. */
  private async until<T>(milliseconds: number, look: () => T | Promise<T>): Promise<NonNullable<T>> {
    const end = Date.now() + milliseconds;
    for (;;) {
      const found = await look();
      if (found) return found;
      const child = this.process;
      const over = child === null || child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
      if (over || Date.now() > end) {
        throw new Error(`The office did not open${over ? "" : ` within ${milliseconds / 1000} s`}. It said:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Our environment without settings that would change the office; one process for speech, as browsers share the cores. */
function surroundings(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("ATRIUM_"));
  const paths = [ROOT, process.env["PYTHONPATH"]].filter(Boolean).join(path.delimiter);
  return { ...Object.fromEntries(kept), PYTHONPATH: paths, PYTHONUNBUFFERED: "1", ATRIUM_SPEECH_PROCESSES: "1" };
}
