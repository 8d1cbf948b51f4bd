/** The one panel on the right. */

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { useSignal } from "@preact/signals";
import { useApp } from "../app";
import { IconButton } from "../controls";
import { Board } from "../panels/board";
import { CaptionsPanel } from "../panels/captions";
import { Chat } from "../panels/chat";
import { InboxPanel } from "../panels/inbox";
import { MeetingPanel } from "../panels/meeting";
import { People } from "../panels/people";
import { SettingsPanel } from "../panels/settings";
import { SoundPanel } from "../panels/sound";

const TITLES = { people: "People", board: "Task board", inbox: "Inbox", chat: "Chat", captions: "Captions", meeting: "Meeting", settings: "Settings", sound: "Sound problems?" } as const;
const BODIES = { people: People, board: Board, inbox: InboxPanel, chat: Chat, captions: CaptionsPanel, meeting: MeetingPanel, settings: SettingsPanel, sound: SoundPanel } as const;

export function SidePanel(): JSX.Element | null {
  const { store } = useApp();
  const panel = store.panel.value;
  const wide = useSignal(false);
  const box = useRef<HTMLElement>(null);
  // Before the next key: what is typed right after the shortcut belongs into the panel.
  useLayoutEffect(() => {
    const first = box.current?.querySelector<HTMLElement>("[data-first]") ?? box.current?.querySelector<HTMLElement>("h2");
    first?.focus({ preventScroll: true });
  }, [panel]);
  if (panel === null) return null;
  const Body = BODIES[panel];
  return (
    <aside ref={box} class={`panel panel-${panel}${wide.value && panel === "board" ? " panel-broad" : ""}`} aria-labelledby="panel-title">
      <header class="panel-head">
        <h2 id="panel-title" tabIndex={-1}>
          {TITLES[panel]}
        </h2>
        {panel === "board" && (
          <IconButton label={wide.value ? "Narrow board" : "Broad board"} icon="expand" pressed={wide.value} onClick={() => (wide.value = !wide.value)} />
        )}
        <IconButton label="Close" icon="close" keys="Esc" onClick={() => (store.panel.value = null)} />
      </header>
      <div class="panel-body">
        <Body />
      </div>
    </aside>
  );
}
