/** What was just agreed slides up from its caption: accept it, correct it, or say no. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { isTyping } from "../../input/keyboard";
import type { HeardItem } from "../../state/store";
import { useApp } from "../app";
import { Button, IconButton } from "../controls";
import { Icon } from "../icons";
import { dueDay, sureness, urgency } from "../words";

const STAYS_MS = 14_000;
/** A key that was meant for something else must not answer a card that just appeared. */
const DEAF_MS = 600;

export function ItemCards(): JSX.Element | null {
  const { store } = useApp();
  const items = store.items.value;
  return items.length === 0 ? null : (
    <div class="items" role="region" aria-label="Just heard" aria-live="polite">
      {items.map((item, index) => (
        <ItemCard key={item.utterance + item.text} item={item} newest={index === items.length - 1} />
      ))}
    </div>
  );
}

const KINDS = { action_item: "Task heard", decision: "Decision noted", question: "Open question noted" } as const;

function ItemCard({ item, newest }: { item: HeardItem; newest: boolean }): JSX.Element {
  const { store, actions } = useApp();
  const held = useSignal(false);
  const card = item.task == null ? undefined : store.cards.value.get(item.task);
  const text = card?.text ?? item.text;
  const due = card?.due ?? item.due;
  const drop = (): void => store.dropItem(item);
  const accept = (): void => {
    if (card !== undefined) actions.taskEvent(card, "accept");
    drop();
  };
  const refuse = (): void => {
    if (card !== undefined) actions.taskEvent(card, card.state === "proposed" ? "reject" : "decline");
    drop();
  };
  const edit = (field: "text" | "owner"): void => {
    if (item.task != null) actions.showTask(item.task, field);
    drop();
  };

  useEffect(() => {
    if (held.value) return;
    const timer = window.setTimeout(drop, STAYS_MS);
    return () => window.clearTimeout(timer);
  }, [held.value]);

  useEffect(() => {
    if (!newest || card === undefined) return;
    const pressed = (event: KeyboardEvent): void => {
      if (performance.now() - item.at < DEAF_MS || event.repeat || isTyping(event.target)) return;
      if (event.target instanceof HTMLElement && event.target.closest("button, a") !== null) return;
      const keys = { Enter: accept, e: () => edit("text"), o: () => edit("owner"), Backspace: refuse };
      const run = keys[(event.key.length === 1 ? event.key.toLowerCase() : event.key) as keyof typeof keys];
      if (run === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      run();
    };
    window.addEventListener("keydown", pressed, { capture: true });
    return () => window.removeEventListener("keydown", pressed, { capture: true });
  });

  return (
    <article class={`item item-${item.kind}${card?.state === "proposed" ? " item-proposed" : ""}`} onPointerEnter={() => (held.value = true)} onPointerLeave={() => (held.value = false)}>
      <Icon name={item.kind === "action_item" ? "check" : item.kind === "decision" ? "board" : "chat"} size={18} />
      <div class="item-words">
        <p class="item-kind">
          {KINDS[item.kind]} <span class="quiet">({sureness(item.confidence)})</span>
        </p>
        <p class="item-text">
          {item.owner_name !== null && <strong>{item.owner_name}</strong>} {text}
          {due !== null && " "}
          {due !== null && <span class={`due due-${urgency({ due, state: "open" }, new Date())}`}>{dueDay(due, new Date())}</span>}
        </p>
      </div>
      {card === undefined ? (
        <IconButton label="Close" icon="close" onClick={drop} />
      ) : (
        <div class="item-acts">
          <Button label="Accept" kind="main" small keys="Enter" title="Accept (Enter)" onClick={accept} />
          <Button label="Edit" small keys="E" title="Edit (E)" onClick={() => edit("text")} />
          <Button label="Owner" small keys="O" title="Give it to somebody (O)" onClick={() => edit("owner")} />
          <Button label="No" small keys="Backspace" title="No (Backspace)" onClick={refuse} />
        </div>
      )}
    </article>
  );
}
