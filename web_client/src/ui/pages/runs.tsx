/** Runs of workflows: find one, see what is stuck, start another. */

import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import "../../styles/runs.css";
import { HttpProblem, sentence, wordsOf } from "../../net/http";
import { type Definitions, readDefinitions, readRuns, type RunLine, type RunsWanted } from "../../net/runs";
import { Button, Select, Skeleton, Trouble } from "../controls";
import { count } from "../words";
import { runHref, Status, When } from "../work/parts";
import { useRefresh } from "../work/refresh";
import { standsIn, STATUSES, statusWords, stewardWords } from "../work/words";
import { Page } from "./page";
import { filterOf, queryOf, type RunsFilter, WORKFLOWS } from "./runsFilter";
import { Schedules } from "./runsSchedules";
import { StartRun } from "./runsStart";
import { FileFaults, ReadAgain, Standing } from "./runsSide";

const REFRESH_MS = 5000;
const PAGE = 50;
const OPEN = ["active", "paused", "stuck"];
const TYPING_MS = 250;
/** The workflow of the tasks on the board. */
const BOARD = "action_item";

export function RunsPage(): JSX.Element {
  const filter = useSignal<RunsFilter>(filterOf(window.location.search));
  const definitions = useSignal<Definitions | null>(null);
  const runs = useSignal<readonly RunLine[] | null>(null);
  const next = useSignal<string | null>(null);
  const pages = useRef(1);
  const fault = useSignal<unknown>(null);
  const starting = useSignal(new URLSearchParams(window.location.search).has("start"));

  const load = async (): Promise<void> => {
    try {
      definitions.value = await readDefinitions();
      const asked = wantedOf(filter.value, definitions.value);
      const found: RunLine[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < pages.current; page++) {
        const one = await readRuns(asked, PAGE, cursor);
        found.push(...one.runs);
        cursor = one.next;
        if (cursor === null) break;
      }
      if (JSON.stringify(asked) !== JSON.stringify(wantedOf(filter.value, definitions.value))) return load();
      runs.value = found;
      next.value = cursor;
      fault.value = null;
    } catch (problem) {
      fault.value = problem;
    }
  };
  useRefresh(load, REFRESH_MS, []);

  const choose = (change: Partial<RunsFilter>): void => {
    filter.value = { ...filter.value, ...change };
    pages.current = 1;
    window.history.replaceState(null, "", `/runs${queryOf(filter.value)}`);
    void load();
  };

  const known = definitions.value;
  if (known === null) {
    const refused = fault.value instanceof HttpProblem && (fault.value.status === 401 || fault.value.status === 403);
    return (
      <Page title="Runs" sentence={fault.value === null ? "Looking at the work." : refused ? "This page is for members of the office." : "The runs cannot be shown."}>
        {fault.value === null ? <Skeleton lines={8} label="Loading runs" /> : <Trouble>{wordsOf(fault.value)}</Trouble>}
      </Page>
    );
  }
  const owner = known.definitions.some(({ open }) => open !== null);
  return (
    <Page title="Runs" sentence={owner ? "Work that follows a workflow: where it stands, what it waits for, what went wrong." : "Work that you started, or that you are asked about."}>
      {fault.value !== null && <Trouble>{wordsOf(fault.value)} What you see is old; it is asked for again by itself.</Trouble>}
      <FileFaults faults={known.faults} />
      <div class={`runs${fault.value === null ? "" : " is-old"}`}>
        <Begin definitions={known} starting={starting} />
        <div class="runs-main">
          <Filters filter={filter.value} definitions={known} onChoose={choose} />
          <Table runs={runs.value} filter={filter.value} onClear={() => choose({ workflow: WORKFLOWS, status: "open", state: "", words: "" })} />
          {next.value !== null && (
            <Button
              label="Show more"
              small
              onClick={() => {
                pages.current += 1;
                void load();
              }}
            />
          )}
        </div>
        {owner && (
          <aside class="runs-side">
            <Standing definitions={known.definitions} onChoose={(workflow, state) => choose({ workflow, state, status: "open" })} />
            <Schedules />
            <ReadAgain onDone={() => void load()} />
          </aside>
        )}
      </div>
    </Page>
  );
}

/** The button, or the form in its place; closed, it gives the focus back to the button. */
function Begin({ definitions, starting }: { definitions: Definitions; starting: Signal<boolean> }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const close = (): void => {
    starting.value = false;
    requestAnimationFrame(() => box.current?.querySelector("button")?.focus());
  };
  return (
    <div ref={box} class="runs-begin">
      {starting.value ? (
        <StartRun definitions={definitions} onClose={close} />
      ) : (
        <Button label="Start a run" icon="plus" kind="main" onClick={() => (starting.value = true)} />
      )}
    </div>
  );
}

