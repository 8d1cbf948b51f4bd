/** All meetings that were kept, the newest first. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { type MeetingSummary, readMeetings } from "../../net/meetings";
import { Skeleton, Trouble } from "../controls";
import { dayAndTime, lasted } from "../words";
import { Page } from "./page";

export function MeetingsPage(): JSX.Element {
  const meetings = useSignal<readonly MeetingSummary[] | null>(null);
  const fault = useSignal<string | null>(null);
  useEffect(() => {
    readMeetings().then(
      (all) => (meetings.value = [...all].sort((a, b) => b.started_at - a.started_at)),
      (problem: unknown) => (fault.value = wordsOf(problem)),
    );
  }, []);
  return (
    <Page title="Meetings" sentence="What was said, decided and agreed, with downloads.">
      {fault.value !== null && <Trouble>{fault.value}</Trouble>}
      {meetings.value === null && fault.value === null && <Skeleton lines={4} label="Loading meetings" />}
      {meetings.value?.length === 0 && (
        <p class="empty">No meetings yet. A facilitator starts one in a room with the key T.</p>
      )}
      <ul class="meetings">
        {meetings.value?.map((meeting) => (
          <li key={meeting.id}>
            <a class="meeting-row" href={`/meetings/${encodeURIComponent(meeting.id)}`}>
              <strong>{meeting.title}</strong>
              <span>
                {dayAndTime(meeting.started_at)}
                {meeting.ended_at === null ? ", still running" : `, ${lasted(meeting.ended_at - meeting.started_at)}`}
              </span>
              <span class="quiet">
                {meeting.zone_name ?? meeting.zone}, started by {meeting.facilitator_name}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Page>
  );
}
