/** One run: where it stands, what it waits for, what happened, and what can be done with it. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import "../../styles/runs.css";
import { HttpProblem, sentence, wordsOf } from "../../net/http";
import { readRun, type RunDetail, type RunLine } from "../../net/runs";
import { Button, Skeleton, Trouble } from "../controls";
import { Diagram } from "../diagram/diagram";
import { dayAndTime } from "../words";
import { runHref, Status, Tint, Values, When } from "../work/parts";
import { QuestionCard } from "../work/questionCard";
import { useRefresh } from "../work/refresh";
import { standsIn, stewardWords } from "../work/words";
import { Page } from "./page";
import { Deeds } from "./runDeeds";
import { Timeline } from "./runTimeline";

const REFRESH_MS = 3000;
const ALL_RUNS = { href: "/runs", label: "All runs" };

export function RunPage({ id }: { id: string }): JSX.Element {
  const run = useSignal<RunDetail | null>(null);
  const fault = useSignal<unknown>(null);
  const said = useSignal("");
  const load = async (): Promise<void> => {
    try {
      run.value = await readRun(id);
      fault.value = null;
    } catch (problem) {
      fault.value = problem;
    }
  };
  useRefresh(load, REFRESH_MS, [id]);
  const changed = (words: string): void => {
    said.value = words;
    void load();
  };

  const known = run.value;
  if (known === null) {
    const gone = fault.value instanceof HttpProblem && [401, 403, 404].includes(fault.value.status);
    return (
      <Page title="Run" sentence={fault.value === null ? "Looking at the run." : gone ? "It is not there, or not yours to see." : "The run cannot be shown."} back={ALL_RUNS}>
        {fault.value === null ? <Skeleton lines={10} label="Loading the run" /> : <Trouble>{wordsOf(fault.value)}</Trouble>}
      </Page>
    );
  }
  return (
    <Page
      title={known.summary === "" ? known.title : known.summary}
      sentence={`${known.title}, started by ${known.started_by_name === "" ? "the office" : known.started_by_name} on ${dayAndTime(known.created_at)}.`}
      back={ALL_RUNS}
    >
      {fault.value !== null && <Trouble>{wordsOf(fault.value)} What you see is old; it is asked for again by itself.</Trouble>}
      <p class="unseen" role="status">
        {said.value}
      </p>
      <div class={`run${fault.value === null ? "" : " is-old"}`}>
        <div class="run-main">
          <Now run={known} />
          <Waiting run={known} onAnswered={changed} />
          <Where run={known} />
          <section aria-labelledby="timeline-title">
            <h2 id="timeline-title">What happened</h2>
            <Timeline run={known} />
          </section>
        </div>
        <aside class="run-side">
          <Deeds run={known} onDone={changed} />
          <Next run={known} />
          <Family run={known} />
          <section aria-labelledby="data-title">
            <h2 id="data-title">Data</h2>
            {known.data.length === 0 ? <p class="empty">It holds none.</p> : <Values values={known.data} caption="Data of the run" />}
          </section>
        </aside>
      </div>
    </Page>
  );
}

/** One glance: how it is, where it stands, and what is wrong. */
function Now({ run }: { run: RunDetail }): JSX.Element {
  const failed = run.under_way.filter((one) => one.failed !== "");
  return (
    <div class="run-now">
      <p class="run-now-line">
        <Status run={run} />
        <strong>{standsIn(run)}</strong>
        <span class="quiet">
          since <When at={run.updated_at} />
        </span>
      </p>
      {run.status === "stuck" && (
        <Trouble>
          {sentence(run.trouble)} It waits for {stewardWords(run)} to look at it.
          {(failed.length > 0 || run.held.length > 0) && " Try it again, or skip it."}
        </Trouble>
      )}
      {run.status === "paused" && <p class="run-paused">What comes is held back until it is resumed.</p>}
      {run.held.length > 0 && (
        <p class="run-paused">
          Held back: {run.held.map((one) => `${one.event.replace(/^\$/, "")}, from ${one.actor_name}`).join("; ")}.
        </p>
      )}
    </div>
  );
}

function Waiting({ run, onAnswered }: { run: RunDetail; onAnswered: (words: string) => void }): JSX.Element | null {
  if (run.tasks.length === 0) return null;
  return (
    <section aria-labelledby="waiting-title">
      <h2 id="waiting-title">{run.tasks.length === 1 ? "It waits for a decision" : "It waits for decisions"}</h2>
      <div class="run-questions">
        {run.tasks.map((task) => (
          <QuestionCard key={`${task.name} ${task.number} ${task.subject}`} task={task} people={run.people} onAnswered={onAnswered} />
        ))}
      </div>
    </section>
  );
}

function Where({ run }: { run: RunDetail }): JSX.Element | null {
  const copied = useSignal(false);
  const { picture } = run;
  const key = JSON.stringify([run.states, run.visited, run.status]);
  const standing = useMemo(() => {
    const parents = new Map(picture?.boxes.map((box) => [box.name, box.parent]));
    const active = new Set<string>();
    for (const { name } of run.states) for (let at: string | undefined = name; at; at = parents.get(at)) active.add(at);
    return { active, visited: new Set(run.visited), status: run.status };
  }, [key]);
  if (picture === null) return null;
  // Browsers give the clipboard only to pages over HTTPS or on localhost.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  return (
    <section aria-labelledby="where-title">
      <header class="run-where-head">
        <h2 id="where-title">Where it stands</h2>
        {clipboard !== undefined && (
          <Button
            label={copied.value ? "Copied" : "Copy as Mermaid"}
            icon={copied.value ? "check" : "copy"}
            kind="quiet"
            small
            onClick={() => void clipboard.writeText(run.mermaid).then(() => (copied.value = true))}
          />
        )}
      </header>
      <Diagram diagram={picture} standing={standing} title={run.title} />
    </section>
  );
}

/** What happens by itself, and what is under way. */
function Next({ run }: { run: RunDetail }): JSX.Element | null {
  if (run.timers.length === 0 && run.under_way.length === 0) return null;
  return (
    <section aria-labelledby="next-title">
      <h2 id="next-title">What comes</h2>
      <ul class="run-next">
        {run.under_way.map((one) => (
          <li key={`work ${one.name}`}>
            <Tint words={one.failed === "" ? "Under way" : "Failed"} tone={one.failed === "" ? "waiting" : "bad"} />
            <span>
              {one.words}
              {one.failed !== "" && <small class="quiet">{one.failed}</small>}
            </span>
          </li>
        ))}
        {run.timers.map((timer) => (
          <li key={timer.name}>
            <span class="quiet figures">
              <When at={timer.at} />
            </span>
            <span>{timer.words}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Family({ run }: { run: RunDetail }): JSX.Element | null {
  if (run.parent === null && run.children.length === 0) return null;
  return (
    <section aria-labelledby="family-title">
      <h2 id="family-title">Belongs together</h2>
      <ul class="run-family">
        {run.parent !== null && <Relative run={run.parent} words="Part of" />}
        {run.children.map((child) => (
          <Relative key={child.id} run={child} words="Started by it" />
        ))}
      </ul>
    </section>
  );
}

function Relative({ run, words }: { run: RunLine; words: string }): JSX.Element {
  return (
    <li>
      <a href={runHref(run.id)}>{run.summary === "" ? run.title : run.summary}</a>
      <small class="quiet">
        {words}: {run.title}, {standsIn(run)}
      </small>
      <Status run={run} />
    </li>
  );
}
