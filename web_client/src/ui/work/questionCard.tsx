/** A question to people: what is asked, what it is about, what is filled in, and the decision. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId, useMemo, useRef } from "preact/hooks";

import { HttpProblem, wordsOf } from "../../net/http";
import { decide, delegate, type NamedPerson, type Question } from "../../net/runs";
import { blank, faultWords, fieldsOf, readForm, type Written } from "../../state/forms";
import { Button, Select, Trouble } from "../controls";
import { Icon } from "../icons";
import { dayAndTime } from "../words";
import { SchemaFields } from "./schemaForm";
import { agreement, askedOf, dueWords, isAgainst, questionId, titleOf, valueWords, voiced } from "./words";

export interface QuestionCardProps {
  task: Question;
  people: readonly NamedPerson[];
  /** Told in a sentence what came of it; the list is to be read anew. */
  onAnswered: (words: string) => void;
  /** Where the run is seen; not where one sees it already. */
  link?: { href: string; away: boolean };
}

export function QuestionCard({ task, people, onAnswered, link }: QuestionCardProps): JSX.Element {
  const id = useId();
  return (
    <article class={`question${task.mine ? "" : " question-waits"}`} aria-labelledby={`${id}-title`} data-question={questionId(task)}>
      <header class="question-head">
        <h3 id={`${id}-title`} class="question-title" tabIndex={-1}>
          {task.title}
        </h3>
        <p class="question-from">
          <span>
            {task.definition_title}, from {task.started_by_name === "" ? "the office" : task.started_by_name}
          </span>
          {task.due !== null && <Due due={task.due} />}
        </p>
      </header>
      <Shown task={task} />
      {task.mine && !task.paused ? <Answer task={task} people={people} onAnswered={onAnswered} titleId={`${id}-title`} /> : <Waits task={task} />}
      <footer class="question-foot">
        {voiced(task).length > 0 && <span>{voiced(task).join(", ")}</span>}
        {agreement(task) !== "" && <span>{agreement(task)}</span>}
        <span>
          Asked: {askedOf(task)}
          {task.barred.length > 0 && `; not ${task.barred.map(({ name }) => name).join(", ")}`}
        </span>
        {link && (
          <a href={link.href} target={link.away ? "_blank" : undefined} rel={link.away ? "noopener" : undefined}>
            Open the run{link.away && <span class="unseen">, in a new tab</span>}
          </a>
        )}
      </footer>
    </article>
  );
}

export function Due({ due }: { due: number }): JSX.Element {
  const { words, urgency } = dueWords(due, new Date());
  return (
    <span class={`due due-${urgency}`} title={dayAndTime(due)}>
      <Icon name={urgency === "late" ? "alert" : "calendar"} size={14} />
      {words}
      {urgency === "late" ? ", overdue" : urgency === "soon" ? ", soon" : ""}
    </span>
  );
}

