/** Says to a screen reader who came, who went, and what began or ended. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { useApp } from "../app";

export function Announcer(): JSX.Element {
  const { store } = useApp();
  const said = useSignal("");
  const known = useRef<{ people: Map<number, string>; meetings: Map<string, string> } | null>(null);
  const participants = store.participants.value;
  const meetings = store.meetings.value;

  useEffect(() => {
    const people = new Map([...participants].map(([slot, person]) => [slot, person.name]));
    const titles = new Map([...meetings].map(([id, meeting]) => [id, meeting.title]));
    const before = known.current;
    known.current = { people, meetings: titles };
    if (before === null) return;
    const news = [
      ...difference(people, before.people).map((name) => `${name} came in.`),
      ...difference(before.people, people).map((name) => `${name} left.`),
      ...difference(titles, before.meetings).map((title) => `The meeting ${title} began. It is being transcribed.`),
      ...difference(before.meetings, titles).map((title) => `The meeting ${title} ended.`),
    ];
    if (news.length > 0) said.value = news.join(" ");
  }, [participants, meetings]);

  return (
    <div class="unseen" role="status" aria-live="polite">
      {said.value}
    </div>
  );
}

function difference<K>(after: ReadonlyMap<K, string>, before: ReadonlyMap<K, string>): string[] {
  return [...after].filter(([key]) => !before.has(key)).map(([, words]) => words);
}
