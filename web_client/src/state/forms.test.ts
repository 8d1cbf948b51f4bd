import { describe, expect, it } from "vitest";

import { blank, faultWords, fieldsOf, inWords, readForm } from "./forms";

const SCHEMA = {
  type: "object",
  required: ["what", "amount"],
  properties: {
    what: { type: "string", title: "What to buy", maxLength: 120 },
    amount: { type: "number", title: "Price", unit: "EUR" },
    pieces: { type: "integer" },
    why: { type: "string", maxLength: 500 },
    needed_by: { type: "string", format: "date" },
    buddy: { type: "string", format: "person" },
    colour: { enum: ["red", "green", 3] },
    rush: { type: "boolean" },
    more: { type: "object" },
  },
};

describe("a form", () => {
  const fields = fieldsOf(SCHEMA);

  it("has a field for each property, in their order", () => {
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ["what", "text"], ["amount", "number"], ["pieces", "whole"], ["why", "words"], ["needed_by", "day"],
      ["buddy", "person"], ["colour", "choice"], ["rush", "flag"], ["more", "json"],
    ]);
    expect(fields[1]).toMatchObject({ label: "Price", unit: "EUR", required: true });
    expect(fields[4]).toMatchObject({ label: "Needed by", required: false });
    expect(fieldsOf(null)).toEqual([]);
    expect(fieldsOf({ properties: 3 })).toEqual([]);
  });

  it("reads what was filled in as values, and leaves out what is empty", () => {
    const written = { ...blank(fields), what: " Ten chairs ", amount: "12,50", pieces: "3", colour: "3", rush: true, more: '{"a": 1}' };
    expect(readForm(fields, written)).toEqual({
      data: { what: "Ten chairs", amount: 12.5, pieces: 3, colour: 3, rush: true, more: { a: 1 } },
      faults: [],
    });
  });

  it("says what is missing and what is no number before the office is asked", () => {
    const { faults } = readForm(fields, { ...blank(fields), amount: "much", pieces: "1.5", more: "{" });
    expect(faults).toEqual([
      { field: "what", reason: "is missing" },
      { field: "amount", reason: "must be a number" },
      { field: "pieces", reason: "must be a whole number" },
      { field: "more", reason: "must be written as JSON" },
    ]);
  });

  it("puts what the office says beside the field that it is about", () => {
    const words = faultWords(fields, [
      { field: "amount", reason: "must be more than 0" },
      { field: "more.deep", reason: "is missing" },
      { field: "", reason: "has a field that is not asked for" },
      { field: "other", reason: "is missing" },
    ]);
    expect(words.get("amount")).toBe("Price must be more than 0.");
    expect(words.get("more")).toBe("More is missing.");
    expect(words.get("")).toBe("This has a field that is not asked for. Other is missing.");
  });
});

it("writes names in words", () => {
  expect([inWords("needed_by"), inWords("x"), inWords("")]).toEqual(["Needed by", "X", ""]);
});
