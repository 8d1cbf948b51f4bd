import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { CaptionLine } from "../protocol/messages";
import { DEFAULTS } from "./settings";
import { Store } from "./store";

const caption = (id: string, text: string, final = false): CaptionLine => ({ id, slot: 1, name: "Ana", text, final, at: 0, kind: "human", settled: 0, meeting: "" });

const PERSON = {
  id: "p-ana", name: "Ana", kind: "human" as const, look: [0, 0, 0, 0, 0] as const, role: "owner", seat: null, muted: false,
  listening_only: false, deaf: false, screen: false, camera: false, transcribed: true, status: "available", hand: false, state: "",
  present: true, zone: "birch",
};
const MEETING = { id: "m", title: "Planning", zone: "birch", started_at: 0, facilitator: "p-ana", facilitator_name: "Ana" };

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
    store.addCaption({ ...caption("a", "so we ship"), settled: 5 });
    expect(store.captions.value.map((line) => [line.text, line.settled])).toEqual([["so we ship", 5], ["yes", 3]]);
    store.addCaption(caption("a", "so we shipped", true));
    expect(store.captions.value[0]).toMatchObject({ text: "so we shipped", settled: 13, final: true });
  });

  it("knows what somebody says just now, until it has stood for a while", () => {
    store.addCaption(caption("a", "so we"));
    store.addCaption(caption("a", "so we ship", true));
    expect(store.saidNow.value.get(1)?.text).toBe("so we ship");
    vi.advanceTimersByTime(5_000);
    expect(store.saidNow.value.size).toBe(0);
  });

  it("corrects a caption and its line in the transcript", () => {
    store.addCaption(caption("a", "so we sip", true));
    store.transcript.value = {
      kind: "here", meeting: "m", lines: [{ id: "a", speaker_id: "p-ana", speaker_name: "Ana", text: "so we sip", started_at: 0 }],
    };
    store.correct("a", "so we ship", "Bo");
    expect(store.spoken.value).toMatchObject([{ text: "so we ship", correctedBy: "Bo", heard: "so we sip", meeting: "m" }]);
  });

  it("knows whether it is off the record and recorded where one is", () => {
    const person = { ...PERSON, zone: "birch" };
    store.you.value = { slot: 1, id: "p-ana", name: "Ana", role: "owner" };
    store.room.value = { ...store.room.value, participants: new Map([[1, person]]) };
    store.privacy.value = { off_record: ["cedar"], recording: ["birch"] };
    expect([store.offRecord.value, store.recording.value]).toEqual([false, false]);
    store.room.value = { ...store.room.value, meetings: new Map([["m", MEETING]]) };
    store.privacy.value = { off_record: ["birch"], recording: ["birch"] };
    expect([store.offRecord.value, store.recording.value]).toEqual([true, true]);
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
