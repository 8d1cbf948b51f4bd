/** A real relay (coturn) on this machine, with the configuration that the documents show. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import path from "node:path";

const PAGE = path.resolve(import.meta.dirname, "../../docs/howto/reach-people.md");
const START_MS = 20_000;

export class Relay {
  readonly host = ownAddress();
  readonly secret: string;
  port = 0;
  private readonly settings: (readonly [string, string])[];
  private readonly home = mkdtempSync(path.join(tmpdir(), "atrium-relay-"));
  private process: ChildProcess | null = null;
  private output = "";

  constructor() {
    this.settings = documented();
    this.secret = this.settings.find(([name]) => name === "static-auth-secret")![1];
  }

  /** Everything it wrote. */
  get log(): string {
    return this.output;
  }

  /** Seconds since 1970 until which each credential was good that a way was opened with, in their order. */
  get expiries(): number[] {
    return [...this.output.matchAll(/new, realm=<[^>]*>, username=<(\d+):/g)].map(([, until]) => Number(until));
  }

  async open(): Promise<void> {
    this.port = await freePort(this.host);
    const own = new Map<string, string>([
      ["listening-port", String(this.port)],
      ["userdb", path.join(this.home, "turndb")],
      ["pidfile", path.join(this.home, "pid")],
      ["log-file", "stdout"],
      ["simple-log", ""],
      ["verbose", ""],
      ["no-tls", ""],
    ]);
    const left = new Set([...own.keys(), "tls-listening-port", "cert", "pkey", "syslog"]);
    const kept = this.settings.filter(([name]) => !left.has(name)).map(([name, value]) => [name, value.replace(/^203\.0\.113\.\d+$/, this.host)] as const);
    const file = path.join(this.home, "turnserver.conf");
    writeFileSync(file, [...own, ...kept].map(([name, value]) => (value === "" ? `${name}\n` : `${name}=${value}\n`)).join(""));
    if (spawnSync("turnserver", ["--version"]).error !== undefined) {
      throw new Error("This test needs a relay, which is not here. On Debian and Ubuntu: apt-get install coturn");
    }
    const child = spawn("turnserver", ["-c", file], { cwd: this.home, stdio: ["ignore", "pipe", "pipe"] });
    this.process = child;
    await new Promise<void>((resolve, reject) => {
      const fail = (): void => reject(new Error(`The relay did not start. It said:\n${this.output}`));
      const impatient = setTimeout(fail, START_MS);
      const read = (chunk: Buffer): void => {
        this.output += chunk.toString("utf8");
        if (!/UDP listener opened on/.test(this.output) || !/TCP listener opened on/.test(this.output)) return;
        clearTimeout(impatient);
        resolve();
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("exit", fail);
    });
  }

  async close(): Promise<void> {
    const child = this.process;
    if (child !== null && child.exitCode === null) {
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      await gone;
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** The settings of the page; a name alone has an empty value. */
function documented(): (readonly [string, string])[] {
  const shown = /```ini\n([^]*?)```/.exec(readFileSync(PAGE, "utf8"))?.[1];
  if (shown === undefined) throw new Error(`${PAGE} shows no configuration.`);
  const lines = shown.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const at = line.indexOf("=");
    return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
  });
}

function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((ones) => ones ?? []);
  const found = all.find(({ family, internal }) => family === "IPv4" && !internal);
  if (found === undefined) throw new Error("This machine has no address of its own; browsers need one to reach a relay.");
  return found.address;
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
