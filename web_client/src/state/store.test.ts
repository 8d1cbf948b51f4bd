import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { CaptionLine } from "../protocol/messages";
import { DEFAULTS } from "./settings";
import { Store } from "./store";

const caption = (id: string, text: string, final = false): CaptionLine => ({ id, slot: 1, name: "Ana", text, final, at: 0, kind: "human", settled: 0, meeting: "" });

describe("the store", () => {
  let store: Store;
  beforeEach(() => {
    vi.useFakeTimers();
    store = new Store(signal(DEFAULTS));
  });
  afterEach(() => vi.useRealTimers());

  it("lets newer words of a caption replace the older and knows which settled", () => {
    store.addCaption(caption("a", "so we"));
    store.addCaption(caption("b", "yes", true));
    store.addCaption(caption("a", "so we ship"));
    expect(store.captions.value.map((line) => [line.text, line.settled])).toEqual([["so we ship", 5], ["yes", 3]]);
    store.addCaption(caption("a", "so we shipped", true));
    expect(store.captions.value[0]).toMatchObject({ text: "so we shipped", settled: 13, final: true });
  });

  it("shows a chat line once and counts it as unread while the chat is closed", () => {
    const line = { id: "c", from_slot: 2, from_name: "Bo", text: "Hello", at: 1 };
    store.addChat(line);
    store.addChat(line);
    expect([store.chat.value.length, store.unread.value]).toEqual([1, 1]);
    store.openPanel("chat");
    expect(store.unread.value).toBe(0);
  });

  it("says the same words once at a time and lets them go", () => {
    store.notify("info", "The minutes are ready.");
    store.notify("info", "The minutes are ready.");
    expect(store.notices.value).toHaveLength(1);
    vi.advanceTimersByTime(8_000);
    expect(store.notices.value).toHaveLength(0);
  });

  it("opens one panel at a time and closes it by the same key", () => {
    store.openPanel("people");
    store.openPanel("board");
    expect(store.panel.value).toBe("board");
    store.openPanel("board");
    expect(store.panel.value).toBeNull();
  });
});
