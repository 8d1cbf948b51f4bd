/** "What did I miss?": the last minutes of a meeting in a few lines. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { type CatchUpView, readCatchUp } from "../../net/meetings";
import { Button, IconButton, Skeleton, Trouble } from "../controls";
import { lasted } from "../words";

const MINUTES = 5;

type State = { kind: "closed" } | { kind: "loading" } | { kind: "failed"; text: string } | { kind: "here"; view: CatchUpView };

export function CatchUp({ meeting, show }: {
  meeting: string;
  /** Goes to a line of the transcript. */
  show: (line: string) => void;
}): JSX.Element {
  const state = useSignal<State>({ kind: "closed" });
  const title = useRef<HTMLHeadingElement>(null);
  const opener = useRef<HTMLDivElement>(null);
  const now = state.value;
  const load = async (): Promise<void> => {
    state.value = { kind: "loading" };
    try {
      state.value = { kind: "here", view: await readCatchUp(meeting, MINUTES) };
    } catch (fault) {
      state.value = { kind: "failed", text: wordsOf(fault) };
    }
  };
  const close = (): void => {
    state.value = { kind: "closed" };
    requestAnimationFrame(() => opener.current?.querySelector("button")?.focus());
  };
  useEffect(() => {
    if (now.kind === "here") title.current?.focus({ preventScroll: true });
  }, [now.kind]);

  if (now.kind === "closed") {
    return (
      <div ref={opener} class="missed-open">
        <Button label="What did I miss?" small icon="history" title={`The last ${MINUTES} minutes in a few lines`} onClick={() => void load()} />
      </div>
    );
  }
  return (
    <section
      class="missed"
      aria-labelledby="missed-title"
      aria-busy={now.kind === "loading"}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
    >
      <header class="row">
        <h3 id="missed-title" ref={title} tabIndex={-1}>
          The last {MINUTES} minutes
        </h3>
        <IconButton label="Close the summary" icon="close" keys="Esc" onClick={close} />
      </header>
      {now.kind === "loading" && <Skeleton lines={3} label="Looking at the last minutes" />}
      {now.kind === "failed" && (
        <>
          <Trouble>{now.text}</Trouble>
          <Button label="Try again" small onClick={() => void load()} />
        </>
      )}
      {now.kind === "here" && <Summary view={now.view} show={show} />}
    </section>
  );
}

function Summary({ view, show }: { view: CatchUpView; show: (line: string) => void }): JSX.Element {
  const { speakers, highlights, decisions, questions, tasks } = view;
  const noted = [
    ...decisions.map(({ text }) => ["Decided", text] as const),
    ...tasks.map(({ text, owner_name }) => ["Task", owner_name === null ? text : `${owner_name}: ${text}`] as const),
    ...questions.map(({ text }) => ["Asked", text] as const),
  ];
  if (speakers.length === 0 && noted.length === 0) return <p class="empty">Nothing was said here in that time.</p>;
  return (
    <>
      <p class="quiet">{speakers.map(({ name, seconds }) => `${name} ${seconds < 60 ? `${Math.max(1, Math.round(seconds))} s` : lasted(seconds)}`).join(", ")}</p>
      {noted.length > 0 && (
        <ul class="missed-list">
          {noted.map(([kind, text]) => (
            <li key={kind + text}>
              <span class="badge">{kind}</span> {text}
            </li>
          ))}
        </ul>
      )}
      {highlights.length > 0 && (
        <ul class="missed-list">
          {highlights.map((line) => (
            <li key={line.id}>
              <button type="button" class="missed-line" title="Show it where it was said" onClick={() => show(line.id)}>
                <strong>{line.speaker_name}</strong> {line.text}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
