/** The task board: what was agreed, where it stands, and whose it is. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { TaskEvent } from "../../protocol/messages";
import type { CardRecord, CardState } from "../../protocol/records";
import { useApp } from "../app";
import { Button } from "../controls";
import { Due } from "../work/questionCard";
import { questionId } from "../work/words";
import { BoardCard } from "./boardCard";
import { OwnerAndDue } from "./ownerAndDue";

export interface Column {
  id: "proposed" | "open" | "accepted" | "done";
  title: string;
  states: readonly CardState[];
  empty: string;
}

/** What was heard and nobody has looked at; it is there while there is any. Its keys are those of the card just heard. */
export const PROPOSED: Column = { id: "proposed", title: "Proposed", states: ["proposed"], empty: "" };

/** Overdue tasks stand where they still wait for somebody: with the open ones, marked. */
export const COLUMNS: readonly Column[] = [
  { id: "open", title: "Open", states: ["open", "overdue"], empty: "No open tasks. Say “Ada, note that…” or press N." },
  { id: "accepted", title: "Accepted", states: ["accepted"], empty: "Nobody has accepted a task yet." },
  { id: "done", title: "Done", states: ["done"], empty: "Nothing done yet." },
];

/** Which event leads from a state to a column, if one does. */
export function eventFor(state: CardState, column: Column["id"]): TaskEvent | null {
  if (state === "proposed") return column === "open" ? "accept" : column === "done" ? "done" : null;
  if (state === "rejected") return column === "proposed" ? "reopen" : null;
  if (column === "proposed") return null;
  const standing = state === "open" || state === "overdue" || state === "accepted";
  if (column === "done") return standing ? "done" : null;
  if (column === "accepted") return state === "open" || state === "overdue" ? "accept" : null;
  return state === "open" || state === "overdue" ? null : "reopen";
}

export function Board(): JSX.Element {
  const { store } = useApp();
  const cards = [...store.cards.value.values()].sort(byUrgency);
  const columns = cards.some((card) => card.state === "proposed") ? [PROPOSED, ...COLUMNS] : COLUMNS;
  return (
    <>
      <NewTask />
      <Questions />
      <div class={`board board-of-${columns.length}`}>
        {columns.map((column) => (
          <BoardColumn key={column.id} column={column} cards={cards.filter((card) => column.states.includes(card.state))} />
        ))}
      </div>
      <PutAway title="Declined" cards={cards.filter((card) => card.state === "declined")} />
      <PutAway title="Rejected" cards={cards.filter((card) => card.state === "rejected")} />
    </>
  );
}

/** What is off the board, but can come back. */
function PutAway({ title, cards }: { title: string; cards: readonly CardRecord[] }): JSX.Element | null {
  return cards.length === 0 ? null : (
    <details class="board-away">
      <summary>
        {title} <span class="quiet figures">{cards.length}</span>
      </summary>
      <ul class="board-list">
        {cards.map((card) => (
          <BoardCard key={card.id} card={card} />
        ))}
      </ul>
    </details>
  );
}

/** What waits for one's decision hangs on the wall beside the tasks, and is decided in the inbox. */
function Questions(): JSX.Element | null {
  const { store, actions } = useApp();
  const questions = store.questions.value;
  if (questions.length === 0) return null;
  return (
    <section class="board-asked" aria-labelledby="board-asked">
      <h3 id="board-asked">
        Waits for you <span class="quiet figures">{questions.length}</span>
      </h3>
      <ul class="board-list">
        {questions.map((task) => (
          <li key={questionId(task)}>
            <button type="button" class="board-question" onClick={() => actions.showQuestion(questionId(task))}>
              <strong>{task.title}</strong>
              <span class="board-question-foot">
                <span class="quiet">{task.definition_title}</span>
                {task.due !== null && <Due due={task.due} />}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The nearest due day first, then the newest. */
function byUrgency(a: CardRecord, b: CardRecord): number {
  return (a.due ?? "9999").localeCompare(b.due ?? "9999") || b.created_at - a.created_at;
}

function BoardColumn({ column, cards }: { column: Column; cards: readonly CardRecord[] }): JSX.Element {
  const { store, actions } = useApp();
  const over = useSignal(false);
  const drop = (event: DragEvent): void => {
    over.value = false;
    const card = store.cards.value.get(event.dataTransfer?.getData("text/x-atrium-task") ?? "");
    const deed = card && eventFor(card.state, column.id);
    if (card && deed) {
      event.preventDefault();
      actions.taskEvent(card, deed);
    }
  };
  return (
    <section
      class={`board-column${over.value ? " board-column-over" : ""}`}
      aria-label={`${column.title}, ${cards.length}`}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => (over.value = false)}
      onDrop={drop}
    >
      <h3>
        {column.title} <span class="quiet figures">{cards.length}</span>
      </h3>
      {column.id === "proposed" && <p class="quiet board-hint">Heard, and not looked at yet: accept ⏎, edit E, owner O, reject ⌫.</p>}
      {cards.length === 0 ? (
        <p class="empty">{column.empty}</p>
      ) : (
        <ul class="board-list">
          {cards.map((card) => (
            <BoardCard key={card.id} card={card} />
          ))}
        </ul>
      )}
    </section>
  );
}

function NewTask(): JSX.Element {
  const { actions } = useApp();
  const text = useSignal("");
  const owner = useSignal<string | null>(null);
  const due = useSignal<string | null>(null);
  const add = (event: Event): void => {
    event.preventDefault();
    if (!actions.createTask(text.value, owner.value, due.value)) return;
    text.value = "";
    due.value = null;
  };
  return (
    <form class="new-task" onSubmit={add}>
      <label class="unseen" for="new-task">
        New task
      </label>
      <input
        id="new-task"
        data-new-task
        data-first
        maxLength={200}
        placeholder="New task: what is to be done"
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      {text.value.trim() !== "" && (
        <>
          <OwnerAndDue owner={owner.value} due={due.value} onOwner={(id) => (owner.value = id)} onDue={(day) => (due.value = day)} />
          <Button label="Add task" kind="main" small submit onClick={() => undefined} />
        </>
      )}
    </form>
  );
}
