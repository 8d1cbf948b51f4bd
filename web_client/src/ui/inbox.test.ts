import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { OfficeClient, OfficeListener } from "../net/office";
import type { Question } from "../net/runs";
import { DEFAULTS } from "../state/settings";
import { Store } from "../state/store";
import { InboxReader } from "./inbox";

const question = (name: string, more: Partial<Question> = {}): Question => ({
  run: "r1", name, number: 1, definition: "purchase", definition_title: "Purchase", summary: "Chairs", title: `Purchase: ${name}`, shown: [],
  subject: "s", form: null, decisions: [{ name: "approve", title: "Approve", needed: 1, votes: 0 }], votes: [], roles: ["facilitator"], people: [],
  barred: [], due: null, status: "open", decision: "", decided_by: "", opened_at: 0, closed_at: null, started_by_name: "Bo", mine: true, voted: "",
  paused: false, ...more,
});

describe("the inbox of somebody inside", () => {
  let store: Store;
  let office: OfficeListener;
  let tasks: Question[];
  const answer = vi.fn<() => Response>();

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("fetch", () => Promise.resolve(answer()));
    answer.mockReset().mockImplementation(() => Response.json({ tasks, people: [] }));
    store = new Store(signal(DEFAULTS));
    tasks = [];
    const client = { listen: (listener: OfficeListener) => ((office = listener), () => true) };
    new InboxReader(store, client as unknown as OfficeClient, () => true);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const read = () => vi.advanceTimersByTimeAsync(0);
  const notices = () => store.notices.value.map(({ text }) => text);

  it("is read on coming in, and counts what waits for this person", async () => {
    tasks = [question("a"), question("b", { mine: false, voted: "approve" }), question("c", { paused: true })];
    office.welcomed!({} as never);
    expect(store.inbox.value.kind).toBe("loading");
    await read();
    expect(store.inbox.value.kind).toBe("here");
    expect(store.waiting.value).toBe(1);
    expect(notices(), "what waited before is no news").toEqual([]);
  });

  it("tells of what is new, once, and not while one looks at it", async () => {
    office.welcomed!({} as never);
    await read();
    tasks = [question("a")];
    office.inboxChanged!();
    await read();
    expect(notices()).toEqual(["“Purchase: a” waits for you. Press J for the inbox."]);
    office.inboxChanged!();
    await read();
    expect(notices()).toHaveLength(1);
    store.panel.value = "inbox";
    tasks = [question("a"), question("b")];
    office.inboxChanged!();
    await read();
    expect(notices()).toHaveLength(1);
    expect(store.waiting.value).toBe(2);
  });

  it("keeps what is known when the office does not answer, says so, and asks again", async () => {
    tasks = [question("a")];
    office.welcomed!({} as never);
    await read();
    answer.mockImplementationOnce(() => Response.error());
    office.inboxChanged!();
    await read();
    expect(store.inbox.value).toMatchObject({ kind: "here", fault: expect.stringContaining("office") as string });
    expect(store.waiting.value).toBe(1);
    tasks = [];
    await vi.advanceTimersByTimeAsync(15_000);
    expect(store.inbox.value).toMatchObject({ kind: "here", fault: null });
    expect(store.waiting.value).toBe(0);
  });

  it("is read once more when it changed while it was being read", async () => {
    office.welcomed!({} as never);
    office.inboxChanged!();
    office.inboxChanged!();
    await read();
    expect(answer).toHaveBeenCalledTimes(2);
  });
});
