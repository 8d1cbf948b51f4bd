/** What waits for one's decision, the oldest first; what one has answered stands below until others have. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Question } from "../../net/runs";
import { useApp } from "../app";
import { Button, Skeleton, Trouble } from "../controls";
import { Icon } from "../icons";
import { QuestionCard } from "../work/questionCard";

export function InboxPanel(): JSX.Element {
  const { store, inbox } = useApp();
  const state = store.inbox.value;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void inbox.read();
    return () => void (store.answered.value = "");
  }, [inbox, store]);
  const answered = store.answered.value;
  // A card that was answered goes, and with it the focus: it moves on to the next.
  useEffect(() => {
    if (answered === "" || (document.activeElement !== document.body && document.activeElement !== null)) return;
    box.current?.querySelector<HTMLElement>(".question-title, .inbox-said")?.focus();
  }, [state, answered]);
  // Shown from the wall or the board: that card has the focus.
  const wanted = store.questionFocus.value;
  useEffect(() => {
    if (wanted === null || state.kind !== "here") return;
    store.questionFocus.value = null;
    const cards = box.current?.querySelectorAll<HTMLElement>("[data-question]") ?? [];
    const title = [...cards].find((card) => card.dataset["question"] === wanted)?.querySelector<HTMLElement>(".question-title");
    title?.focus({ preventScroll: true });
    title?.scrollIntoView({ block: "center" });
  }, [state, wanted, store]);
  return (
    <div ref={box} class="inbox">
      {answered !== "" && (
        <p class="inbox-said" role="status" tabIndex={-1}>
          <Icon name="check" size={16} /> {answered}
        </p>
      )}
      {(state.kind === "none" || state.kind === "loading") && <Skeleton lines={4} label="Loading the inbox" />}
      {state.kind === "failed" && (
        <>
          <Trouble>{state.text}</Trouble>
          <Button label="Try again" small onClick={() => void inbox.read()} />
        </>
      )}
      {state.kind === "here" && (
        <>
          {state.fault !== null && <Trouble>{state.fault} What you see may be old.</Trouble>}
          <Questions tasks={state.inbox.tasks} old={state.fault !== null} />
        </>
      )}
      <p class="inbox-more">
        <a href="/runs" target="_blank" rel="noopener">
          All runs<span class="unseen">, in a new tab</span>
        </a>
      </p>
    </div>
  );
}

function Questions({ tasks, old }: { tasks: readonly Question[]; old: boolean }): JSX.Element {
  const mine = tasks.filter((task) => task.mine && !task.paused);
  const others = tasks.filter((task) => !task.mine || task.paused);
  return (
    <div class={`inbox-list${old ? " is-old" : ""}`}>
      {mine.length === 0 && <p class="empty">Nothing waits for you. Questions of workflows come here when they are yours to decide.</p>}
      <List tasks={mine} />
      {others.length > 0 && (
        <section class="inbox-others" aria-labelledby="inbox-others">
          <h3 id="inbox-others">
            Waiting for others <span class="quiet figures">{others.length}</span>
          </h3>
          <List tasks={others} />
        </section>
      )}
    </div>
  );
}

function List({ tasks }: { tasks: readonly Question[] }): JSX.Element {
  const { store, inbox } = useApp();
  const state = store.inbox.value;
  const people = state.kind === "here" ? state.inbox.people : [];
  return (
    <>
      {tasks.map((task) => (
        <QuestionCard
          key={`${task.run} ${task.name} ${task.number} ${task.subject}`}
          task={task}
          people={people}
          link={{ href: `/runs/${encodeURIComponent(task.run)}`, away: true }}
          onAnswered={(words) => void inbox.answered(words)}
        />
      ))}
    </>
  );
}
