/** What people leave a meeting with: decisions, tasks, transcript, and files. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { wordsOf } from "../../net/http";
import * as meetings from "../../net/meetings";
import type { Finding, MeetingDetail } from "../../net/meetings";
import { Skeleton, Trouble } from "../controls";
import { Icon } from "../icons";
import { count, dayAndTime, elapsed, lasted, sureness } from "../words";
import { Editable } from "../editable";
import { Page } from "./page";
import { LookAgain, MeetingDigest, useDigest } from "./meetingDigest";
import { MeetingReading } from "./meetingReading";
import { MeetingTask } from "./meetingTask";
import { MeetingTitle } from "./meetingTitle";
import { isWritten, useWritten, WrittenSummary } from "./meetingWritten";
import { KeptSound, showLine, Transcript } from "./transcript";

export function MeetingPage({ id }: { id: string }): JSX.Element {
  const meeting = useSignal<MeetingDetail | null>(null);
  const fault = useSignal<string | null>(null);
  const load = async (): Promise<void> => {
    try {
      meeting.value = await meetings.readMeeting(id);
      fault.value = null;
    } catch (problem) {
      fault.value = wordsOf(problem);
    }
  };
  useEffect(() => {
    void load();
  }, [id]);

  const known = meeting.value;
  const back = { href: "/meetings", label: "All meetings" };
  if (known === null) {
    return (
      <Page title="Meeting" sentence={fault.value === null ? "Loading the minutes." : "These minutes cannot be shown."} back={back}>
        {fault.value !== null ? <Trouble>{fault.value}</Trouble> : <Skeleton lines={8} label="Loading the minutes" />}
      </Page>
    );
  }
  const ended = known.ended_at === null ? "still running" : lasted(known.ended_at - known.started_at);
  return (
    <Page
      title={known.title}
      sentence={`${dayAndTime(known.started_at)}, ${ended}, in ${known.zone_name ?? known.zone}. Started by ${known.facilitator_name}.`}
      back={back}
    >
      <Minutes meeting={known} load={load} />
    </Page>
  );
}

function Minutes({ meeting, load }: { meeting: MeetingDetail; load: () => Promise<void> }): JSX.Element {
  const written = useWritten(meeting);
  const digest = useDigest(meeting, written.view?.state ?? "");
  return (
    <div class="minutes">
      <div class="minutes-main">
        <WrittenSummary meeting={meeting} written={written} />
        <MeetingDigest meeting={meeting} digest={digest} heading={isWritten(written) ? "Main lines" : "Summary"} />
        <Findings
          title="Decisions"
          empty="No decisions were heard."
          meeting={meeting}
          findings={meeting.decisions}
          load={load}
          editable
        />
        <section aria-labelledby="tasks-title">
          <h2 id="tasks-title">Action items</h2>
          {meeting.tasks.length === 0 && <p class="empty">No tasks were noted.</p>}
          <ul class="minutes-tasks">
            {meeting.tasks.map((task) => (
              <MeetingTask key={task.id} task={task} meeting={meeting} load={load} show={showLine} />
            ))}
          </ul>
          <MeetingReading meeting={meeting} />
          {meeting.utterances.length > 0 && <LookAgain meeting={meeting} load={load} />}
        </section>
        {meeting.questions.length > 0 && (
          <Findings title="Open questions" empty="" meeting={meeting} findings={meeting.questions} load={load} />
        )}
        <Transcript meeting={meeting} load={load} />
      </div>
      <aside class="minutes-side">
        <section aria-labelledby="people-title">
          <h2 id="people-title">{count(meeting.people.length, "person", "people")}</h2>
          <ul class="plain-list">
            {meeting.people.map((person) => (
              <li key={person.id}>
                {person.name} {person.kind === "avatar" && <span class="badge badge-ai">AI</span>}
              </li>
            ))}
          </ul>
        </section>
        <KeptSound meeting={meeting} load={load} />
        <MeetingTitle meeting={meeting} suggested={digest.view?.title ?? ""} load={load} />
        <section aria-labelledby="files-title">
          <h2 id="files-title">Downloads</h2>
          <ul class="downloads">
            {meetings.DOWNLOADS.map(({ file, label, detail }) => (
              <li key={file}>
                <a href={meetings.downloadUrl(meeting.id, file)} download>
                  <Icon name="download" size={18} />
                  <span>
                    {label} <span class="quiet">{detail}</span>
                  </span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      </aside>
    </div>
  );
}

function Findings({ title, empty, meeting, findings, load, editable }: {
  title: string;
  empty: string;
  meeting: MeetingDetail;
  findings: readonly Finding[];
  load: () => Promise<void>;
  editable?: boolean;
}): JSX.Element {
  const id = `${title.toLowerCase().replace(" ", "-")}-title`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {findings.length === 0 && <p class="empty">{empty}</p>}
      <ul class="findings">
        {findings.map((finding) => (
          <li key={finding.id}>
            {editable ? (
              <Editable
                text={finding.text}
                label="this decision"
                save={(words) => meetings.changeDecision(meeting.id, finding.id, words).then(load)}
                remove={() => meetings.removeDecision(meeting.id, finding.id).then(load)}
              />
            ) : (
              <span>{finding.text}</span>
            )}
            <Source meeting={meeting} utterance={finding.utterance_id} confidence={finding.confidence} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** From which words it was heard, and how surely. */
export function Source({ meeting, utterance, confidence }: {
  meeting: MeetingDetail;
  utterance: string | null;
  confidence: number | null;
}): JSX.Element | null {
  const line = meeting.utterances.find((one) => one.id === utterance);
  if (line === undefined && confidence === null) return null;
  return (
    <p class="source">
      {line && (
        <a
          href={`#line-${line.id}`}
          onClick={(event) => {
            event.preventDefault();
            showLine(line.id);
          }}
        >
          {line.speaker_name} at {elapsed(line.offset)}
        </a>
      )}
      {confidence !== null && <span class="quiet figures"> {sureness(confidence)}, {Math.round(confidence * 100)} %</span>}
    </p>
  );
}
