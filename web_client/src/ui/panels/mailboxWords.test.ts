import { describe, expect, it } from "vitest";

import type { Mailbox } from "../../net/mailbox";
import { mailboxState, switchDetail, whatToDo, whatWasKept } from "./mailboxWords";

const given: Mailbox = { address: "lin@example.org", wanted: true, sends: true, confirmed: false, code_until: 1_795_185_000 };
const states: [Mailbox, ReturnType<typeof mailboxState>][] = [
  [{ ...given, address: "", code_until: null }, "none"],
  [{ ...given, sends: false, code_until: null }, "mute"],
  [{ ...given, code_until: null }, "unsent"],
  [given, "waits"],
  [{ ...given, confirmed: true, code_until: null }, "confirmed"],
  [{ ...given, confirmed: true, sends: false, code_until: null }, "confirmed"],
];

describe("an address on its way to be written to", () => {
  it.each(states)("%j is %s", (mailbox, state) => expect(mailboxState(mailbox)).toBe(state));

  it("says what to do until it is confirmed, and nothing after", () => {
    const words = states.map(([mailbox]) => whatToDo(mailbox, "15:30"));
    expect(words[1]).toContain("once this office sends mail");
    expect(words[2]).toContain("Nothing is sent to lin@example.org before you confirm it");
    expect(words[3]).toContain("Enter the code from the letter to lin@example.org, until 15:30");
    expect([words[0], words[4], words[5]]).toEqual(["", "", ""]);
  });

  it("does not claim that letters go to an address that waits", () => {
    expect(whatWasKept(given)).toBe("");
    expect(whatWasKept({ ...given, confirmed: true })).toBe("What waits for you goes to lin@example.org.");
    expect(whatWasKept({ ...given, confirmed: true, wanted: false })).toBe("You get no mail.");
    expect(whatWasKept({ ...given, wanted: false })).toBe("You get no mail.");
    expect(whatWasKept({ ...given, address: "" })).toBe("No address is kept.");
    expect(switchDetail(given)).toContain("As soon as your address is confirmed");
    expect(switchDetail({ ...given, confirmed: true })).not.toContain("confirmed");
  });
});
