/** What is written in the room. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { useApp } from "../app";
import { Button } from "../controls";
import { Face } from "../face";
import { clockTime } from "../words";

const GROUP_SECONDS = 120;

export function Chat(): JSX.Element {
  const { store, actions } = useApp();
  const text = useSignal("");
  const end = useRef<HTMLDivElement>(null);
  const lines = store.chat.value;
  useEffect(() => {
    const log = end.current?.parentElement;
    if (log) log.scrollTop = log.scrollHeight;
    store.unread.value = 0;
  }, [lines.length]);

  const say = (event: Event): void => {
    event.preventDefault();
    if (actions.chat(text.value)) text.value = "";
  };

  return (
    <div class="chat">
      <div class="chat-log" role="log" aria-label="Chat" tabIndex={0}>
        {lines.length === 0 && <p class="empty">Nothing written yet. Everyone in the office can read what you write here.</p>}
        {lines.map((line, index) => {
          const before = lines[index - 1];
          const own = line.from_slot === store.you.value?.slot;
          const person = line.from_slot === null ? undefined : store.participants.value.get(line.from_slot);
          const same = before?.from_slot === line.from_slot && before?.from_name === line.from_name && line.at - before.at < GROUP_SECONDS;
          return (
            <div key={line.id} class={`chat-line${same ? " chat-line-more" : ""}`}>
              {!same && (
                <p class="chat-who">
                  {person?.name === line.from_name && <Face look={person.look} size={20} />}
                  <strong>{line.from_name}</strong>
                  {own && <span class="quiet">(you)</span>}
                  <time class="quiet figures">{clockTime(line.at)}</time>
                </p>
              )}
              <p class="chat-text">{line.text}</p>
            </div>
          );
        })}
        <div ref={end} />
      </div>
      <form class="chat-form" onSubmit={say}>
        <label class="unseen" for="chat-text">
          Message
        </label>
        <textarea
          id="chat-text"
          data-first
          rows={1}
          maxLength={2000}
          placeholder="Write to everyone here"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) say(event);
          }}
        />
        <Button label="Send" kind="main" small submit disabled={text.value.trim() === ""} onClick={() => undefined} />
      </form>
    </div>
  );
}
