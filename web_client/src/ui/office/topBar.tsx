/** Where one is and with whom, whether it is being written down, and how to find anything. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { useApp } from "../app";
import { Icon } from "../icons";
import { elapsed, recognizerState } from "../words";
import { RoomInfo } from "./roomInfo";

export function TopBar(): JSX.Element {
  const { store, actions } = useApp();
  return (
    <header class="top">
      <RoomInfo />
      <div class="top-middle">
        <MeetingIndicator />
        <Recognizer />
      </div>
      <button type="button" class="top-find pill" aria-label="Find" aria-keyshortcuts="Control+K Meta+K" onClick={() => (store.finding.value = true)}>
        <Icon name="search" size={16} />
        <span>Find</span>
        <kbd>{onMac() ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <button type="button" class="top-leave pill" title="Leave the office" aria-label="Leave the office" onClick={() => actions.leave()}>
        <Icon name="leave" size={16} />
      </button>
    </header>
  );
}

const onMac = (): boolean => navigator.platform.startsWith("Mac");

function MeetingIndicator(): JSX.Element {
  const { store, actions, office } = useApp();
  const meeting = store.meetingHere.value;
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => (now.value = Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, [now]);
  const refused = store.self.value?.transcribed === false;
  const off = store.offRecord.value;
  const open = (): void => actions.open("meeting");
  if (meeting === null) {
    if (off) return <OffRecord open={open} />;
    return (
      <span class="pill top-storing" title="Captions are shown and then forgotten. Only a meeting keeps words.">
        {refused ? "You are not captioned" : "Captions on, nothing is stored"}
      </span>
    );
  }
  // Local time is corrected by the offset that pings measured, so that everybody reads the same minute.
  const seconds = performance.now() / 1000 + office.clock.offset - meeting.started_at;
  if (off) return <OffRecord open={open} title={meeting.title} seconds={seconds} tick={now.value} />;
  const recorded = store.recording.value;
  const words = recorded ? (refused ? "Recorded, you are left out" : "Transcribed and recorded") : refused ? "Transcribed without you" : "Transcribed";
  return (
    <button type="button" class={`pill top-meeting${recorded ? " top-recorded" : ""}`} title="Open the meeting" onClick={open} data-now={now.value}>
      {recorded ? <Icon name="record" size={16} /> : <span class="dot dot-amber" aria-hidden="true" />}
      <span>
        {words}: <strong>{meeting.title}</strong>
      </span>
      <time class="figures">{elapsed(seconds)}</time>
    </button>
  );
}

/** Stands there for as long as it is so, for everybody who is here. */
function OffRecord({ open, title, seconds, tick }: { open: () => void; title?: string; seconds?: number; tick?: number }): JSX.Element {
  return (
    <button type="button" class="pill top-meeting top-off" title="Nobody here is recognised. Open the meeting panel to change it." onClick={open} data-now={tick}>
      <Icon name="offRecord" size={16} />
      <span>
        Off the record{title !== undefined && <>: <strong>{title}</strong></>}
      </span>
      {seconds !== undefined && <time class="figures">{elapsed(seconds)}</time>}
    </button>
  );
}

const BETTER =
  "This is the small recogniser that comes with the office. Captions get better with a Whisper model: run atrium models list, or ask whoever runs the office";

function Recognizer(): JSX.Element | null {
  const recognizer = useApp().store.engine.value?.recognizer;
  const state = recognizerState(recognizer);
  if (state === "unknown") return null;
  if (state === "loading") {
    return (
      <span class="pill top-recognizer" tabIndex={0} title="Captions begin when it is there.">
        Recogniser is being loaded
      </span>
    );
  }
  if (recognizer == null || state === "failed") {
    const why = ["No recogniser works at the moment. Captions come back by themselves", recognizer?.fault].filter(Boolean).join(". ");
    return (
      <span class="pill top-recognizer top-standing-in" tabIndex={0} title={why}>
        <Icon name="alert" size={16} /> No captions now
      </span>
    );
  }
  const standingIn = state === "standing in";
  const why = standingIn ? [recognizer.reason, "No words are lost, and the better one takes over again by itself"].filter(Boolean).join(". ") : recognizer.embedded ? BETTER : "";
  return (
    <span class={`pill top-recognizer${standingIn ? " top-standing-in" : ""}`} tabIndex={0} title={[recognizer.detail, why].filter(Boolean).join(". ")}>
      {recognizer.name}
      {standingIn ? <span class="badge">standing in for {recognizer.stands_in_for}</span> : recognizer.embedded && <span class="badge">embedded</span>}
      <span class="unseen">{why}</span>
    </span>
  );
}