/** What is decided about; what costs money stands out. */
function Shown({ task }: { task: Question }): JSX.Element | null {
  const others = task.shown.filter((one) => valueWords(one) !== task.summary || !task.title.includes(task.summary));
  if (others.length === 0) return null;
  return (
    <table class="question-shown">
      <caption class="unseen">What it is about</caption>
      <tbody>
        {others.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.label}</th>
            <td class={/^[A-Z]{3}$/.test(one.unit) ? "question-amount figures" : undefined}>{valueWords(one)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Waits({ task }: { task: Question }): JSX.Element {
  const words = task.paused
    ? "The work is paused, or stuck with something that came before. It can be decided when it goes on."
    : task.voted !== ""
      ? `You said “${titleOf(task, task.voted)}”. Others have to agree.`
      : "It waits for others.";
  return (
    <p class="question-said">
      <Icon name={task.paused ? "info" : "check"} size={16} /> {words}
    </p>
  );
}

function Answer({ task, people, onAnswered, titleId }: Omit<QuestionCardProps, "link"> & { titleId: string }): JSX.Element {
  const fields = useMemo(() => fieldsOf(task.form), [task.form]);
  const written = useSignal<Written>(blank(fields));
  const faults = useSignal<ReadonlyMap<string, string>>(new Map());
  const trouble = useSignal<string | null>(null);
  const sending = useSignal<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  /** One key a decision: what is sent again after a bad line counts once. */
  const keys = useRef(new Map<string, string>());

  const refuse = (found: ReadonlyMap<string, string>): void => {
    faults.value = found;
    trouble.value = found.get("") ?? null;
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid='true']")?.focus());
  };
  const send = async (decision: string): Promise<void> => {
    if (sending.value !== null) return;
    const filled = readForm(fields, written.value);
    if (filled.faults.length > 0) {
      refuse(faultWords(fields, filled.faults));
      return;
    }
    const key = keys.current.get(decision) ?? crypto.randomUUID();
    keys.current.set(decision, key);
    sending.value = decision;
    trouble.value = null;
    try {
      await decide(task, decision, filled.data, key);
      onAnswered(`You said “${titleOf(task, decision)}” to “${task.title}”.`);
    } catch (problem) {
      if (problem instanceof HttpProblem && problem.status !== 0) keys.current.delete(decision);
      if (problem instanceof HttpProblem && problem.faults.length > 0) refuse(faultWords(fields, problem.faults));
      else trouble.value = wordsOf(problem);
      if (problem instanceof HttpProblem && problem.status === 409) onAnswered(`${wordsOf(problem)} It is shown anew.`);
    }
    sending.value = null;
  };
  const decisions = [...task.decisions].sort((a, b) => Number(isAgainst(a.name)) - Number(isAgainst(b.name)));
  return (
    <>
      <form
        ref={form}
        class="question-form"
        aria-labelledby={titleId}
        noValidate
        onSubmit={(event) => event.preventDefault()}
      >
        <SchemaFields fields={fields} written={written.value} faults={faults.value} people={people} onChange={(now) => (written.value = now)} />
        {trouble.value !== null && <Trouble>{trouble.value}</Trouble>}
        <div class="row row-wrap">
          {decisions.map(({ name, title }, index) => (
            <Button
              key={name}
              label={sending.value === name ? "Sending" : title}
              name={`${title}: ${task.title}`}
              kind={isAgainst(name) ? "danger" : index === 0 ? "main" : "plain"}
              small
              disabled={sending.value !== null}
              onClick={() => void send(name)}
            />
          ))}
        </div>
      </form>
      <PassOn task={task} people={people} onAnswered={onAnswered} />
    </>
  );
}

function PassOn({ task, people, onAnswered }: Omit<QuestionCardProps, "link">): JSX.Element | null {
  const to = useSignal("");
  const trouble = useSignal<string | null>(null);
  const sending = useSignal(false);
  const barred = new Set([...task.barred.map((one) => one.id), ...task.people.map((one) => one.id)]);
  const others = people.filter((one) => !barred.has(one.id));
  if (others.length === 0) return null;
  const name = others.find((one) => one.id === to.value)?.name ?? "";
  const pass = async (): Promise<void> => {
    if (to.value === "" || sending.value) return;
    sending.value = true;
    try {
      await delegate(task, to.value);
      trouble.value = null;
      onAnswered(`${name} is asked as well: “${task.title}”.`);
      to.value = "";
    } catch (problem) {
      trouble.value = wordsOf(problem);
    }
    sending.value = false;
  };
  return (
    <details class="question-pass">
      <summary>Pass on</summary>
      <form
        class="question-pass-form"
        onSubmit={(event) => {
          event.preventDefault();
          void pass();
        }}
      >
        <Select
          label="To whom"
          value={to.value}
          options={[["", "Choose"], ...others.map((one) => [one.id, one.name] as const)]}
          onChange={(value) => (to.value = value)}
        />
        <Button label="Ask them" name={`Ask them: ${task.title}`} small submit disabled={to.value === "" || sending.value} onClick={() => undefined} />
        {trouble.value !== null && <Trouble>{trouble.value}</Trouble>}
      </form>
    </details>
  );
}
