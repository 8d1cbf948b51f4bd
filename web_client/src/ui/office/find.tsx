/** Ctrl K: find a person, a place or an action by typing. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { useApp, type App } from "../app";
import { Face } from "../face";
import { Icon, type IconName } from "../icons";
import { SHORTCUTS } from "../shortcuts";
import type { Look } from "../../protocol/records";

interface Found {
  id: string;
  words: string;
  detail: string;
  icon: IconName;
  look?: Look;
  run: () => void;
}

export function Find(): JSX.Element {
  const app = useApp();
  const { store } = app;
  const query = useSignal("");
  const chosen = useSignal(0);
  const field = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(null);
  const found = search(everything(app), query.value);
  const at = Math.min(chosen.value, Math.max(0, found.length - 1));

  useLayoutEffect(() => {
    before.current = document.activeElement;
    field.current?.focus();
    return () => (before.current as HTMLElement | null)?.focus?.();
  }, []);

  const close = (): void => void (store.finding.value = false);
  const take = (one: Found | undefined): void => {
    if (one === undefined) return;
    close();
    one.run();
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") chosen.value = Math.min(found.length - 1, at + 1);
    else if (event.key === "ArrowUp") chosen.value = Math.max(0, at - 1);
    else if (event.key === "Enter") take(found[at]);
    else if (event.key === "Tab") close();
    else return;
    event.preventDefault();
    document.getElementById(`find-${chosen.value}`)?.scrollIntoView({ block: "nearest" });
  };

  return (
    <div class="find-ground" onPointerDown={(event) => event.target === event.currentTarget && close()}>
      <div class="find" role="dialog" aria-modal="true" aria-label="Find" onKeyDown={pressed}>
        <div class="find-field">
          <Icon name="search" />
          <input
            ref={field}
            role="combobox"
            aria-expanded="true"
            aria-controls="find-list"
            aria-activedescendant={found.length > 0 ? `find-${at}` : undefined}
            aria-label="Find people, places and actions"
            placeholder="People, places, actions"
            value={query.value}
            onInput={(event) => {
              query.value = event.currentTarget.value;
              chosen.value = 0;
            }}
          />
          <kbd>Esc</kbd>
        </div>
        <ul id="find-list" class="find-list" role="listbox" aria-label="Found">
          {found.map((one, index) => (
            <li
              key={one.id}
              id={`find-${index}`}
              role="option"
              aria-selected={index === at}
              class="find-one"
              onPointerMove={() => (chosen.value = index)}
              onClick={() => take(one)}
            >
              {one.look ? <Face look={one.look} size={24} /> : <Icon name={one.icon} />}
              <span>{one.words}</span>
              <span class="quiet">{one.detail}</span>
            </li>
          ))}
        </ul>
        {found.length === 0 && <p class="find-none quiet">Nothing is called that. Try a name, a room, or “mute”.</p>}
      </div>
    </div>
  );
}

function everything(app: App): Found[] {
  const { store, actions } = app;
  const self = store.you.value?.slot;
  const people = [...store.participants.value]
    .filter(([slot]) => slot !== self)
    .map(([slot, person]): Found => ({
      id: `p${slot}`, words: person.name, detail: `Go to, ${store.zoneName(person.zone)}`, icon: "people", look: person.look,
      run: () => actions.goTo(slot),
    }));
  const zones = (store.plan.value?.zones ?? []).map((zone): Found => ({
    id: `z${zone.id}`, words: zone.name, detail: "Walk there", icon: "door", run: () => actions.goToZone(zone.id),
  }));
  const deeds = SHORTCUTS.map((one): Found => ({
    id: `s${one.key}`, words: one.words, detail: one.key, icon: "right", run: () => one.run(app),
  }));
  const pages: Found = { id: "meetings", words: "Meetings and minutes", detail: "New tab", icon: "calendar", run: () => void window.open("/meetings") };
  const runs: Found = { id: "runs", words: "Runs of workflows", detail: "New tab", icon: "list", run: () => void window.open("/runs") };
  return [...people, ...zones, ...deeds, pages, ...(actions.isAsked ? [runs] : [])];
}

/** Those whose words begin with what was typed come first, then those that contain it. */
function search(all: readonly Found[], query: string): Found[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return all.slice(0, 12);
  const rank = (one: Found): number => {
    const words = one.words.toLowerCase();
    if (words.startsWith(wanted)) return 0;
    if (words.split(/\s+/).some((word) => word.startsWith(wanted))) return 1;
    return words.includes(wanted) ? 2 : 3;
  };
  return all.filter((one) => rank(one) < 3).sort((a, b) => rank(a) - rank(b)).slice(0, 12);
}
