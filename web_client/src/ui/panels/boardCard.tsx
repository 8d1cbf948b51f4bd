/** One task on the board: one sentence, whose, until when, where it was said, and what can be done with it. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { TaskEvent } from "../../protocol/messages";
import type { CardRecord } from "../../protocol/records";
import { type App, useApp } from "../app";
import { Button } from "../controls";
import { Face } from "../face";
import { Icon } from "../icons";
import { dueDay, sureness, TASK_STATE_WORDS, urgency } from "../words";
import { COLUMNS, eventFor, PROPOSED } from "./board";
import { OwnerAndDue } from "./ownerAndDue";

/** The card that was just moved from here: in its new column it takes the focus that it lost in the old one. */
let moved: string | null = null;

function move(app: App, card: CardRecord, event: TaskEvent): void {
  moved = card.id;
  app.actions.taskEvent(card, event);
}

/** What one key does to a proposal; "edit" and "owner" open it. */
const PROPOSAL_KEYS: Readonly<Record<string, "accept" | "reject" | "edit" | "owner">> = {
  Enter: "accept",
  Backspace: "reject",
  Delete: "reject",
  e: "edit",
  o: "owner",
};

export function BoardCard({ card }: { card: CardRecord }): JSX.Element {
  const app = useApp();
  const { store } = app;
  const open = useSignal(false);
  /** Which field takes the focus when it opens. */
  const first = useSignal<"text" | "owner" | null>(null);
  const box = useRef<HTMLLIElement>(null);
  const owner = [...store.participants.value.values()].find((person) => person.id === card.owner_id);
  const late = urgency(card, new Date());

  useEffect(() => {
    if (moved !== card.id) return;
    moved = null;
    if (document.activeElement === document.body) box.current?.querySelector<HTMLElement>(".card-face")?.focus();
  }, []);

  useEffect(() => {
    if (store.boardFocus.value !== card.id) return;
    first.value = store.boardField.value;
    store.boardFocus.value = store.boardField.value = null;
    open.value = true;
    box.current?.scrollIntoView({ block: "nearest" });
  }, [store.boardFocus.value]);

  /** The next proposal takes the focus, so that a row of them is gone through key by key. */
  const decide = (answer: "accept" | "reject"): void => {
    const next = box.current?.nextElementSibling ?? box.current?.previousElementSibling;
    if (answer === "accept" && next === null) move(app, card, answer);
    else app.actions.taskEvent(card, answer);
    next?.querySelector<HTMLElement>(".card-face")?.focus();
    store.notify("info", answer === "accept" ? `“${card.text}” is accepted.` : `“${card.text}” is rejected. It can be reopened under Rejected.`);
  };

  const pressed = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const columns = [PROPOSED, ...COLUMNS];
    const at = columns.findIndex((column) => column.states.includes(card.state));
    const to = event.key === "ArrowRight" ? columns[at + 1] : event.key === "ArrowLeft" ? columns[at - 1] : undefined;
    const deed = to && eventFor(card.state, to.id);
    const answer = card.state === "proposed" ? PROPOSAL_KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key] : undefined;
    if (answer === "accept" || answer === "reject") {
      if (!event.repeat) decide(answer);
    } else if (answer !== undefined) {
      first.value = answer === "owner" ? "owner" : "text";
      open.value = true;
    } else if (event.key === "Enter" || event.key === " ") open.value = !open.value;
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
    else if (deed) {
      move(app, card, deed);
      store.notify("info", `“${card.text}” moves to ${to.title}.`);
    } else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
  };

  return (
    <li ref={box} class={`card card-${card.state}`} data-task={card.id}>
      <div
        class="card-face"
        role="button"
        tabIndex={0}
        data-keys="own"
        aria-expanded={open.value}
        aria-label={`${card.text}. ${TASK_STATE_WORDS[card.state]}. ${card.state === "proposed" ? "Enter accepts it, E edits, O gives it to somebody, Backspace rejects it." : "Left and right arrows move it."}`}
        draggable
        onDragStart={(event) => event.dataTransfer?.setData("text/x-atrium-task", card.id)}
        onClick={() => (open.value = !open.value)}
        onKeyDown={pressed}
      >
        <p class="card-text">{card.text}</p>
        <p class="card-foot">
          {owner ? <Face look={owner.look} size={20} /> : null}
          <span>{card.owner_name ?? "Nobody yet"}</span>
          {card.due !== null && (
            <span class={`due due-${late}`}>
              <Icon name={late === "late" ? "alert" : "calendar"} size={14} />
              {dueDay(card.due, new Date())}
              {late === "late" ? ", overdue" : late === "soon" ? ", soon" : ""}
            </span>
          )}
          {(card.state === "declined" || card.state === "rejected") && (
            <span class="due">
              <Icon name="close" size={14} /> {TASK_STATE_WORDS[card.state]}
            </span>
          )}
          {card.source_words && card.state !== "proposed" && <Icon name="quote" size={14} />}
        </p>
        {card.state === "proposed" && !open.value && <HeardFrom card={card} />}
      </div>
      {open.value && <CardDetails card={card} first={first.value} onDecide={decide} onClose={() => (open.value = false)} />}
    </li>
  );
}

