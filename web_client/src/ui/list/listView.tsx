/** The whole office as a quiet document: everything can be done here, by keyboard and by ear. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { PlanZone } from "../../scene/plan";
import { useApp } from "../app";
import { Button, IconButton } from "../controls";
import { Icon } from "../icons";
import { inside } from "../lobbyPeople";
import { CameraSection } from "../office/cameras";
import { ScreenSection } from "../office/screens";
import { Board } from "../panels/board";
import { CaptionsPanel } from "../panels/captions";
import { Chat } from "../panels/chat";
import { InboxPanel } from "../panels/inbox";
import { MeetingPanel } from "../panels/meeting";
import { OwnState, PersonRow } from "../panels/people";
import { SettingsPanel } from "../panels/settings";
import { SoundPanel } from "../panels/sound";

export function ListView(): JSX.Element {
  const { store, actions } = useApp();
  const top = useRef<HTMLHeadingElement>(null);
  const self = store.self.value;
  useEffect(() => top.current?.focus({ preventScroll: true }), []);
  return (
    <main class="list" aria-labelledby="list-title">
      <div class="list-page">
        <header class="list-head">
          <h1 id="list-title" ref={top} tabIndex={-1}>
            {store.lobby.value?.office ?? "The office"}
          </h1>
          <p>
            You are in <strong>{store.zoneName(self?.zone)}</strong>
            {self?.seat != null && ", seated"}. Everything of the 3D view can be done here.
          </p>
          {store.sceneFault.value !== null && <p class="notice notice-info list-fault">{store.sceneFault.value}</p>}
          <nav class="list-jump" aria-label="Sections">
            <a href="#rooms">Rooms and people</a>
            <a href="#captions-log">Captions</a>
            <a href="#board-section">Task board</a>
            {actions.isAsked && <a href="#inbox-section">Inbox{store.waiting.value > 0 && `, ${store.waiting.value} waiting`}</a>}
            <a href="#chat-section">Chat</a>
            <a href="#meeting-section">Meeting</a>
            <a href="#settings-section">Settings</a>
          </nav>
        </header>
        <SoundSection />
        <ScreenSection />
        <CameraSection />
        <div class="list-columns">
          <section id="rooms" aria-labelledby="rooms-title">
            <h2 id="rooms-title">Rooms and people</h2>
            <OwnState />
            {(store.plan.value?.zones ?? []).map((zone) => (
              <Room key={zone.id} zone={zone} />
            ))}
          </section>
          <div class="list-column">
            <CaptionLog />
            <section id="meeting-section" aria-labelledby="meeting-section-title">
              <h2 id="meeting-section-title">Meeting</h2>
              <MeetingPanel />
            </section>
            <section id="chat-section" aria-labelledby="chat-section-title">
              <h2 id="chat-section-title">Chat</h2>
              <Chat />
            </section>
          </div>
          <div class="list-column">
            {actions.isAsked && (
              <section id="inbox-section" aria-labelledby="inbox-section-title">
                <h2 id="inbox-section-title" tabIndex={-1}>
                  Inbox
                </h2>
                <InboxPanel />
              </section>
            )}
            <section id="board-section" aria-labelledby="board-section-title">
              <h2 id="board-section-title">Task board</h2>
              <Board />
            </section>
          </div>
        </div>
        <section id="settings-section" class="list-settings" aria-labelledby="settings-section-title">
          <h2 id="settings-section-title">Settings</h2>
          <SettingsPanel />
        </section>
      </div>
    </main>
  );
}

/** Stands at the top while somebody looks for what is wrong with the sound. */
function SoundSection(): JSX.Element | null {
  const { store } = useApp();
  const open = store.panel.value === "sound";
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!open) return;
    title.current?.focus({ preventScroll: true });
    title.current?.scrollIntoView({ block: "center" });
  }, [open]);
  if (!open) return null;
  return (
    <section id="sound-section" class="list-sound" aria-labelledby="sound-section-title">
      <header class="row">
        <h2 id="sound-section-title" ref={title} tabIndex={-1}>
          Sound problems?
        </h2>
        <IconButton label="Close" icon="close" keys="Esc" onClick={() => (store.panel.value = null)} />
      </header>
      <SoundPanel />
    </section>
  );
}

function Room({ zone }: { zone: PlanZone }): JSX.Element {
  const { store, actions } = useApp();
  const people = [...store.participants.value].filter(([, person]) => person.zone === zone.id);
  const here = store.self.value?.zone === zone.id;
  const doors = (store.plan.value?.doors ?? []).filter((door) => door.zone === zone.id);
  const open = doors.some((door) => store.doors.value.get(door.id)?.open);
  const meeting = [...store.meetings.value.values()].find((one) => one.zone === zone.id);
  const { off_record, recording } = store.privacy.value;
  const [off, recorded] = [off_record.includes(zone.id), recording.includes(zone.id)];
  return (
    <section class={`room${here ? " room-here" : ""}`} aria-labelledby={`room-${zone.id}`}>
      <header class="room-head">
        <h3 id={`room-${zone.id}`}>{zone.name}</h3>
        <p class="quiet">
          {people.length} of {zone.capacity}
          {zone.enclosed && (open ? ", door open" : ", door closed")}
          {here && ", you are here"}
        </p>
        {!here && <Button label="Go here" name={`Go to ${zone.name}`} small icon="walk" onClick={() => actions.goToZone(zone.id)} />}
      </header>
      {off ? (
        <p class="room-meeting room-off">
          <Icon name="offRecord" size={16} /> Off the record{meeting && `: ${meeting.title}`}
        </p>
      ) : (
        meeting && (
          <p class="room-meeting">
            <span class="dot dot-amber" aria-hidden="true" /> Transcribed{recorded && " and recorded"}: {meeting.title}
          </p>
        )
      )}
      {people.length > 0 && (
        <ul class="people-list">
          {people.map(([slot, person]) => (
            <PersonRow key={slot} slot={slot} person={person} />
          ))}
        </ul>
      )}
      {here && <Seats zone={zone} />}
    </section>
  );
}

function Seats({ zone }: { zone: PlanZone }): JSX.Element | null {
  const { store, actions } = useApp();
  const taken = new Set([...store.participants.value.values()].map((person) => person.seat));
  const seats = (store.plan.value?.seats ?? []).filter((seat) => inside(zone.polygon, seat));
  const own = store.self.value?.seat;
  if (seats.length === 0) return null;
  const free = seats.filter((seat) => !taken.has(seat.id));
  return (
    <div class="seats">
      {own != null ? (
        <Button label="Stand up" small icon="seat" keys="X" onClick={() => actions.stand()} />
      ) : (
        <Button
          label="Sit down"
          small
          icon="seat"
          disabled={free.length === 0}
          title={free.length === 0 ? "All seats are taken." : undefined}
          onClick={() => actions.sit(nearest(free, store.poses.get(store.you.value?.slot ?? -1)).id)}
        />
      )}
      <span class="quiet">
        {free.length} of {seats.length} seats free
      </span>
    </div>
  );
}

function nearest<T extends { x: number; z: number }>(places: readonly T[], at: { x: number; z: number } | undefined): T {
  if (at === undefined) return places[0]!;
  const away = (place: T): number => Math.hypot(place.x - at.x, place.z - at.z);
  return places.reduce((best, place) => (away(place) < away(best) ? place : best));
}

function CaptionLog(): JSX.Element {
  return (
    <section id="captions-log" aria-labelledby="captions-title">
      <h2 id="captions-title">Captions</h2>
      <CaptionsPanel />
    </section>
  );
}
