/** Whose task it is and until when: two small fields side by side. */

import type { JSX } from "preact";
import { useId } from "preact/hooks";

import { useApp } from "../app";

export function OwnerAndDue({ owner, ownerName, due, onOwner, onDue }: {
  owner: string | null;
  /** The name when the owner is not in the room, so that it can still be shown and kept. */
  ownerName?: string | null;
  due: string | null;
  onOwner: (id: string | null) => void;
  onDue: (day: string | null) => void;
}): JSX.Element {
  const { store } = useApp();
  const id = useId();
  const people = [...store.participants.value.values()].filter((person) => person.kind === "human");
  const known = owner === null || people.some((person) => person.id === owner);
  return (
    <div class="owner-due">
      <div class="field">
        <label for={`${id}-o`}>Owner</label>
        <select id={`${id}-o`} value={owner ?? ""} onChange={(event) => onOwner(event.currentTarget.value || null)}>
          <option value="">Nobody yet</option>
          {!known && owner !== null && <option value={owner}>{ownerName ?? "Somebody else"}</option>}
          {people.map((person) => (
            <option key={person.id} value={person.id}>
              {person.name}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for={`${id}-d`}>Due</label>
        <input id={`${id}-d`} type="date" value={due ?? ""} onInput={(event) => onDue(event.currentTarget.value || null)} />
      </div>
    </div>
  );
}
