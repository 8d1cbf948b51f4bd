/** The dock: the few things one does all day, each with its name and key. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useCallback, useEffect, useRef } from "preact/hooks";

import { EMOJIS } from "../actions";
import { useApp } from "../app";
import { Icon, type IconName } from "../icons";

export function Dock(): JSX.Element {
  const { store, actions } = useApp();
  const hand = store.self.value?.hand ?? false;
  const panel = store.panel.value;
  const unread = store.unread.value;
  const list = store.listView.value;
  return (
    <nav class="dock" aria-label="Dock">
      <MicButton />
      <DockButton label={hand ? "Lower hand" : "Raise hand"} icon="hand" keys="H" pressed={hand} onClick={() => actions.toggleHand()} />
      <React />
      <DockButton label="Wave" icon="wave" keys="V" onClick={() => actions.wave()} />
      <span class="dock-gap" aria-hidden="true" />
      {!list && (
        <>
          <DockButton label="People" icon="people" keys="P" pressed={panel === "people"} onClick={() => actions.open("people")} />
          <DockButton label="Board" icon="board" keys="B" pressed={panel === "board"} onClick={() => actions.open("board")} />
          <DockButton label="Chat" icon="chat" keys="C" pressed={panel === "chat"} onClick={() => actions.open("chat")}>
            {unread > 0 && <span class="dock-count">{unread > 9 ? "9+" : unread}<span class="unseen"> unread</span></span>}
          </DockButton>
          <DockButton label="Meeting" icon="meeting" keys="T" pressed={panel === "meeting"} onClick={() => actions.open("meeting")} />
          <span class="dock-gap" aria-hidden="true" />
        </>
      )}
      <DockButton label={list ? "3D view" : "List view"} icon="list" keys="L" pressed={list} onClick={() => actions.toggleListView()} />
      {!list && (
        <DockButton
          label="Map"
          icon="map"
          keys="G"
          wide
          pressed={store.settings.value.minimap}
          onClick={() => store.set("minimap", !store.settings.value.minimap)}
        />
      )}
      <DockButton label="Settings" icon="settings" keys="," pressed={panel === "settings"} onClick={() => actions.open("settings")} />
    </nav>
  );
}

function DockButton({ label, icon, keys, pressed, onClick, wide, children }: {
  label: string;
  icon: IconName;
  keys: string;
  pressed?: boolean;
  onClick: () => void;
  /** Left out on narrow screens. */
  wide?: boolean;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`dock-button${wide ? " dock-wide" : ""}`}
      aria-pressed={pressed}
      aria-keyshortcuts={keys}
      title={`${label} (${keys})`}
      onClick={onClick}
    >
      <Icon name={icon} size={22} />
      <span class="dock-label">{label}</span>
      {children}
    </button>
  );
}

function MicButton(): JSX.Element {
  const app = useApp();
  const { store, mic, actions } = app;
  const ring = useRef<HTMLButtonElement>(null);
  const silent = store.listenOnly.value || mic.track.value === null;
  const muted = store.muted.value || silent;
  const unheard = mic.unheard.value && !silent;
  const label = silent ? "Listening only" : muted ? "Unmute" : "Mute";
  const draw = useCallback(() => ring.current?.style.setProperty("--level", (muted ? 0 : mic.level).toFixed(3)), [mic, muted]);
  useEffect(() => {
    let frame = requestAnimationFrame(function again() {
      draw();
      frame = requestAnimationFrame(again);
    });
    return () => cancelAnimationFrame(frame);
  }, [draw]);
  return (
    <span class="dock-mic">
      <button
        ref={ring}
        type="button"
        class={`dock-button dock-button-mic${muted ? " is-muted" : ""}${unheard ? " is-unheard" : ""}`}
        aria-pressed={!muted}
        aria-label={silent ? "Listening only. Turn on the microphone" : muted ? "Unmute microphone" : "Mute microphone"}
        aria-keyshortcuts="M"
        title={silent ? "Turn on the microphone (M)" : `${label} (M)`}
        onClick={() => void actions.toggleMute()}
      >
        <Icon name={silent ? "listen" : muted ? "micOff" : "mic"} size={22} />
        <span class="dock-label">{silent ? "Listening" : muted ? "Muted" : "Mic on"}</span>
      </button>
    </span>
  );
}

/** Am I heard, do I hear: says something only when the answer is no. */
export function SoundHint(): JSX.Element | null {
  const { store, output, mic } = useApp();
  const sound = store.sound.value;
  if (mic.unheard.value && !store.listenOnly.value) {
    return (
      <span class="dock-hint" role="status">
        You are muted. Press M to speak.
      </span>
    );
  }
  if (output.blocked.value) {
    return (
      <button type="button" class="dock-hint dock-hint-act" onClick={() => output.unlock()}>
        Click to hear the room
      </button>
    );
  }
  if (sound.kind === "failed") return <span class="dock-hint" role="status">{sound.text}</span>;
  return null;
}

function React(): JSX.Element {
  const { actions } = useApp();
  const open = useSignal(false);
  const box = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!open.value) return;
    box.current?.querySelector<HTMLElement>(".reactions button")?.focus();
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !box.current?.contains(event.target as Node)) open.value = false;
    };
    window.addEventListener("pointerdown", close);
    window.addEventListener("keydown", close);
    return () => {
      window.removeEventListener("pointerdown", close);
      window.removeEventListener("keydown", close);
    };
  }, [open.value]);
  const move = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = [...(box.current?.querySelectorAll<HTMLElement>(".reactions button") ?? [])];
    buttons[(buttons.indexOf(document.activeElement as HTMLElement) + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <span class="dock-react" ref={box}>
      <button
        type="button"
        data-react
        class="dock-button"
        aria-expanded={open.value}
        aria-haspopup="true"
        aria-keyshortcuts="R"
        title="React (R)"
        onClick={() => (open.value = !open.value)}
      >
        <Icon name="smile" size={22} />
        <span class="dock-label">React</span>
      </button>
      {open.value && (
        <div class="reactions" role="toolbar" aria-label="Reactions" data-keys="own" onKeyDown={move}>
          {EMOJIS.map((emoji) => (
            <button
              key={emoji}
              type="button"
              onClick={() => {
                actions.react(emoji);
                open.value = false;
              }}
            >
              {emoji}
            </button>
          ))}
        </div>
      )}
    </span>
  );
}
