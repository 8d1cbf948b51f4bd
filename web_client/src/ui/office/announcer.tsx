/** Says to a screen reader who came, who went, and what began or ended. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { useApp } from "../app";
import { recognition } from "../words";

export function Announcer(): JSX.Element {
  const { store } = useApp();
  const said = useSignal("");
  const known = useRef<{ people: Map<number, string>; meetings: Map<string, string>; recognizer: string } | null>(null);
  const participants = store.participants.value;
  const meetings = store.meetings.value;
  const recognizer = recognition(store.engine.value?.recognizer);

  useEffect(() => {
    const people = new Map([...participants].map(([slot, person]) => [slot, person.name]));
    const titles = new Map([...meetings].map(([id, meeting]) => [id, meeting.title]));
    const before = known.current;
    known.current = { people, meetings: titles, recognizer };
    if (before === null) return;
    const news = [
      ...difference(people, before.people).map((name) => `${name} came in.`),
      ...difference(before.people, people).map((name) => `${name} left.`),
      ...difference(titles, before.meetings).map((title) => `The meeting ${title} began. It is being transcribed.`),
      ...difference(before.meetings, titles).map((title) => `The meeting ${title} ended.`),
      ...(recognizer !== before.recognizer && recognizer !== "" ? [`Recognition: ${recognizer}.`] : []),
    ];
    if (news.length > 0) said.value = news.join(" ");
  }, [participants, meetings, recognizer]);

  return (
    <div class="unseen" role="status" aria-live="polite">
      {said.value}
    </div>
  );
}

const READ_OUT = 3;

/** Reads out what others finished saying. Words that still change would be read again and again, so they are not. */
export function Speakers(): JSX.Element {
  const { store } = useApp();
  const own = store.you.value?.slot;
  const lines = store.captions.value.filter((line) => line.final && line.slot !== own && line.touched > 0).slice(-READ_OUT);
  return (
    <div class="unseen" aria-live="polite" aria-relevant="additions">
      {lines.map((line) => (
        <div key={line.id}>{`${line.name}: ${line.text}`}</div>
      ))}
    </div>
  );
}

function difference<K>(after: ReadonlyMap<K, string>, before: ReadonlyMap<K, string>): string[] {
  return [...after].filter(([key]) => !before.has(key)).map(([, words]) => words);
}
