import { expect, it } from "vitest";

import { filterOf, queryOf } from "./runsFilter";

it("keeps a filter in the address, and nothing there where all is as usual", () => {
  const filter = { workflow: "purchase", status: "all", state: "one_approves", words: "ten chairs & more" };
  expect(filterOf(queryOf(filter))).toEqual(filter);
  expect(queryOf(filterOf(""))).toBe("");
  expect(filterOf("?status=stuck")).toEqual({ workflow: "", status: "stuck", state: "", words: "" });
});
