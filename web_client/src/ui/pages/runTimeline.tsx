/** What happened to a run, the newest first: who did what, what was asked for and what came of it. */

import type { JSX } from "preact";

import type { Question, RequestRecord, RunDetail, TimelineEntry } from "../../net/runs";
import { Icon, type IconName } from "../icons";
import { count } from "../words";
import { Tint, When } from "../work/parts";
import { askedOf, requestWords, titleOf, told, type Tone, valueWords, voiced } from "../work/words";

const ICONS: Readonly<Record<Tone, IconName>> = { plain: "right", good: "check", waiting: "calendar", bad: "close" };

export function Timeline({ run }: { run: RunDetail }): JSX.Element {
  return (
    <ol class="timeline" reversed>
      {[...run.timeline].reverse().map((entry) => (
        <Entry key={entry.seq} entry={entry} />
      ))}
    </ol>
  );
}

function Entry({ entry }: { entry: TimelineEntry }): JSX.Element {
  const { words, tone, quote } = told(entry);
  const before = new Set(entry.before.map(({ name }) => name));
  const entered = entry.after.filter(({ name }) => !before.has(name));
  const dim = entry.outcome !== "taken";
  return (
    <li class={`timeline-entry timeline-${tone}${dim ? " is-dim" : ""}`}>
      <span class="timeline-mark">
        <Icon name={ICONS[tone]} size={14} />
      </span>
      <div class="timeline-body">
        <p>
          {words}
          {entered.length > 0 && <span class="timeline-to"> Now: {entered.map(({ title }) => title).join(", ")}.</span>}
        </p>
        {quote !== "" && <blockquote class="timeline-quote">{quote}</blockquote>}
        {entry.tasks.map((task) => (
          <Asked key={`${task.name} ${task.number}`} task={task} />
        ))}
        {entry.requests.map((request) => (
          <Request key={request.name} request={request} />
        ))}
      </div>
      <span class="timeline-when quiet figures">
        <When at={entry.at} />
      </span>
    </li>
  );
}

/** A question that was put before people, and how it ended. */
function Asked({ task }: { task: Question }): JSX.Element {
  const ended =
    task.status === "open"
      ? { words: "Waits", tone: "waiting" as const }
      : task.status === "decided"
        ? { words: titleOf(task, task.decision), tone: "good" as const }
        : { words: "Not asked any more", tone: "plain" as const };
  return (
    <div class="timeline-work">
      <p class="timeline-work-head">
        <span>
          Asked {askedOf(task)}: “{task.title}”
        </span>
        <Tint {...ended} />
      </p>
      {task.votes.length > 0 && <p class="quiet">{voiced(task).join(", ")}</p>}
    </div>
  );
}

/** What a connector was asked to do: with what, how often, and what came back. */
function Request({ request }: { request: RequestRecord }): JSX.Element {
  const more = Object.keys(request.params).length > 0 || request.errors.length > 0 || (request.result !== null && request.result !== undefined);
  return (
    <div class="timeline-work">
      <p class="timeline-work-head">
        <span>
          Asked <code>{request.action}</code>
        </span>
        <Tint {...requestWords(request)} />
      </p>
      {more && (
        <details>
          <summary>{["What went in and came out", request.errors.length > 0 ? count(request.errors.length, "error", "errors") : ""].filter(Boolean).join(", ")}</summary>
          <Json label="In" value={request.params} />
          {request.errors.length > 0 && (
            <ol class="timeline-errors">
              {request.errors.map((one, number) => (
                <li key={number}>
                  <span class="quiet figures">
                    {number + 1}. <When at={Date.parse(one.at) / 1000} />
                  </span>
                  <span>{one.reason}</span>
                </li>
              ))}
            </ol>
          )}
          {request.result !== null && request.result !== undefined && <Json label="Out" value={request.result} />}
        </details>
      )}
    </div>
  );
}

function Json({ label, value }: { label: string; value: unknown }): JSX.Element {
  const plain = typeof value !== "object" || value === null;
  return (
    <div class="timeline-json">
      <span class="quiet">{label}</span>
      <pre tabIndex={0}>{plain ? valueWords({ value, format: "", unit: "" }) : JSON.stringify(value, null, 2)}</pre>
    </div>
  );
}
