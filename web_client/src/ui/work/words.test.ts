import { describe, expect, it } from "vitest";

import type { TimelineEntry } from "../../net/runs";
import { agreement, askedOf, dueWords, formWords, isAgainst, reloadWords, requestWords, statusWords, told, valueWords, voiced } from "./words";

const plain = (value: unknown, unit = "", format = "") => valueWords({ value, unit, format });

describe("values", () => {
  it("show money with its currency, days as days, and truth in words", () => {
    expect(plain(900, "EUR")).toBe("€900.00");
    expect(plain(1400.5, "kg")).toBe("1,400.5 kg");
    expect(plain(3)).toBe("3");
    expect(plain(true)).toBe("Yes");
    expect(plain(null)).toBe("–");
    expect(plain("2031-11-27", "", "date")).toBe("Thu 27 Nov 2031");
    expect(plain(["a", "b"])).toBe("a, b");
    expect(plain({ what: "Chairs", amount: 3, left: null })).toBe("What: Chairs; Amount: 3");
  });
});

const entry = (event: string, data: Record<string, unknown> = {}, more: Partial<TimelineEntry> = {}): TimelineEntry => ({
  seq: 2, at: 0, event, actor: "kim", actor_name: "Kim", outcome: "taken", about: "", data, before: [], after: [], requests: [], tasks: [], ...more,
});

describe("the timeline", () => {
  const about = { about: "Order: chairs" };
  it.each<[TimelineEntry, string, string]>([
    [entry("start"), "Kim started it.", ""],
    [entry("$decide", { decision: "approve", form: { comment: "Good" } }, about), "Kim said “Approve” to “Order: chairs”.", "Good"],
    [entry("$delegate", { to: "Lin" }, about), "Kim passed “Order: chairs” on to Lin.", ""],
    [entry("$escalate.order.0", {}, about), "Nobody had decided “Order: chairs”, so others are asked as well.", ""],
    [entry("overdue.order", {}, about), "“Order: chairs” was not decided in time.", ""],
    [entry("failed.letter", { reason: "full" }, { about: "Letter" }), "“Letter” failed: full.", ""],
    [entry("$cancel", { reason: "no money" }), "Kim cancelled it.", "no money"],
    [entry("$reassign", { to: "Lin", reason: "away" }, about), "Kim gave “Order: chairs” to Lin.", "away"],
    [entry("$reassign", { to: "Lin", reason: "away" }), "Lin looks after it now, said Kim.", "away"],
    [entry("withdraw", {}, { actor_name: "somebody" }), "Somebody sent “Withdraw”.", ""],
    [entry("first_day_over", {}, { actor: "office" }), "First day over.", ""],
    [entry("withdraw", {}, { outcome: "ignored" }), "Kim sent “Withdraw”. Nothing waited for it.", ""],
    [entry("withdraw", {}, { outcome: "held" }), "Kim sent “Withdraw”. It is held back until the run goes on.", ""],
  ])("says %#", (one, words, quote) => {
    expect(told(one)).toMatchObject({ words, quote });
  });

  it("tells good from bad by more than a colour", () => {
    expect(told(entry("$decide", { decision: "reject" })).tone).toBe("bad");
    expect(["reject", "not_needed", "leaves", "approve", "notify", "nominate"].map(isAgainst)).toEqual([true, true, true, false, false, false]);
  });
});

describe("files that are read again", () => {
  it("are told by what came of them", () => {
    expect(reloadWords({ new: ["walk", "long_trip"], changed: ["purchase"], gone: ["old"] })).toBe("New: Walk, Long trip. Changed: Purchase. Gone: Old.");
    expect(reloadWords({ new: [], changed: [], gone: [] })).toBe("Nothing has changed.");
  });
});

describe("questions", () => {
  const decisions = [
    { name: "approve", title: "Approve", needed: 2, votes: 1 },
    { name: "reject", title: "Reject", needed: 1, votes: 0 },
  ];
  it("say who else has to agree, who is asked, and who has said what", () => {
    expect(agreement({ decisions })).toBe("2 have to say “Approve”, 1 has");
    expect(agreement({ decisions: [{ ...decisions[0]!, needed: 1 }] })).toBe("");
    expect(askedOf({ roles: ["facilitator", "owner"], people: [{ id: "lin", name: "Lin" }] })).toBe("any facilitator, the owner, Lin");
    expect(voiced({ decisions, votes: [{ person: "kim", name: "Kim", decision: "approve" }] })).toEqual(["Kim: Approve"]);
  });

  it("are due in words, with how soon", () => {
    const now = new Date(2026, 10, 20, 12);
    const at = (days: number) => dueWords(now.getTime() / 1000 + days * 86_400, now);
    expect([at(-1), at(1), at(5)]).toEqual([
      { words: "Thu 19 Nov", urgency: "late" },
      { words: "Sat 21 Nov", urgency: "soon" },
      { words: "Wed 25 Nov", urgency: "later" },
    ]);
  });
});

it("says how a request does", () => {
  const error = { at: "", reason: "full" };
  expect(requestWords({ status: "failed", attempts: 3, errors: [error, error, error] })).toEqual({ words: "Failed, tried 3 times", tone: "bad" });
  expect(requestWords({ status: "waiting", attempts: 1, errors: [error] }).words).toBe("Tried once, is tried again");
  expect(requestWords({ status: "done", attempts: 1, errors: [] }).words).toBe("Done");
  expect(statusWords("sleeping").words).toBe("Sleeping");
  expect(formWords({ grade: 3, note: "ok", empty: "" })).toBe("Grade: 3. Note: ok");
});
