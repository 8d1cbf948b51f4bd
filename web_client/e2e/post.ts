/** A mail server that keeps what it takes: as much of SMTP as an office without TLS speaks. */

import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export class PostOffice {
  /** Whole letters, headers and all. */
  readonly letters: string[] = [];
  private readonly server: Server = createServer((socket) => this.talk(socket));

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => void this.server.close(() => resolve()));
  }

  /** The code that the newest letter tells. */
  get code(): string {
    return /^Code: (\d{3} \d{3})/m.exec(this.letters.at(-1) ?? "")?.[1] ?? "";
  }

  private talk(socket: Socket): void {
    const say = (words: string): void => void socket.write(`${words}\r\n`);
    let begun = "";
    let letter: string[] | null = null;
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      const lines = (begun + chunk).split("\r\n");
      begun = lines.pop() ?? "";
      for (const line of lines) {
        if (letter === null) {
          if (/^DATA/i.test(line)) letter = [];
          say(/^DATA/i.test(line) ? "354 go on" : /^QUIT/i.test(line) ? "221 bye" : "250 fine");
          if (/^QUIT/i.test(line)) socket.end();
        } else if (line === ".") {
          this.letters.push(letter.join("\n"));
          letter = null;
          say("250 taken");
        } else letter.push(line);
      }
    });
    say("220 post");
  }
}
