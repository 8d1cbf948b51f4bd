/** Starts a run: which workflow, and what it asks for. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { HttpProblem, wordsOf } from "../../net/http";
import { type Definition, type Definitions, startRun } from "../../net/runs";
import { blank, faultWords, fieldsOf, readForm, type Written } from "../../state/forms";
import { Button, IconButton, Select, Trouble } from "../controls";
import { runHref } from "../work/parts";
import { SchemaFields } from "../work/schemaForm";

export function StartRun({ definitions, onClose }: { definitions: Definitions; onClose: () => void }): JSX.Element {
  const startable = definitions.definitions.filter((one) => one.startable);
  const chosen = useSignal(startable[0]?.name ?? "");
  const box = useRef<HTMLElement>(null);
  useLayoutEffect(() => box.current?.querySelector<HTMLElement>("select")?.focus({ preventScroll: true }), []);
  const definition = startable.find(({ name }) => name === chosen.value);
  return (
    <section ref={box} class="runs-start" aria-labelledby="start-title" onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <header class="row">
        <h2 id="start-title">Start a run</h2>
        <IconButton label="Close" icon="close" keys="Esc" onClick={onClose} />
      </header>
      <Select
        label="Workflow"
        value={chosen.value}
        options={startable.map(({ name, title }) => [name, title] as const)}
        onChange={(name) => (chosen.value = name)}
      />
      {definition === undefined ? (
        <p class="empty">There is no workflow to start.</p>
      ) : (
        <StartForm key={definition.name} definition={definition} people={definitions.people} />
      )}
    </section>
  );
}

function StartForm({ definition, people }: { definition: Definition; people: Definitions["people"] }): JSX.Element {
  const fields = useMemo(() => fieldsOf(definition.data), [definition.name]);
  const written = useSignal<Written>(blank(fields));
  const faults = useSignal<ReadonlyMap<string, string>>(new Map());
  const trouble = useSignal<string | null>(null);
  const sending = useSignal(false);
  const form = useRef<HTMLFormElement>(null);
  /** Sent again after a bad line, it starts one run, not two. */
  const key = useRef(crypto.randomUUID());

  const refuse = (found: ReadonlyMap<string, string>): void => {
    faults.value = found;
    trouble.value = found.get("") ?? null;
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid='true']")?.focus());
  };
  const start = async (): Promise<void> => {
    if (sending.value) return;
    const filled = readForm(fields, written.value);
    if (filled.faults.length > 0) return refuse(faultWords(fields, filled.faults));
    sending.value = true;
    trouble.value = null;
    try {
      const run = await startRun(definition.name, filled.data, key.current);
      window.location.assign(runHref(run.id));
    } catch (problem) {
      if (problem instanceof HttpProblem && problem.faults.length > 0) refuse(faultWords(fields, problem.faults));
      else trouble.value = wordsOf(problem);
      sending.value = false;
    }
  };
  return (
    <form
      ref={form}
      class="question-form"
      aria-labelledby="start-title"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <SchemaFields fields={fields} written={written.value} faults={faults.value} people={people} onChange={(now) => (written.value = now)} />
      {fields.length === 0 && <p class="empty">It asks for nothing to begin with.</p>}
      {trouble.value !== null && <Trouble>{trouble.value}</Trouble>}
      <div class="row">
        <Button label={sending.value ? "Starting" : `Start ${definition.title.toLowerCase()}`} kind="main" submit disabled={sending.value} onClick={() => undefined} />
      </div>
    </form>
  );
}
