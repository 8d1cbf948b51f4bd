/** Where one is and with whom, whether it is being written down, and how to find anything. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { useApp } from "../app";
import { Icon } from "../icons";
import { elapsed } from "../words";
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
  if (meeting === null) {
    return (
      <span class="pill top-storing" title="Captions are shown and then forgotten. Only a meeting keeps words.">
        {refused ? "You are not captioned" : "Captions on, nothing is stored"}
      </span>
    );
  }
  // Local time is corrected by the offset that pings measured, so that everybody reads the same minute.
  const seconds = performance.now() / 1000 + office.clock.offset - meeting.started_at;
  return (
    <button type="button" class="pill top-meeting" title="Open the meeting" onClick={() => actions.open("meeting")} data-now={now.value}>
      <span class="dot dot-amber" aria-hidden="true" />
      <span>
        {refused ? "Transcribed without you" : "Transcribed"}: <strong>{meeting.title}</strong>
      </span>
      <time class="figures">{elapsed(seconds)}</time>
    </button>
  );
}

function Recognizer(): JSX.Element | null {
  const recognizer = useApp().store.engine.value?.recognizer;
  if (recognizer == null) return null;
  const better = recognizer.embedded
    ? "This is the small recogniser that comes with the office. Captions get better with a Whisper model: set models.whisper in atrium.toml, or ask whoever runs the office."
    : "";
  return (
    <span class="pill top-recognizer" tabIndex={0} title={[recognizer.detail, better].filter(Boolean).join(". ")}>
      {recognizer.name}
      {recognizer.embedded && <span class="badge">embedded</span>}
      <span class="unseen">{better}</span>
    </span>
  );
}
