import { describe, expect, it } from "vitest";

import type { ParticipantRecord } from "../../protocol/records";
import { eventFor } from "./board";
import { groupsOf } from "./people";

describe("moving a task over the board", () => {
  it.each([
    ["open", "accepted", "accept"],
    ["overdue", "accepted", "accept"],
    ["open", "done", "done"],
    ["accepted", "done", "done"],
    ["accepted", "open", "reopen"],
    ["done", "open", "reopen"],
    ["declined", "open", "reopen"],
    ["done", "accepted", null],
    ["open", "open", null],
    ["overdue", "open", null],
    ["declined", "done", null],
    ["proposed", "open", "accept"],
    ["proposed", "accepted", null],
    ["proposed", "done", "done"],
    ["open", "proposed", null],
    ["done", "proposed", null],
    ["rejected", "proposed", "reopen"],
    ["rejected", "open", null],
  ] as const)("%s to %s is %s", (state, column, event) => {
    expect(eventFor(state, column)).toBe(event);
  });
});

describe("people by room", () => {
  const person = (name: string, zone: string, kind: "human" | "avatar" = "human"): ParticipantRecord => ({
    id: name, name, kind, look: [0, 0, 0, 0, 0], role: "member", seat: null, muted: false, listening_only: false, deaf: false, screen: false, camera: false,
    transcribed: true, status: "available", hand: false, state: "", present: true, zone,
  });

  it("follow the plan, by name, with the AI colleagues last", () => {
    const groups = groupsOf(
      new Map([[1, person("Cy", "b")], [2, person("Ada", "a", "avatar")], [3, person("Bo", "b")], [4, person("Di", "a")], [5, person("Ed", "?")]]),
      [{ id: "a", name: "Lounge" }, { id: "b", name: "Birch" }],
    );
    expect(groups.map((group) => [group.name, group.people.map(({ person: { name } }) => name)])).toEqual([
      ["Lounge", ["Di"]],
      ["Birch", ["Bo", "Cy"]],
      ["Outside", ["Ed"]],
      ["AI colleagues", ["Ada"]],
    ]);
  });
});
