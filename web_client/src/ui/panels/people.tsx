/** Who is here, room by room, and how to get to them. */

import type { JSX } from "preact";

import type { ParticipantRecord } from "../../protocol/records";
import { useApp } from "../app";
import { Choice, IconButton } from "../controls";
import { Face } from "../face";
import { stateWords } from "../words";

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

export function People(): JSX.Element {
  const { store, actions } = useApp();
  const groups = groupsOf(store.participants.value, store.plan.value?.zones ?? []);
  const self = store.self.value;
  const alone = [...store.participants.value.values()].filter((person) => person.kind === "human").length <= 1;
  return (
    <>
      <Choice
        label="Your status"
        value={(self?.status ?? "available") as "available" | "away" | "busy"}
        options={[["available", "Available"], ["away", "Away"], ["busy", "Do not disturb"]]}
        onChange={(status) => actions.status(status)}
      />
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
    </>
  );
}

export function PersonRow({ slot, person, showZone }: { slot: number; person: ParticipantRecord; showZone?: boolean }): JSX.Element {
  const { store, actions } = useApp();
  const own = slot === store.you.value?.slot;
  const speaking = store.speaking.value.has(slot);
  const followed = store.following.value === slot;
  const words = stateWords(person, speaking);
  return (
    <li class={`person${person.present ? "" : " person-away"}`}>
      <span class={`person-face${speaking ? " person-face-speaking" : ""}`}>
        <Face look={person.look} size={36} />
        {speaking && <Bars />}
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
        </span>
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
        </span>
      )}
    </li>
  );
}

const stateKind = (words: string): string =>
  ({ Speaking: "speaking", Muted: "muted", "Do not disturb": "muted", "Hand raised": "hand" })[words] ?? "plain";

function Bars(): JSX.Element {
  return (
    <span class="bars" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}

