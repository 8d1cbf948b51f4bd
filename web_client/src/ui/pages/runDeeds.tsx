/** What owners do with a run by hand, each with its reason; and the events that people may send it. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { type Deed, operate, type RunDetail, sendEvent, type Unplaced, unplacedOf, upgrade } from "../../net/runs";
import { inWords } from "../../state/forms";
import { askedFor, choose, missing, NONE, options, type Renames } from "../../state/renames";
import { Button, Select, Trouble } from "../controls";
import { OPERATION_WORDS } from "../work/words";

const MOST_REASON = 500;

interface Asking {
  kind: "operation" | "event";
  name: string;
}

export function Deeds({ run, onDone }: { run: RunDetail; onDone: (words: string) => void }): JSX.Element | null {
  const asking = useSignal<Asking | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const operations = run.upgradable ? ["upgrade", ...run.operations] : run.operations;
  const possible = [...operations, ...run.events].join(" ");
  // What was pressed may not be possible any more, and takes the focus with it.
  useEffect(() => {
    if (document.activeElement === document.body && asking.peek() === null) title.current?.focus({ preventScroll: true });
  }, [possible]);
  if (possible === "") return null;
  const open = (one: Asking): void => void (asking.value = one);
  const close = (): void => void (asking.value = null);
  return (
    <section class="run-deeds" aria-labelledby="deeds-title">
      <h2 id="deeds-title" ref={title} tabIndex={-1}>
        By hand
      </h2>
      <div class="row row-wrap">
        {run.events.map((name) => (
          <Button key={`event ${name}`} label={inWords(name)} small onClick={() => open({ kind: "event", name })} />
        ))}
        {operations.map((name) => (
          <Button
            key={name}
            label={OPERATION_WORDS[name]?.label ?? inWords(name)}
            kind={name === "cancel" ? "danger" : name === "retry" || name === "resume" ? "main" : "plain"}
            small
            onClick={() => open({ kind: "operation", name })}
          />
        ))}
      </div>
      {asking.value !== null && (
        <Dialog
          run={run}
          asking={asking.value}
          onClose={close}
          onDone={(words) => {
            close();
            onDone(words);
          }}
        />
      )}
    </section>
  );
}

function Dialog({ run, asking, onClose, onDone }: { run: RunDetail; asking: Asking; onClose: () => void; onDone: (words: string) => void }): JSX.Element {
  const id = useId();
  const box = useRef<HTMLDialogElement>(null);
  const reason = useSignal("");
  const more = useSignal<Partial<Deed>>(usual(run, asking));
  const renames = useSignal<Renames>(NONE);
  const trouble = useSignal<string | null>(null);
  const sending = useSignal(false);
  const key = useRef(crypto.randomUUID());
  // Before the next key: what is typed right after the button belongs into the dialog.
  useLayoutEffect(() => box.current?.showModal(), []);

  /** The state whose select gets the focus as soon as it is drawn. */
  const to = useRef<Unplaced | null>(null);
  const focusOn = (one: Unplaced): void => {
    const selects = box.current?.querySelectorAll<HTMLElement>(".renames select");
    selects?.[renames.value.states.findIndex((state) => state.name === one.name)]?.focus();
  };
  useLayoutEffect(() => {
    if (to.current !== null) focusOn(to.current);
    to.current = null;
  }, [renames.value]);

  /** Closed by the browser first, which gives the focus back to what had it. */
  const leave = (): void => {
    box.current?.close();
    onClose();
  };
  const isEvent = asking.kind === "event";
  const known = isEvent ? undefined : OPERATION_WORDS[asking.name];
  const label = known?.label ?? inWords(asking.name);
  const send = async (): Promise<void> => {
    if (sending.value) return;
    if (!isEvent && reason.value.trim() === "") {
      trouble.value = "Say why: the reason is kept with the run.";
      box.current?.querySelector<HTMLElement>("textarea")?.focus();
      return;
    }
    const unsaid = missing(renames.value);
    if (unsaid !== undefined) {
      trouble.value = `Say what “${unsaid.title}” becomes in the new version.`;
      focusOn(unsaid);
      return;
    }
    sending.value = true;
    trouble.value = null;
    try {
      if (isEvent) await sendEvent(run.id, asking.name, key.current);
      else if (asking.name === "upgrade") await upgrade(run.id, reason.value.trim(), renames.value.chosen);
      else await operate(run.id, { ...more.value, operation: asking.name, reason: reason.value.trim() });
      box.current?.close();
      onDone(`${label}: done.`);
    } catch (problem) {
      refuse(problem);
      sending.value = false;
    }
  };
  const refuse = (problem: unknown): void => {
    trouble.value = wordsOf(problem);
    renames.value = askedFor(renames.value, unplacedOf(problem));
    to.current = missing(renames.value) ?? null;
  };
  return (
    <dialog
      ref={box}
      class="dialog"
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        event.preventDefault();
        leave();
      }}
    >
      <form
        class="question-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <h2 id={`${id}-title`}>{label}</h2>
        <p class="quiet">{isEvent ? `The run is told: “${label}”.` : known?.detail}</p>
        <Choices run={run} operation={isEvent ? "" : asking.name} deed={more.value} onChange={(change) => (more.value = { ...more.value, ...change })} />
        <Becoming renames={renames.value} onChange={(state, becomes) => (renames.value = choose(renames.value, state, becomes))} />
        {!isEvent && (
          <div class="field">
            <label for={`${id}-reason`}>Reason</label>
            <textarea
              id={`${id}-reason`}
              rows={3}
              maxLength={MOST_REASON}
              aria-required="true"
              aria-invalid={trouble.value !== null && reason.value.trim() === ""}
              autofocus
              value={reason.value}
              onInput={(event) => (reason.value = event.currentTarget.value)}
            />
          </div>
        )}
        {trouble.value !== null && <Trouble>{trouble.value}</Trouble>}
        <div class="row dialog-acts">
          <Button label="Leave it" kind="quiet" small onClick={leave} />
          <Button
            label={sending.value ? "Sending" : label}
            kind={asking.name === "cancel" ? "danger" : "main"}
            small
            submit
            disabled={sending.value}
            onClick={() => undefined}
          />
        </div>
      </form>
    </dialog>
  );
}

