/** What the list of runs is narrowed to, in the address, so that it is there again on coming back. Pure. */

/** All workflows; tasks of the board are not among them. */
export const WORKFLOWS = "";

export interface RunsFilter {
  workflow: string;
  /** `open` for what is not over, `all`, or one status. */
  status: string;
  state: string;
  words: string;
}

const USUAL: RunsFilter = { workflow: WORKFLOWS, status: "open", state: "", words: "" };

export function filterOf(search: string): RunsFilter {
  const query = new URLSearchParams(search);
  return {
    workflow: query.get("workflow") ?? USUAL.workflow,
    status: query.get("status") ?? USUAL.status,
    state: query.get("state") ?? USUAL.state,
    words: query.get("words") ?? USUAL.words,
  };
}

/** What is as usual is left out. */
export function queryOf(filter: RunsFilter): string {
  const query = new URLSearchParams();
  for (const name of ["workflow", "status", "state", "words"] as const) {
    if (filter[name] !== USUAL[name]) query.set(name, filter[name]);
  }
  const words = query.toString();
  return words === "" ? "" : `?${words}`;
}