/** Focus the card above or below. */
function step(event: KeyboardEvent): void {
  const cards = [...document.querySelectorAll<HTMLElement>(".card-face")];
  const at = cards.indexOf(event.currentTarget as HTMLElement);
  cards[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
}

/** The words it came from, and how sure the colleague was. */
function HeardFrom({ card }: { card: CardRecord }): JSX.Element | null {
  return !card.source_words ? null : (
    <blockquote class="card-source">
      “{card.source_words}”
      {card.confidence !== null && (
        <small>
          Heard from these words, {sureness(card.confidence)} ({Math.round(card.confidence * 100)} %)
        </small>
      )}
    </blockquote>
  );
}

function CardDetails({ card, first, onDecide, onClose }: {
  card: CardRecord;
  first: "text" | "owner" | null;
  onDecide: (answer: "accept" | "reject") => void;
  onClose: () => void;
}): JSX.Element {
  const app = useApp();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (first !== null) form.current?.querySelector<HTMLElement>(first === "owner" ? "select" : "textarea")?.focus();
  }, [first]);
  const text = useSignal(card.text);
  const owner = useSignal(card.owner_id);
  const due = useSignal(card.due);
  const changed = text.value.trim() !== card.text || owner.value !== card.owner_id || due.value !== card.due;
  const save = (event: Event): void => {
    event.preventDefault();
    if (text.value.trim() === "") return;
    if (changed) app.actions.updateTask(card, { text: text.value.trim(), owner: owner.value, due: due.value });
    onClose();
  };
  const standing = card.state === "open" || card.state === "overdue" || card.state === "accepted";
  return (
    <form ref={form} class="card-details" onSubmit={save}>
      <HeardFrom card={card} />
      <div class="field">
        <label for={`text-${card.id}`}>Task</label>
        <textarea
          id={`text-${card.id}`}
          rows={2}
          maxLength={200}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </div>
      <OwnerAndDue
        owner={owner.value}
        ownerName={card.owner_name}
        due={due.value}
        onOwner={(id) => (owner.value = id)}
        onDue={(day) => (due.value = day)}
      />
      <div class="row row-wrap">
        {changed && <Button label="Save" kind="main" small submit onClick={() => undefined} />}
        {card.state === "proposed" && (
          <>
            <Button label="Accept" kind={changed ? "quiet" : "main"} small icon="check" onClick={() => onDecide("accept")} />
            <Button label="Reject" kind="danger" small onClick={() => onDecide("reject")} />
          </>
        )}
        {(card.state === "open" || card.state === "overdue") && (
          <Button label="Accept" small icon="check" onClick={() => move(app, card, "accept")} />
        )}
        {standing && <Button label="Done" small onClick={() => move(app, card, "done")} />}
        {standing && <Button label="Decline" kind="danger" small onClick={() => move(app, card, "decline")} />}
        {card.state !== "open" && card.state !== "overdue" && card.state !== "proposed" && (
          <Button label="Reopen" small onClick={() => move(app, card, "reopen")} />
        )}
      </div>
    </form>
  );
}
