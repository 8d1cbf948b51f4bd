import { describe, expect, it } from "vitest";

import { HttpProblem } from "../net/http";
import { type Unplaced, unplacedOf } from "../net/runs";
import { askedFor, choose, missing, NONE, options } from "./renames";

const state = (name: string, title = name): { name: string; title: string } => ({ name, title });
const unplaced = (name: string, ...choices: { name: string; title: string }[]): Unplaced => ({ name, title: name.toUpperCase(), choices });

describe("states that are to be told what they become", () => {
  const outside = unplaced("outside", state("park"), state("street"));
  const inside = unplaced("inside", state("hall"));

  it("are asked for in the order of the office, and each needs a choice", () => {
    const asked = askedFor(NONE, [outside, inside]);
    expect(asked.states.map((one) => one.name)).toEqual(["outside", "inside"]);
    expect(missing(asked)?.name).toBe("outside");
    const half = choose(asked, "outside", "street");
    expect(missing(half)?.name).toBe("inside");
    const whole = choose(half, "inside", "hall");
    expect(missing(whole)).toBeUndefined();
    expect(whole.chosen).toEqual({ outside: "street", inside: "hall" });
  });

  it("keep what was chosen where the office refuses for another reason", () => {
    const asked = choose(askedFor(NONE, [outside]), "outside", "park");
    expect(askedFor(asked, [])).toEqual(asked);
    expect(askedFor(asked, [inside])).toEqual({ states: [outside, inside], chosen: { outside: "park", inside: "" } });
  });

  it("are asked for anew where the version changed meanwhile", () => {
    const asked = choose(askedFor(NONE, [outside]), "outside", "park");
    const newer = unplaced("outside", state("garden"));
    expect(askedFor(asked, [newer])).toEqual({ states: [newer], chosen: { outside: "" } });
  });

  it("are offered by title, and by name too where two have the same", () => {
    const words = options(unplaced("a", state("b", "Waiting"), state("c", "Waiting"), state("d", "Done")));
    expect(words).toEqual([["", "Choose a state"], ["b", "Waiting (b)"], ["c", "Waiting (c)"], ["d", "Done"]]);
  });

  it("are read from the refusal alone", () => {
    const refused = new HttpProblem(409, "cannot_upgrade", "No.", [], { unplaced: [outside] });
    expect(unplacedOf(refused)).toEqual([outside]);
    expect(unplacedOf(new HttpProblem(409, "cannot_upgrade", "No."))).toEqual([]);
    expect(unplacedOf(new HttpProblem(409, "conflict", "No.", [], { unplaced: [outside] }))).toEqual([]);
    expect(unplacedOf(new Error("No."))).toEqual([]);
    expect(() => unplacedOf(new HttpProblem(409, "cannot_upgrade", "No.", [], { unplaced: [{}] }))).toThrow("unplaced");
  });
});