/** Tasks of the board are runs as well; they are shown when they are asked for. */
function wantedOf(filter: RunsFilter, known: Definitions | null): RunsWanted {
  const workflows = known?.definitions.filter(({ name }) => name !== BOARD).map(({ name }) => name) ?? [];
  const named = known?.definitions.some(({ name }) => name === filter.workflow) ?? false;
  return {
    definitions: named ? [filter.workflow] : workflows,
    statuses: filter.status === "open" ? OPEN : filter.status === "all" ? [] : [filter.status],
    state: filter.state,
    words: filter.words,
  };
}

function Filters({ filter, definitions, onChoose }: {
  filter: RunsFilter;
  definitions: Definitions;
  onChoose: (change: Partial<RunsFilter>) => void;
}): JSX.Element {
  const typing = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const words = useSignal(filter.words);
  useEffect(() => {
    words.value = filter.words;
  }, [filter.words]);
  const chosen = definitions.definitions.find(({ name }) => name === filter.workflow);
  const workflows = definitions.definitions.map(({ name, title }) => [name, name === BOARD ? `${title}s of the board` : title] as const);
  return (
    <div class="runs-filters" role="search" aria-label="Runs">
      <div class="field runs-words">
        <label for="runs-words">Words</label>
        <input
          id="runs-words"
          type="search"
          placeholder="Ten chairs"
          value={words.value}
          onInput={(event) => {
            words.value = event.currentTarget.value;
            clearTimeout(typing.current);
            typing.current = setTimeout(() => onChoose({ words: words.value }), TYPING_MS);
          }}
        />
      </div>
      <Select
        label="Workflow"
        value={filter.workflow}
        options={[[WORKFLOWS, "All workflows"], ...workflows]}
        onChange={(workflow) => onChoose({ workflow, state: "" })}
      />
      <Select
        label="Status"
        value={filter.status}
        options={[["open", "Not over"], ["all", "All"], ...STATUSES.map((status) => [status, statusWords(status).words] as const)]}
        onChange={(status) => onChoose({ status })}
      />
      {chosen !== undefined && (
        <Select
          label="Stands in"
          value={filter.state}
          options={[["", "Any state"], ...chosen.states.map(({ name, title }) => [name, title] as const)]}
          onChange={(state) => onChoose({ state, ...(chosen.states.find(({ name }) => name === state)?.final ? { status: "all" } : {}) })}
        />
      )}
    </div>
  );
}

function Table({ runs, filter, onClear }: { runs: readonly RunLine[] | null; filter: RunsFilter; onClear: () => void }): JSX.Element {
  if (runs === null) return <Skeleton lines={8} label="Loading runs" />;
  if (runs.length === 0) {
    return queryOf(filter) === "" ? (
      <p class="empty">Nothing is under way. Start a run, or look at all that is over under Status.</p>
    ) : (
      <div class="runs-none">
        <p class="empty">Nothing is like that.</p>
        <Button label="Look at all that is not over" small onClick={onClear} />
      </div>
    );
  }
  return (
    <div class="runs-wide" role="region" aria-label="Runs, table" tabIndex={0}>
      {/* Roles are said: on a narrow screen the rows are laid out as cards, and browsers then forget that it is a table. */}
      <table class="runs-table" role="table">
        <caption class="unseen">{count(runs.length, "run", "runs")}, those that changed last first</caption>
        <thead role="rowgroup">
          <tr role="row">
            {["Work", "Stands in", "Status", "Started by", "Changed"].map((name) => (
              <th key={name} scope="col" role="columnheader">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {runs.map((run) => (
            <tr key={run.id} role="row">
              <th scope="row" role="rowheader">
                <a href={runHref(run.id)}>{run.summary === "" ? run.title : run.summary}</a>
                <small class="quiet">{run.title}</small>
              </th>
              <td role="cell">{standsIn(run)}</td>
              <td role="cell" class={`runs-status${run.status === "stuck" ? " is-stuck" : ""}`}>
                <Status run={run} />
                {run.status === "stuck" && (
                  <small class="runs-trouble">
                    {sentence(run.trouble)} It waits for {stewardWords(run)}.
                  </small>
                )}
              </td>
              <td role="cell" class="runs-by">{run.started_by_name}</td>
              <td role="cell" class="figures runs-when">
                <When at={run.updated_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
