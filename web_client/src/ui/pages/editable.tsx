/** Words that can be corrected in place: click, change, Enter. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { Button, IconButton, Trouble } from "../controls";

export function Editable({ text, label, save, remove, long }: {
  text: string;
  label: string;
  save: (text: string) => Promise<unknown>;
  remove?: () => Promise<unknown>;
  long?: boolean;
}): JSX.Element {
  const editing = useSignal(false);
  const words = useSignal(text);
  const fault = useSignal<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    words.value = text;
  }, [text]);
  useEffect(() => {
    if (editing.value) field.current?.focus();
  }, [editing.value]);

  const attempt = async (deed: () => Promise<unknown>): Promise<void> => {
    try {
      fault.value = null;
      await deed();
      editing.value = false;
    } catch (problem) {
      fault.value = wordsOf(problem);
    }
  };
  const keep = (): void => {
    const changed = words.value.trim();
    if (changed === "" || changed === text) editing.value = false;
    else void attempt(() => save(changed));
  };

  if (!editing.value) {
    return (
      <span class="editable">
        <span>{text}</span>
        <span class="editable-acts">
          <IconButton label={`Edit ${label}`} icon="edit" onClick={() => (editing.value = true)} />
          {remove && <IconButton label={`Remove ${label}`} icon="trash" onClick={() => void attempt(remove)} />}
        </span>
        {fault.value !== null && <Trouble>{fault.value}</Trouble>}
      </span>
    );
  }
  return (
    <form
      class="editable-form"
      onSubmit={(event) => {
        event.preventDefault();
        keep();
      }}
    >
      <textarea
        ref={field}
        aria-label={label}
        rows={long ? 3 : 1}
        value={words.value}
        onInput={(event) => (words.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            words.value = text;
            editing.value = false;
          } else if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            keep();
          }
        }}
      />
      <Button label="Save" kind="main" small submit onClick={() => undefined} />
      {fault.value !== null && <Trouble>{fault.value}</Trouble>}
    </form>
  );
}
