/** What a meeting was about: the few lines that say most, and its topics with times; and another look at it. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { type DigestView, type MeetingDetail, readDigest, reviewMeeting } from "../../net/meetings";
import { Button, Skeleton, Trouble } from "../controls";
import { elapsed } from "../words";
import { showLine } from "./transcript";

export type Read<T> = { view: T | null; fault: string | null };

/** What a meeting was about; `again` has it read anew. */
export function useDigest(meeting: MeetingDetail, again: string): Read<DigestView> {
  const digest = useSignal<DigestView | null>(null);
  const fault = useSignal<string | null>(null);
  const said = meeting.title + meeting.utterances.map((line) => line.id + line.text).join();
  useEffect(() => {
    if (meeting.utterances.length === 0) return;
    readDigest(meeting.id).then(
      (found) => ([digest.value, fault.value] = [found, null]),
      (problem: unknown) => (fault.value = wordsOf(problem)),
    );
  }, [meeting.id, said, again]);
  return { view: digest.value, fault: fault.value };
}

/** `heading`: of the main lines. */
export function MeetingDigest({ meeting, digest, heading }: {
  meeting: MeetingDetail;
  digest: Read<DigestView>;
  heading: string;
}): JSX.Element | null {
  if (meeting.utterances.length === 0) return null;
  if (digest.fault !== null) return <Trouble>{digest.fault}</Trouble>;
  if (digest.view === null) return <Skeleton lines={4} label="Reading the meeting" />;
  const { summary, topics, model } = digest.view;
  const lines = meeting.utterances.filter((line) => summary.includes(line.id));
  return (
    <>
      {lines.length > 0 && (
        <section aria-labelledby="lines-title">
          <h2 id="lines-title">{heading}</h2>
          <ul class="findings">
            {lines.map((line) => (
              <li key={line.id}>
                <span>“{line.text}”</span>
                <p class="source">
                  <LineLink line={line.id} words={`${line.speaker_name} at ${elapsed(line.offset)}`} />
                </p>
              </li>
            ))}
          </ul>
          {model === "" && <p class="quiet">Chosen by their words alone, since no model was at hand.</p>}
        </section>
      )}
      {topics.length > 1 && (
        <section aria-labelledby="topics-title">
          <h2 id="topics-title">Topics</h2>
          <ol class="topics">
            {topics.map((topic) => (
              <li key={topic.utterance}>
                <LineLink line={topic.utterance} words={elapsed(topic.start)} />
                <span>{topic.title || "No words stand out"}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

export function LineLink({ line, words }: { line: string; words: string }): JSX.Element {
  return (
    <a
      href={`#line-${line}`}
      onClick={(event) => {
        event.preventDefault();
        showLine(line);
      }}
    >
      {words}
    </a>
  );
}

/** Has the meeting read once more, after words were corrected or when something seems to be missing. */
export function LookAgain({ meeting, load }: { meeting: MeetingDetail; load: () => Promise<void> }): JSX.Element {
  const state = useSignal<"ready" | "reading" | { found: number } | { fault: string }>("ready");
  const look = async (): Promise<void> => {
    state.value = "reading";
    try {
      state.value = { found: await reviewMeeting(meeting.id) };
      await load();
    } catch (problem) {
      state.value = { fault: wordsOf(problem) };
    }
  };
  const now = state.value;
  return (
    <div class="look-again" aria-live="polite">
      <Button label={now === "reading" ? "Reading …" : "Look for more"} small disabled={now === "reading"} onClick={() => void look()} />
      {typeof now === "object" && "found" in now && (
        <span class="quiet">{now.found === 0 ? "Nothing more was found." : `${now.found} more found; look at what is proposed.`}</span>
      )}
      {typeof now === "object" && "fault" in now && <Trouble>{now.fault}</Trouble>}
    </div>
  );
}
