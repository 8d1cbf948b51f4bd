/** Where one is; opened, what the office says of the room and of its sound. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { ServerMessageOf } from "../../protocol/messages";
import { useApp } from "../app";
import { Button } from "../controls";
import { Icon, Mark } from "../icons";
import { count } from "../words";

const LOADS: Readonly<Record<string, string>> = {
  normal: "Every voice at its best.",
  saving: "Saving effort: voices far away have less direction.",
  strained: "The machine is busy: the quietest voices are left out.",
};

const PATHS: Readonly<Record<string, string>> = { direct: "direct", stock: "stock (aiortc)" };

export function RoomInfo(): JSX.Element {
  const { store, actions } = useApp();
  const open = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const self = store.self.value;
  const zone = store.plan.value?.zones.find(({ id }) => id === self?.zone);
  const name = store.zoneName(self?.zone);
  const here = [...store.participants.value.values()].filter((person) => person.zone === self?.zone).length;

  useEffect(() => {
    if (!open.value) return;
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent) {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        box.current?.querySelector("button")?.focus();
      } else if (box.current?.contains(event.target as Node)) return;
      open.value = false;
    };
    window.addEventListener("pointerdown", close, true);
    window.addEventListener("keydown", close, true);
    return () => {
      window.removeEventListener("pointerdown", close, true);
      window.removeEventListener("keydown", close, true);
    };
  }, [open.value]);

  return (
    <div ref={box} class="top-info">
      <button
        type="button"
        class="top-place pill"
        title={`You are in ${name}`}
        aria-expanded={open.value}
        aria-controls="room-info"
        onClick={() => (open.value = !open.value)}
      >
        <Mark size={22} />
        <strong>{name}</strong>
        <span class="top-count">
          <span aria-hidden="true">·</span> {here} here
        </span>
      </button>
      {open.value && (
        <section id="room-info" class="room-info" aria-label={`About ${name}`}>
          <h2>{name}</h2>
          <p class="quiet">
            {here} {zone === undefined ? "here" : `of ${zone.capacity} here`}
            {zone?.enclosed === true && ". What is said here stays here while the door is closed"}
          </p>
          <h3>Sound of the office</h3>
          <OfficeSound state={store.officeSound.value} />
          <Button
            label="Sound problems?"
            small
            icon="sound"
            onClick={() => {
              open.value = false;
              actions.open("sound");
            }}
          />
        </section>
      )}
    </div>
  );
}

function OfficeSound({ state }: { state: ServerMessageOf<"sound_state"> | null }): JSX.Element {
  const { store } = useApp();
  if (store.link.value.kind !== "open") return <p class="quiet">Not known while the office is out of reach.</p>;
  if (state === null) return <p class="quiet">The office has not said yet.</p>;
  const rows = Object.entries(state.detail).filter(([, value]) => typeof value === "number" || typeof value === "string");
  return (
    <>
      <p class="room-info-load">
        <Icon name={state.up ? "sound" : "alert"} size={16} />
        <span>{state.up ? (LOADS[state.load] ?? state.load) : "Restarting. The call comes back by itself."}</span>
      </p>
      <dl class="room-info-numbers figures">
        <Row name="Connected" value={count(state.people, "person", "people")} />
        <Row name="Path" value={PATHS[state.path] ?? state.path} />
        {rows.map(([name, value]) => (
          <Detail key={name} name={name} value={value} />
        ))}
      </dl>
    </>
  );
}

function Row({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** What the numbers of the sound are called, and how they are said. */
const NUMBERS: Readonly<Record<string, { name: string; words?: (value: number) => string }>> = {
  busy: { name: "Time used", words: (share) => `${Math.round(share * 100)} %` },
  binaural_sources: { name: "Voices with full direction", words: (n) => (n === 0 ? "none" : `nearest ${n}`) },
  loudest: { name: "Voices heard at once", words: (n) => `loudest ${n}` },
  complexity: { name: "Care in encoding", words: (n) => `${n} of 10` },
};

function Detail({ name, value }: { name: string; value: unknown }): JSX.Element {
  const known = NUMBERS[name];
  const words = typeof value === "number" ? (known?.words?.(value) ?? value.toLocaleString("en", { maximumFractionDigits: 2 })) : String(value);
  return <Row name={known?.name ?? name.replaceAll("_", " ")} value={words} />;
}
