/** The summary that a mind wrote of a meeting: each sentence with the lines it rests on, who wrote it, and where. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { type MeetingDetail, readWritten, type WrittenView, writeSummary } from "../../net/meetings";
import { Button, Skeleton, Trouble } from "../controls";
import { count, elapsed } from "../words";
import { LineLink, type Read } from "./meetingDigest";

const AGAIN_MS = 1500;

export interface Writing extends Read<WrittenView> {
  ask: () => Promise<void>;
}

/** How a meeting's written summary is doing, asked for again as long as it is being written. */
export function useWritten(meeting: MeetingDetail): Writing {
  const view = useSignal<WrittenView | null>(null);
  const fault = useSignal<string | null>(null);
  const take = async (asked: Promise<WrittenView>): Promise<void> => {
    try {
      [view.value, fault.value] = [await asked, null];
    } catch (problem) {
      fault.value = wordsOf(problem);
    }
  };
  const said = meeting.utterances.map((line) => line.id + line.text).join();
  useEffect(() => void take(readWritten(meeting.id)), [meeting.id, meeting.ended_at, said]);
  const writing = view.value?.state === "writing";
  useEffect(() => {
    if (!writing) return;
    const timer = setInterval(() => void take(readWritten(meeting.id)), AGAIN_MS);
    return () => clearInterval(timer);
  }, [meeting.id, writing]);
  return { view: view.value, fault: fault.value, ask: () => take(writeSummary(meeting.id)) };
}

/** Whether there is anything to show: what nobody set up, or nobody may have, is not missed. */
export function isWritten({ view }: Writing): boolean {
  return view !== null && view.state !== "off" && (view.state !== "none" || view.can_ask);
}

export function WrittenSummary({ meeting, written }: { meeting: MeetingDetail; written: Writing }): JSX.Element | null {
  const { view, fault, ask } = written;
  // When the office does not answer, the quoted lines below say so.
  if (view === null || !isWritten(written)) return null;
  const where = `${view.model} at ${view.host}`;
  const there = view.sentences.length > 0;
  return (
    <section aria-labelledby="summary-title">
      <h2 id="summary-title">Summary</h2>
      {there && <Sentences meeting={meeting} view={view} />}
      <div class="look-again" aria-live="polite">
        {view.state === "writing" && (
          <div class="written-wait">
            {!there && <Skeleton lines={3} label={`${where} is writing`} />}
            <p class="quiet">{where} reads what was said and writes {there ? "a new summary" : "a summary"}.</p>
          </div>
        )}
        {there && view.state !== "writing" && <p class="quiet written-by">{madeWords(view)}</p>}
        {view.state === "failed" && <Trouble>{`${there ? "No new summary" : "No written summary"}: ${view.fault}.`}</Trouble>}
        {view.state === "none" && <p class="quiet">Not summed up yet. For it, what people said goes to {where}.</p>}
        {view.can_ask && <Button label={askWords(view)} small onClick={() => void ask()} />}
        {fault !== null && <Trouble>{fault}</Trouble>}
      </div>
    </section>
  );
}

function Sentences({ meeting, view }: { meeting: MeetingDetail; view: WrittenView }): JSX.Element {
  const lines = new Map(meeting.utterances.map((line) => [line.id, line]));
  return (
    <ul class="findings">
      {view.sentences.map((sentence) => (
        <li key={sentence.text}>
          <span>{sentence.text}</span>
          <p class="source written-sources">
            {sentence.utterances.map((id) => {
              const line = lines.get(id);
              return line && <LineLink key={id} line={id} words={`${line.speaker_name} at ${elapsed(line.offset)}`} />;
            })}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** Who wrote it and where, what was left out, and whether it is of now. */
function madeWords({ model, host, dropped, outdated }: WrittenView): string {
  const words = [`Summarised by ${model} at ${host}.`];
  if (dropped > 0) words.push(`${count(dropped, "sentence was", "sentences were")} left out: the lines named for it did not say it.`);
  if (outdated) words.push("Words of the meeting have changed since.");
  return words.join(" ");
}

function askWords(view: WrittenView): string {
  if (view.state === "failed") return "Try again";
  return view.sentences.length > 0 ? "Write it anew" : "Write a summary";
}
