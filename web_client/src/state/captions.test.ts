import { describe, expect, it } from "vitest";

import { settledLength } from "./captions";

describe("captions", () => {
  it("call the words that two versions share settled", () => {
    expect(settledLength("so we ship", "so we shipped on Friday")).toBe("so we".length);
    expect(settledLength("", "so")).toBe(0);
    expect(settledLength("I'll do it", "I'll do it today")).toBe("I'll do it".length);
  });
});
