/** A meeting: what it keeps, who is in it, and how to begin, refuse and end it. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { useApp } from "../app";
import { Button, Switch } from "../controls";
import { Face } from "../face";
import { Icon } from "../icons";
import { clockTime } from "../words";

export function MeetingPanel(): JSX.Element {
  const { store, actions } = useApp();
  const here = store.meetingHere.value;
  const elsewhere = [...store.meetings.value.values()].filter((meeting) => meeting !== here);
  return (
    <>
      {here === null ? <StartMeeting /> : <RunningMeeting />}
      <Privacy />
      <div class="row row-wrap">
        <Button label="Read back and search" small icon="captions" onClick={() => actions.open("captions")} />
      </div>
      {elsewhere.length > 0 && (
        <section>
          <h3>In other rooms</h3>
          <ul class="plain-list">
            {elsewhere.map((meeting) => (
              <li key={meeting.id}>
                <strong>{meeting.title}</strong> in {store.zoneName(meeting.zone)}, since {clockTime(meeting.started_at)}
              </li>
            ))}
          </ul>
        </section>
      )}
      <p>
        <a href="/meetings" target="_blank">
          Past meetings and minutes
        </a>
      </p>
    </>
  );
}

function StartMeeting(): JSX.Element {
  const { store, actions } = useApp();
  const title = useSignal("");
  const zone = store.self.value?.zone;
  const name = store.zoneName(zone);
  if (!actions.facilitates) {
    return <p class="empty">No meeting in {name}. A facilitator can start one; then everyone here sees that it is transcribed.</p>;
  }
  const start = (event: Event): void => {
    event.preventDefault();
    if (zone !== undefined) actions.startMeeting(zone, title.value.trim() || `Meeting in ${name}`);
  };
  return (
    <form class="meeting-start" onSubmit={start}>
      <p>
        A meeting keeps what is said in <strong>{name}</strong> as a transcript, with decisions and tasks. Everyone there sees it
        and can refuse.
      </p>
      <div class="field">
        <label for="meeting-title">Title</label>
        <input
          id="meeting-title"
          data-first
          maxLength={120}
          placeholder={`Meeting in ${name}`}
          value={title.value}
          onInput={(event) => (title.value = event.currentTarget.value)}
        />
      </div>
      <Button label="Start meeting" kind="main" submit disabled={zone === undefined} onClick={() => undefined} />
    </form>
  );
}

function RunningMeeting(): JSX.Element {
  const { store, actions } = useApp();
  const meeting = store.meetingHere.value!;
  const people = [...store.participants.value.values()].filter((person) => person.zone === meeting.zone);
  return (
    <section class="meeting-running" aria-label={meeting.title}>
      <p class="meeting-title">
        <span class="dot dot-amber" aria-hidden="true" /> {meeting.title}
      </p>
      <p class="quiet">
        Since {clockTime(meeting.started_at)}, started by {meeting.facilitator_name}. {" "}
        {store.offRecord.value ? "It is off the record now: nothing is transcribed." : "What is said here is transcribed and kept."}{" "}
       
      </p>
      <ul class="people-list">
        {people.map((person) => (
          <li key={person.id} class="person">
            <Face look={person.look} size={28} />
            <span class="person-words">
              <span class="person-name">
                {person.name} {person.kind === "avatar" && <span class="badge badge-ai">AI</span>}
              </span>
              {!person.transcribed && person.kind === "human" && <span class="person-state">Not transcribed</span>}
            </span>
          </li>
        ))}
      </ul>
      {actions.facilitates && (
        <div class="row">
          <Button label="End meeting" kind="danger" onClick={() => actions.endMeeting(meeting.id)} />
          <span class="quiet">A link to the minutes follows.</span>
        </div>
      )}
    </section>
  );
}

/** What is kept of what is said here, and what is not: for the room, for the meeting's sound, and for oneself. */
function Privacy(): JSX.Element {
  const { store, actions } = useApp();
  const zone = store.zoneName(store.self.value?.zone);
  const meeting = store.meetingHere.value;
  const transcribed = store.self.value?.transcribed ?? store.settings.value.transcribed;
  const [off, recorded] = [store.offRecord.value, store.recording.value];
  const online = store.link.value.kind === "open";
  const mind = store.engine.value?.mind;
  return (
    <section class="privacy" aria-labelledby="privacy-title">
      <h3 id="privacy-title">What is kept</h3>
      <Switch
        label={`Off the record in ${zone}`}
        detail="Nobody here is recognised until it is switched back. Everyone here sees it, and everyone here may."
        on={off}
        asks
        disabled={!online || store.self.value === null}
        onChange={(on) => actions.offRecord(on)}
      />
      {meeting !== null && actions.mayRecord && (
        <Switch
          label="Keep the sound of this meeting"
          detail={
            off
              ? "Off the record no sound is kept. Put the room back on the record first."
              : "Encrypted on the office's machine, for who may read the minutes, and deleted after its time. Everyone here sees it."
          }
          on={recorded}
          asks
          disabled={!online || (off && !recorded)}
          onChange={(on) => actions.keepSound(on)}
        />
      )}
      {meeting !== null && !actions.mayRecord && (
        <p class="quiet privacy-sound">
          <Icon name={recorded ? "record" : "info"} size={16} />
          {recorded ? `The sound of this meeting is kept. ${meeting.facilitator_name} or an owner can stop that.` : "The sound of this meeting is not kept."}
        </p>
      )}
      {mind != null && (
        <p class="quiet privacy-sound">
          <Icon name="info" size={16} />
          When a meeting is over, {mind.name} at {mind.host} gets what people said in it, and sums it up.
        </p>
      )}
      <Switch
        label="Do not transcribe me"
        detail="Your sound is then never given to the recogniser. People still hear you."
        on={!transcribed}
        onChange={(refused) => actions.consent(!refused)}
      />
    </section>
  );
}
