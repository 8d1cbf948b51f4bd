/** What was said, to be read in peace: scrolled back, searched, corrected, and caught up with. */

import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { findMatches, type Match, stepTo } from "../../state/search";
import { useApp } from "../app";
import { Button, Skeleton, Trouble } from "../controls";
import { Icon } from "../icons";
import { count, recognition, recognizerState } from "../words";
import { CatchUp } from "./catchUp";
import { useFollow } from "./follow";
import { SaidLine } from "./saidLine";
import { SearchBar } from "./searchBar";

export function CaptionsPanel(): JSX.Element {
  const { store, actions } = useApp();
  const log = useRef<HTMLDivElement>(null);
  const query = useSignal("");
  const at = useSignal(0);
  const editing = useSignal<string | null>(null);
  const lines = store.spoken.value;
  const meeting = store.meetingHere.value?.id;
  const online = store.link.value.kind === "open";
  const follow = useFollow(log, lines, editing.value !== null);

  // Again when the office is back: what was said and corrected meanwhile stands in the transcript.
  useEffect(() => {
    if (online) void actions.readTranscript();
  }, [meeting, online]);

  const matches = useMemo(() => findMatches(lines, query.value), [lines, query.value]);
  const byLine = useMemo(() => grouped(matches), [matches]);
  const index = Math.min(at.value, Math.max(0, matches.length - 1));
  const current = matches[index] ?? null;
  const show = (id: string): void => {
    const [box, line] = [log.current, document.getElementById(`said-${id}`)];
    if (box === null || line === null) return;
    box.scrollTop = line.offsetTop - (box.clientHeight - line.offsetHeight) / 2;
  };
  useLayoutEffect(() => {
    if (current !== null) show(current.id);
  }, [current?.id, current?.start, query.value]);

  return (
    <div class="said-panel">
      <SearchBar
        query={query.value}
        count={matches.length}
        current={index}
        search={(words) => {
          query.value = words;
          at.value = 0;
        }}
        step={(by) => (at.value = stepTo(index, by, matches.length))}
      />
      {meeting !== undefined && <CatchUp key={meeting} meeting={meeting} show={show} />}
      <Situation />
      <div class="said-frame">
        <div ref={log} class="said-log" role="log" aria-label="Captions" aria-live="off" tabIndex={0} onScroll={() => follow.scrolled()}>
          {lines.length === 0 && store.transcript.value.kind !== "loading" && <p class="empty">Nothing said near you yet.</p>}
          {lines.map((line) => (
            <SaidLine
              key={line.id}
              line={line}
              matches={byLine.get(line.id)}
              current={current?.id === line.id ? current : null}
              editing={editing.value === line.id}
              edit={(open) => (editing.value = open ? line.id : null)}
            />
          ))}
        </div>
        {!follow.following.value && (
          <button type="button" class="said-jump pill" onClick={() => follow.jump()}>
            <Icon name="down" size={16} />
            <span>Jump to newest</span>
            {follow.missed > 0 && <span class="badge figures">{count(follow.missed, "new line", "new lines")}</span>}
          </button>
        )}
      </div>
    </div>
  );
}

function grouped(matches: readonly Match[]): ReadonlyMap<string, readonly Match[]> {
  const lines = new Map<string, Match[]>();
  for (const match of matches) lines.set(match.id, [...(lines.get(match.id) ?? []), match]);
  return lines;
}

/** Why there are no captions now, or not all of them. */
function Situation(): JSX.Element | null {
  const { store, actions } = useApp();
  const recognizer = useComputed(() => store.engine.value?.recognizer);
  const transcript = store.transcript.value;
  if (store.link.value.kind !== "open") return <p class="said-note">The office is out of reach. Captions go on when it is back.</p>;
  if (store.offRecord.value) {
    return (
      <p class="said-note said-note-off">
        <Icon name="offRecord" size={16} /> Off the record: nothing said in {store.zoneName(store.self.value?.zone)} is recognised.
      </p>
    );
  }
  const state = recognizerState(recognizer.value);
  if (state === "none" || state === "failed") {
    return <p class="said-note">No recogniser works at the moment, so there are no captions. They come back by themselves. {recognizer.value?.fault}</p>;
  }
  if (state === "loading") return <p class="said-note">The recogniser is being loaded. Captions begin when it is there.</p>;
  if (transcript.kind === "loading") return <Skeleton lines={4} label="Loading the transcript" />;
  if (transcript.kind === "failed") {
    return (
      <div class="said-failed">
        <Trouble>What was said before cannot be shown. {transcript.text}</Trouble>
        <Button label="Try again" small onClick={() => void actions.readTranscript()} />
      </div>
    );
  }
  if (state === "standing in") return <p class="said-note">Recognition: {recognition(recognizer.value)}.</p>;
  return null;
}
