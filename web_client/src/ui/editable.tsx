/** Words that can be corrected in place: click, change, Enter. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { wordsOf } from "../net/http";
import { Button, IconButton, Trouble } from "./controls";

export function Editable({ text, label, save, remove, long }: {
  text: string;
  label: string;
  save: (text: string) => Promise<unknown>;
  remove?: () => Promise<unknown>;
  long?: boolean;
}): JSX.Element {
  const editing = useSignal(false);
  const fault = useSignal<string | null>(null);
  const acts = useRef<HTMLSpanElement>(null);
  const close = (): void => {
    editing.value = false;
    // The field that had the focus is gone: it goes back to where it was opened.
    requestAnimationFrame(() => acts.current?.querySelector("button")?.focus());
  };
  const attempt = async (deed: () => Promise<unknown>): Promise<void> => {
    try {
      fault.value = null;
      await deed();
    } catch (problem) {
      fault.value = wordsOf(problem);
    }
  };
  if (editing.value) return <EditForm text={text} label={label} save={save} long={long} close={close} />;
  return (
    <span class="editable">
      <span>{text}</span>
      <span ref={acts} class="editable-acts">
        <IconButton label={`Edit ${label}`} icon="edit" onClick={() => (editing.value = true)} />
        {remove && <IconButton label={`Remove ${label}`} icon="trash" onClick={() => void attempt(remove)} />}
      </span>
      {fault.value !== null && <Trouble>{fault.value}</Trouble>}
    </span>
  );
}

/** The field in which words are corrected: Enter keeps them, Escape leaves them as they were. */
export function EditForm({ text, start = text, label, save, close, long }: {
  text: string;
  /** What stands in the field at first, where that is not how the words are now. */
  start?: string;
  label: string;
  save: (text: string) => Promise<unknown>;
  close: () => void;
  long?: boolean;
}): JSX.Element {
  const words = useSignal(start);
  const fault = useSignal<string | null>(null);
  const saving = useSignal(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    words.value = start;
  }, [start]);
  useEffect(() => field.current?.focus(), []);

  const keep = async (): Promise<void> => {
    const changed = words.value.trim();
    if (changed === "" || changed === text) {
      close();
      return;
    }
    try {
      fault.value = null;
      saving.value = true;
      await save(changed);
      close();
    } catch (problem) {
      fault.value = wordsOf(problem);
    } finally {
      saving.value = false;
    }
  };

  return (
    <form
      class="editable-form"
      onSubmit={(event) => {
        event.preventDefault();
        void keep();
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
            // Only the field closes, not the panel that it stands in.
            event.stopPropagation();
            close();
          } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            void keep();
          }
        }}
      />
      <Button label={saving.value ? "Saving" : "Save"} kind="main" small submit disabled={saving.value} onClick={() => undefined} />
      <IconButton label="Leave it as it was" icon="close" keys="Esc" onClick={close} />
      {fault.value !== null && <Trouble>{fault.value}</Trouble>}
    </form>
  );
}
