/** Three hints for the first visit. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { useApp } from "../app";
import { Button } from "../controls";

const MARKS = [
  { place: "room", title: "Walk", text: "W A S D or the arrow keys, Shift to run. Or click where you want to go. People nearby hear you best." },
  { place: "dock", title: "Speak and be seen", text: "M mutes and unmutes; in the settings, hold Space to talk instead. Closed rooms are private: outside, nothing is heard." },
  { place: "board", title: "Leave with what was agreed", text: "What you agree on aloud becomes a task on the board, B. Say “Ada, note that”, or press N." },
] as const;

export function Coach(): JSX.Element | null {
  const { store } = useApp();
  const step = store.coaching.value;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (step > 0) box.current?.querySelector<HTMLElement>("button.button-main")?.focus({ preventScroll: true });
  }, [step]);
  const mark = MARKS[step - 1];
  if (mark === undefined) return null;
  const done = (): void => {
    store.coaching.value = 0;
    store.set("coached", true);
  };
  return (
    <div ref={box} class={`coach coach-${mark.place}`} role="region" aria-label={`Hint ${step} of ${MARKS.length}`}>
      <h2>{mark.title}</h2>
      <p>{mark.text}</p>
      <div class="row">
        <span class="quiet figures">
          {step} of {MARKS.length}
        </span>
        {step < MARKS.length && <Button label="Skip" kind="quiet" small onClick={done} />}
        <Button
          label={step < MARKS.length ? "Next" : "Start"}
          kind="main"
          small
          onClick={() => (step < MARKS.length ? (store.coaching.value = step + 1) : done())}
        />
      </div>
    </div>
  );
}
