/** Keeps the inbox as the office has it: read on coming in, on coming back, and whenever the office says so. */

import { wordsOf } from "../net/http";
import type { OfficeClient } from "../net/office";
import { type Inbox, type Question, readInbox } from "../net/runs";
import type { Store } from "../state/store";

const AGAIN_MS = 15_000;

export class InboxReader {
  private reading = false;
  /** Something changed while it was being read. */
  private stale = false;
  private again: ReturnType<typeof setTimeout> | undefined;
  /** What has been seen, so that only what is new is told. */
  private known: ReadonlySet<string> | null = null;

  constructor(
    private readonly store: Store,
    office: OfficeClient,
    private readonly isAsked: () => boolean,
  ) {
    office.listen({ welcomed: () => void this.read(), inboxChanged: () => void this.read() });
  }

  async read(): Promise<void> {
    if (!this.isAsked()) return;
    if (this.reading) {
      this.stale = true;
      return;
    }
    this.reading = true;
    clearTimeout(this.again);
    const { inbox } = this.store;
    if (inbox.value.kind !== "here") inbox.value = { kind: "loading" };
    try {
      this.take(await readInbox());
    } catch (fault) {
      // What is known stays in sight; it is asked for again by itself.
      const text = wordsOf(fault);
      inbox.value = inbox.value.kind === "here" ? { ...inbox.value, fault: text } : { kind: "failed", text };
      this.again = setTimeout(() => void this.read(), AGAIN_MS);
    }
    this.reading = false;
    if (this.stale) {
      this.stale = false;
      await this.read();
    }
  }

  /** Something was answered from here: say so, and see what is left. */
  async answered(words: string): Promise<void> {
    this.store.answered.value = words;
    await this.read();
  }

  private take(inbox: Inbox): void {
    const waiting = inbox.tasks.filter((task) => task.mine);
    const fresh = this.known === null ? [] : waiting.filter((task) => !this.known!.has(key(task)));
    this.known = new Set(waiting.map(key));
    this.store.inbox.value = { kind: "here", inbox, fault: null };
    if (fresh.length === 0 || this.store.panel.value === "inbox") return;
    const words = fresh.length === 1 ? `“${fresh[0]!.title}” waits for you.` : `${fresh.length} questions wait for you.`;
    this.store.notify("info", `${words} Press J for the inbox.`);
  }
}

const key = (task: Question): string => `${task.run} ${task.name} ${task.number}`;
