/** One action item on the after-meeting page: text, owner, due day, state, and the words it came from. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { wordsOf } from "../../net/http";
import { changeTask, type MeetingDetail, sendTaskEvent } from "../../net/meetings";
import type { CardRecord } from "../../protocol/records";
import { Button, Trouble } from "../controls";
import { elapsed, sureness, TASK_STATE_WORDS } from "../words";
import { Editable } from "../editable";

export function MeetingTask({ task, meeting, load, show }: {
  task: CardRecord;
  meeting: MeetingDetail;
  load: () => Promise<void>;
  show: (line: string) => void;
}): JSX.Element {
  const fault = useSignal<string | null>(null);
  const attempt = async (deed: () => Promise<unknown>): Promise<void> => {
    try {
      fault.value = null;
      await deed();
    } catch (problem) {
      fault.value = wordsOf(problem);
    }
    await load();
  };
  const standing = task.state === "open" || task.state === "accepted" || task.state === "overdue";
  const known = meeting.people.some((person) => person.id === task.owner_id);
  const give = (id: string): void => {
    const person = meeting.people.find((one) => one.id === id);
    void attempt(() => changeTask(task, { owner_id: person?.id ?? null, owner_name: person?.name ?? null }));
  };
  return (
    <li class={`minutes-task card-${task.state}`}>
      <Editable text={task.text} label="this task" save={(text) => changeTask(task, { text }).then(load)} />
      <div class="minutes-task-fields">
        <label>
          <span>Owner</span>
          <select value={task.owner_id ?? ""} onChange={(event) => give(event.currentTarget.value)}>
            <option value="">Nobody yet</option>
            {!known && task.owner_id !== null && <option value={task.owner_id}>{task.owner_name ?? "Somebody else"}</option>}
            {meeting.people.map((person) => (
              <option key={person.id} value={person.id}>
                {person.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Due</span>
          <input
            type="date"
            value={task.due ?? ""}
            onChange={(event) => void attempt(() => changeTask(task, { due: event.currentTarget.value || null }))}
          />
        </label>
        <span class={`state state-${task.state}`}>{TASK_STATE_WORDS[task.state]}</span>
        {task.state === "proposed" && (
          <>
            <Button label="Accept" kind="main" small onClick={() => void attempt(() => sendTaskEvent(task, "accept"))} />
            <Button label="Reject" small onClick={() => void attempt(() => sendTaskEvent(task, "reject"))} />
          </>
        )}
        {(task.state === "open" || task.state === "overdue") && (
          <Button label="Accept" small onClick={() => void attempt(() => sendTaskEvent(task, "accept"))} />
        )}
        {standing && <Button label="Done" small onClick={() => void attempt(() => sendTaskEvent(task, "done"))} />}
        {!standing && task.state !== "proposed" && <Button label="Reopen" small onClick={() => void attempt(() => sendTaskEvent(task, "reopen"))} />}
      </div>
      {task.owner_id === null && task.owner_name !== null && <p class="quiet">Said to be for {task.owner_name}, who was not there.</p>}
      {task.source_words && (
        <blockquote class="card-source">
          “{task.source_words}”
          <small>
            <Where meeting={meeting} utterance={task.source_utterance} show={show} />
            {task.confidence !== null && ` ${sureness(task.confidence)}, ${Math.round(task.confidence * 100)} %`}
          </small>
        </blockquote>
      )}
      {task.said_later?.map((quote) => (
        <blockquote key={quote.utterance} class="card-source">
          “{quote.words}”
          <small>
            Said later: <Where meeting={meeting} utterance={quote.utterance} show={show} />
          </small>
        </blockquote>
      ))}
      {fault.value !== null && <Trouble>{fault.value}</Trouble>}
    </li>
  );
}

/** Who said it and when, as a link to the line; nothing where that is not kept. */
function Where({ meeting, utterance, show }: {
  meeting: MeetingDetail;
  utterance: string | null;
  show: (line: string) => void;
}): JSX.Element | null {
  const line = meeting.utterances.find((one) => one.id === utterance);
  return !line ? null : (
    <a
      href={`#line-${line.id}`}
      onClick={(event) => {
        event.preventDefault();
        show(line.id);
      }}
    >
      {line.speaker_name} at {elapsed(line.offset)}
    </a>
  );
}