/** What states become that are no more in the new version; nothing until the office has asked for it. */
function Becoming({ renames, onChange }: { renames: Renames; onChange: (state: string, becomes: string) => void }): JSX.Element | null {
  if (renames.states.length === 0) return null;
  return (
    <div class="renames" role="group" aria-label="In the new version">
      {renames.states.map((one) => (
        <Select
          key={one.name}
          label={`“${one.title}” becomes`}
          value={renames.chosen[one.name] ?? ""}
          options={options(one)}
          onChange={(becomes) => onChange(one.name, becomes)}
        />
      ))}
    </div>
  );
}

/** What is chosen at first: what failed, the open question, where it stands. */
function usual(run: RunDetail, { kind, name }: Asking): Partial<Deed> {
  if (kind === "event") return {};
  const failed = run.under_way.filter((one) => one.failed !== "");
  if (name === "skip") return { call: failed[0]?.name };
  if (name === "reassign") return { task: run.tasks[0]?.name, to: run.people[0]?.id };
  if (name === "rewind") return { state: run.states[0]?.name };
  return {};
}

function Choices({ run, operation, deed, onChange }: {
  run: RunDetail;
  operation: string;
  deed: Partial<Deed>;
  onChange: (change: Partial<Deed>) => void;
}): JSX.Element | null {
  const failed = run.under_way.filter((one) => one.failed !== "");
  const calls = failed.map((one) => [one.name, one.words] as const);
  if (operation === "retry" && calls.length > 1) {
    return <Select label="What" value={deed.call ?? ""} options={[["", "All that failed"], ...calls]} onChange={(call) => onChange({ call: call || undefined })} />;
  }
  if (operation === "skip" && calls.length > 1) {
    return <Select label="What" value={deed.call ?? ""} options={calls} onChange={(call) => onChange({ call })} />;
  }
  if (operation === "reassign") {
    const itself = run.status === "stuck" ? [["", "Looking after the run"] as const] : [];
    return (
      <>
        <Select
          label="What"
          value={deed.task ?? ""}
          options={[...run.tasks.map((one) => [one.name, one.title] as const), ...itself]}
          onChange={(task) => onChange({ task: task || undefined })}
        />
        <Select label="To whom" value={deed.to ?? ""} options={run.people.map((one) => [one.id, one.name] as const)} onChange={(to) => onChange({ to })} />
      </>
    );
  }
  if (operation === "rewind") {
    const states = run.picture?.boxes.filter((box) => !box.final) ?? [];
    return <Select label="To which state" value={deed.state ?? ""} options={states.map((box) => [box.name, box.title] as const)} onChange={(state) => onChange({ state })} />;
  }
  return null;
}
