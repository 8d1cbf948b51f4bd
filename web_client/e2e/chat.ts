/** A chat endpoint that sums up by saying one line again, and one sentence that nobody said. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class ChatEndpoint {
  /** Everything that was sent, as text. */
  readonly asked: string[] = [];
  private readonly server: Server;

  /** `line` finds the line that is said again. */
  constructor(line: RegExp) {
    this.server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (chunk: string) => (body += chunk));
      request.on("end", () => {
        const { messages } = JSON.parse(body) as { messages: { content: string }[] };
        const rows = messages.at(-1)!.content;
        this.asked.push(rows);
        const [, number, words] = /^\[(\d+)\] ".*": "(.*)"$/.exec(rows.split("\n").find((row) => line.test(row)) ?? "") ?? [];
        const content = `- ${words} [${number}]\n- It costs 9000 euros. [${number}]`;
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ choices: [{ message: { role: "assistant", content }, finish_reason: "stop" }] }));
      });
    });
  }

  /** Gives the address to name as `chat_url`. */
  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => void this.server.close(() => resolve()));
  }
}
