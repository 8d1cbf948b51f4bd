/** The way in: who you are, whether you are heard, who is inside, and one button. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { useApp } from "../app";
import { Button, Skeleton, Switch, Trouble } from "../controls";
import { Face } from "../face";
import { Mark } from "../icons";
import { count } from "../words";
import { LookPicker } from "./lookPicker";
import { SoundCheck } from "./soundCheck";

export function Entry(): JSX.Element {
  const { store } = useApp();
  switch (store.phase.value) {
    case "uninvited":
      return <Uninvited />;
    case "unreachable":
      return <Unreachable />;
    case "ended":
      return <Ended />;
    case "loading":
      return (
        <EntryFrame title="Atrium">
          <Skeleton lines={5} label="Looking for the office" />
        </EntryFrame>
      );
    default:
      return <Door />;
  }
}

function EntryFrame({ title, children }: { title: string; children: preact.ComponentChildren }): JSX.Element {
  return (
    <main class="entry" aria-labelledby="entry-title">
      <header class="entry-head">
        <Mark size={32} />
        <h1 id="entry-title">{title}</h1>
      </header>
      {children}
    </main>
  );
}

function Door(): JSX.Element {
  const app = useApp();
  const { store, mic } = app;
  const settings = store.settings.value;
  const nameFault = useSignal<string | null>(null);
  const wayFault = useSignal<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const joining = store.phase.value === "joining";
  const link = store.link.value;

  useEffect(() => field.current?.focus(), []);

  const walkIn = async (event: Event): Promise<void> => {
    event.preventDefault();
    const name = settings.name.trim();
    nameFault.value = wayFault.value = null;
    if (name === "") {
      nameFault.value = "Write the name that others will see.";
      field.current?.focus();
      return;
    }
    store.set("name", name);
    app.output.unlock();
    if (!settings.listenOnly && mic.track.value === null && !(await mic.open(settings.microphone))) {
      document.querySelector(".sound-check")?.scrollIntoView({ block: "nearest" });
      return;
    }
    store.muted.value = settings.joinMuted;
    try {
      await app.walkIn();
    } catch (fault) {
      wayFault.value = wordsOf(fault);
    }
  };

  return (
    <EntryFrame title={store.lobby.value?.office ?? "Atrium"}>
      <form class="entry-form" onSubmit={(event) => void walkIn(event)} noValidate>
        <div class="field">
          <label for="entry-name">Your name</label>
          <input
            ref={field}
            id="entry-name"
            name="name"
            autocomplete="name"
            maxLength={60}
            value={settings.name}
            aria-invalid={nameFault.value !== null}
            aria-describedby={nameFault.value === null ? undefined : "entry-name-fault"}
            onInput={(event) => {
              store.set("name", event.currentTarget.value);
              nameFault.value = null;
            }}
          />
          {nameFault.value !== null && <Trouble id="entry-name-fault">{nameFault.value}</Trouble>}
        </div>
        <LookPicker look={settings.look} onChange={(look) => store.set("look", look)} />
        <SoundCheck />
        <section class="consent" aria-label="Captions">
          <p>
            What is said near you appears as captions. Words are stored only during a meeting, and everyone there sees it.
          </p>
          <Switch
            label="Caption and transcribe what I say"
            on={settings.transcribed}
            onChange={(on) => store.set("transcribed", on)}
          />
        </section>
        <Inside />
        <div class="entry-go">
          {wayFault.value !== null && <Trouble>{wayFault.value}</Trouble>}
          <Button
            label={!joining ? "Walk in" : link.kind === "waiting" ? "Trying again" : "Opening the door"}
            kind="main"
            disabled={joining}
            submit
            onClick={() => undefined}
          />
        </div>
      </form>
    </EntryFrame>
  );
}

function Inside(): JSX.Element {
  const { store } = useApp();
  const people = store.lobby.value?.people ?? [];
  const humans = people.filter((person) => person.kind !== "avatar").length;
  return (
    <section class="inside" aria-labelledby="inside-title">
      <h2 id="inside-title">Inside now</h2>
      {people.length === 0 ? (
        <p class="quiet">Nobody yet. You are the first.</p>
      ) : (
        <>
          <p class="quiet">{humans === 0 ? "No people yet, only the AI colleagues." : count(humans, "person", "people") + "."}</p>
          <ul class="inside-list">
            {people.slice(0, 8).map((person, index) => (
              <li key={index}>
                <Face look={person.look} size={28} />
                <span class="inside-name">
                  {person.name} {person.kind === "avatar" && <span class="badge badge-ai">AI</span>}
                </span>
                <span class="quiet">{store.zoneName(person.zone)}</span>
              </li>
            ))}
          </ul>
          {people.length > 8 && <p class="quiet">and {people.length - 8} more</p>}
        </>
      )}
    </section>
  );
}

function Uninvited(): JSX.Element {
  const { store } = useApp();
  return (
    <EntryFrame title="You need an invitation">
      <p>{store.phaseText.value || "Open the invitation link that you were sent. It looks like this page's address with “invite” in it."}</p>
      <p class="quiet">
        You run this office? Its first start printed a link with your key; the command <code>atrium owner-link</code> prints a new one.
      </p>
      <Button label="Look again" onClick={() => window.location.reload()} />
    </EntryFrame>
  );
}

function Unreachable(): JSX.Element {
  const app = useApp();
  return (
    <EntryFrame title="The office does not answer">
      <p>{app.store.phaseText.value}</p>
      <p class="quiet">This page keeps trying.</p>
      <Button label="Try now" kind="main" onClick={() => void app.look()} />
    </EntryFrame>
  );
}

function Ended(): JSX.Element {
  const app = useApp();
  return (
    <EntryFrame title="You are outside">
      <p>{app.store.phaseText.value}</p>
      <div class="row">
        <Button label="Come back" kind="main" onClick={() => void app.comeBack()} />
        <a class="button button-plain" href="/meetings">
          Meetings and minutes
        </a>
      </div>
    </EntryFrame>
  );
}
