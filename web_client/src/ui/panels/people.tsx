/** Who is here, room by room, and how to get to them. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { ParticipantRecord } from "../../protocol/records";
import { lastWords } from "../../state/captions";
import { LOUDEST } from "../../state/settings";
import { useApp } from "../app";
import { Button, Choice, IconButton, Slider, Switch } from "../controls";
import { Face } from "../face";
import { loudness, stateWords } from "../words";

export interface Group {
  id: string;
  name: string;
  people: { slot: number; person: ParticipantRecord }[];
}

/** People by room in the order of the plan, the AI colleagues last. */
export function groupsOf(participants: ReadonlyMap<number, ParticipantRecord>, zones: readonly { id: string; name: string }[]): Group[] {
  const order = new Map(zones.map((zone, index) => [zone.id, index]));
  const names = new Map(zones.map((zone) => [zone.id, zone.name]));
  const groups = new Map<string, Group>();
  for (const [slot, person] of participants) {
    const id = person.kind === "avatar" ? "ai" : person.zone;
    const name = id === "ai" ? "AI colleagues" : (names.get(id) ?? "Outside");
    const group = groups.get(id) ?? { id, name, people: [] };
    group.people.push({ slot, person });
    groups.set(id, group);
  }
  const rank = (group: Group): number => (group.id === "ai" ? 1000 : (order.get(group.id) ?? 999));
  const sorted = [...groups.values()].sort((a, b) => rank(a) - rank(b));
  for (const group of sorted) group.people.sort((a, b) => a.person.name.localeCompare(b.person.name));
  return sorted;
}

const STATUS_WORDS: Readonly<Record<"available" | "away" | "busy", string>> = {
  available: "Others see that you can be spoken to.",
  away: "Others see that you are away. You hear and are heard as before.",
  busy: "You hear your own room, and on the open floor only who comes up to you. Others hear you as before.",
};

/** What the others see of oneself, and whether one hears them. */
export function OwnState(): JSX.Element {
  const { store, actions } = useApp();
  const status = (store.self.value?.status ?? "available") as keyof typeof STATUS_WORDS;
  return (
    <div class="own-state">
      <Choice
        label="Your status"
        value={status}
        options={[["available", "Available"], ["away", "Away"], ["busy", "Do not disturb"]]}
        onChange={(chosen) => actions.status(chosen)}
      />
      <small class="quiet" role="status">
        {STATUS_WORDS[status]}
      </small>
      <Switch
        label="Deafen"
        detail="You hear nobody and nobody hears you. Captions go on. Key U."
        on={store.deaf.value}
        onChange={() => actions.toggleDeaf()}
      />
    </div>
  );
}

export function People(): JSX.Element {
  const { store, actions } = useApp();
  const groups = groupsOf(store.participants.value, store.plan.value?.zones ?? []);
  const alone = [...store.participants.value.values()].filter((person) => person.kind === "human").length <= 1;
  return (
    <>
      <OwnState />
      {groups.map((group) => (
        <section key={group.id} class="people-group" aria-label={group.name}>
          <h3>
            {group.name} <span class="quiet figures">{group.people.length}</span>
          </h3>
          <ul class="people-list">
            {group.people.map(({ slot, person }) => (
              <PersonRow key={slot} slot={slot} person={person} showZone={group.id === "ai"} />
            ))}
          </ul>
        </section>
      ))}
      {alone && (
        <p class="empty">
          You are the only person here. Invite somebody: Settings, “Invite people”.
        </p>
      )}
      <p>
        <Button label="Sound problems?" kind="quiet" small icon="sound" onClick={() => actions.open("sound")} />
      </p>
    </>
  );
}

export function PersonRow({ slot, person, showZone }: { slot: number; person: ParticipantRecord; showZone?: boolean }): JSX.Element {
  const { store, actions, sound } = useApp();
  const tuning = useSignal(false);
  const own = slot === store.you.value?.slot;
  const speaking = store.speaking.value.has(slot);
  const followed = store.following.value === slot;
  const words = stateWords(person, speaking);
  const volume = store.settings.value.volumes[person.id] ?? 1;
  return (
    <li class={`person${person.present ? "" : " person-away"}`}>
      <span class={`person-face${speaking ? " person-face-speaking" : ""}`}>
        <Face look={person.look} size={36} />
        {speaking && <Bars slot={slot} />}
      </span>
      <span class="person-words">
        <span class="person-name">
          {person.name}
          {own && <span class="quiet"> (you)</span>}
          {person.kind === "avatar" && <span class="badge badge-ai">AI</span>}
        </span>
        <span class={`person-state person-state-${stateKind(words)}`}>
          {words}
          {showZone && `, ${store.zoneName(person.zone)}`}
          {!person.transcribed && person.kind === "human" && ", not transcribed"}
          {volume !== 1 && (volume === 0 ? ", silenced by you" : `, at ${loudness(volume)}`)}
        </span>
        <SaidNow slot={slot} />
      </span>
      {!own && (
        <span class="person-acts">
          <IconButton label={`Go to ${person.name}`} icon="walk" onClick={() => actions.goTo(slot)} />
          <IconButton
            label={followed ? `Stop following ${person.name}` : `Follow ${person.name}`}
            icon="follow"
            pressed={followed}
            onClick={() => actions.follow(slot)}
          />
          <IconButton label={`Wave to ${person.name}`} icon="wave" onClick={() => actions.wave()} />
          <IconButton label={`Volume of ${person.name}`} icon="speaker" expanded={tuning.value} onClick={() => (tuning.value = !tuning.value)} />
        </span>
      )}
      {tuning.value && (
        <div class="person-volume">
          <Slider
            label={`How loud you hear ${person.name}`}
            value={volume}
            most={LOUDEST}
            step={0.05}
            words={loudness}
            onChange={(gain) => sound.setVolume(person.id, gain)}
          />
          {volume !== 1 && <Button label="As they are" small kind="quiet" onClick={() => sound.setVolume(person.id, 1)} />}
        </div>
      )}
    </li>
  );
}

const UNDER_A_NAME = 90;

/** What somebody says just now. Read out elsewhere, so hidden from screen readers here. */
function SaidNow({ slot }: { slot: number }): JSX.Element | null {
  const { store } = useApp();
  const { captions, captionsBelow } = store.settings.value;
  const line = captions && captionsBelow ? store.saidNow.value.get(slot) : undefined;
  if (line === undefined) return null;
  const { text, settled } = lastWords(line.text, line.settled, UNDER_A_NAME);
  return (
    <span class="person-said" aria-hidden="true">
      {text.slice(0, settled)}
      <span class="caption-unsettled">{text.slice(settled)}</span>
    </span>
  );
}

const stateKind = (words: string): string =>
  ({ Speaking: "speaking", Muted: "muted", "Hears nobody": "muted", "Do not disturb": "muted", "Hand raised": "hand" })[words] ?? "plain";

/** Three bars as high as the voice is loud, by the levels of the office. */
function Bars({ slot }: { slot: number }): JSX.Element {
  const { store } = useApp();
  const bars = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let frame = requestAnimationFrame(function draw() {
      bars.current?.style.setProperty("--level", (store.levels.get(slot) ?? 0).toFixed(2));
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [store, slot]);
  return (
    <span ref={bars} class="bars" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
