/** "Sound problems?": every part of the way that sound takes, what is wrong with it, and what to do. */

import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useCallback, useEffect, useMemo } from "preact/hooks";

import { type Check, diagnose, summary, type Verdict } from "../../audio/diagnosis";
import { useApp } from "../app";
import { Button, Meter, Skeleton } from "../controls";
import { Icon, type IconName } from "../icons";
import { detailsOf, SoundFacts } from "../soundFacts";
import { Devices } from "./soundDevices";

const MARKS: Readonly<Record<Verdict, { icon: IconName; words: string }>> = {
  ok: { icon: "check", words: "Works" },
  problem: { icon: "alert", words: "Problem" },
  note: { icon: "info", words: "Note" },
  checking: { icon: "search", words: "Looking" },
};

export function SoundPanel(): JSX.Element {
  const app = useApp();
  const { output, sound } = app;
  const watch = useMemo(() => new SoundFacts(app), [app]);
  useEffect(() => watch.start(), [watch]);
  const checks = useComputed(() => (watch.facts.value === null ? null : diagnose(watch.facts.value)));
  const words = useComputed(() => (checks.value === null ? "Looking." : summary(checks.value)));
  const broken = checks.value?.some(({ verdict }) => verdict === "problem") ?? false;
  return (
    <div class="sound-panel">
      <p class={`sound-summary${broken ? " sound-summary-problem" : ""}`} role="status">
        {words.value}
      </p>
      {checks.value === null ? (
        <Skeleton lines={6} label="Looking at the sound" />
      ) : (
        <ol class="checks" aria-label="Checks">
          {checks.value.map((check) => (
            <CheckRow key={check.id} check={check} />
          ))}
        </ol>
      )}
      <div class="row row-wrap">
        <Button label="Test sound" icon="speaker" small disabled={output.testing.value} onClick={() => void output.test()} />
        <Button label="Reconnect sound" icon="sound" small onClick={() => void sound.callAgain()} />
      </div>
      <Devices />
      {watch.facts.value !== null && <Details text={detailsOf(watch.facts.value)} />}
    </div>
  );
}

function CheckRow({ check }: { check: Check }): JSX.Element {
  const { mic } = useApp();
  const read = useCallback(() => mic.level, [mic]);
  const mark = MARKS[check.verdict];
  return (
    <li class={`check check-${check.verdict}`}>
      <span class="check-mark">
        <Icon name={mark.icon} size={16} />
        <span class="unseen">{mark.words}:</span>
      </span>
      <div class="check-words">
        <h3>{check.title}</h3>
        <p>{check.text}</p>
        {check.remedy !== undefined && <p class="check-remedy">{check.remedy}</p>}
        {check.id === "signal" && mic.track.value !== null && <Meter read={read} label="Your microphone's level" />}
        {check.act !== undefined && <Act act={check.act} />}
      </div>
    </li>
  );
}

function Act({ act }: { act: NonNullable<Check["act"]> }): JSX.Element | null {
  const { store, sound, output, actions } = useApp();
  switch (act) {
    case "microphone":
      return <Button label="Turn on the microphone" small icon="mic" onClick={() => void sound.speakUp()} />;
    case "unmute":
      return sound.held ? null : <Button label="Unmute" small icon="mic" onClick={() => void actions.toggleMute()} />;
    case "unlock":
      return <Button label="Hear the room" small icon="speaker" onClick={() => output.unlock()} />;
    case "undeafen":
      return <Button label="Hear again" small icon="listen" onClick={() => actions.toggleDeaf()} />;
    case "volume":
      return <Button label="Full volume" small icon="speaker" onClick={() => store.set("roomVolume", 1)} />;
  }
}

function Details({ text }: { text: string }): JSX.Element {
  const copied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    copied.value = true;
    window.setTimeout(() => (copied.value = false), 2_000);
  };
  return (
    <details class="sound-details">
      <summary>Details for whoever helps you</summary>
      <pre tabIndex={0} aria-label="Details">
        {text}
      </pre>
      {navigator.clipboard !== undefined && <Button label={copied.value ? "Copied" : "Copy"} small icon="copy" onClick={() => void copy()} />}
    </details>
  );
}
