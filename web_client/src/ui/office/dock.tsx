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
      <DeafButton />
      <CameraButton />
      <ShareButton />
      <DockButton label={hand ? "Lower hand" : "Raise hand"} icon="hand" keys="H" pressed={hand} onClick={() => actions.toggleHand()} />
      <React />
      <DockButton label="Wave" icon="wave" keys="V" wide onClick={() => actions.wave()} />
      <span class="dock-gap" aria-hidden="true" />
      {!list && (
        <>
          <DockButton label="People" icon="people" keys="P" pressed={panel === "people"} onClick={() => actions.open("people")} />
          <DockButton label="Board" icon="board" keys="B" pressed={panel === "board"} onClick={() => actions.open("board")} />
          <InboxButton />
          <DockButton label="Chat" icon="chat" keys="C" pressed={panel === "chat"} onClick={() => actions.open("chat")}>
            {unread > 0 && <span class="dock-count">{unread > 9 ? "9+" : unread}<span class="unseen"> unread</span></span>}
          </DockButton>
          <DockButton label="Captions" icon="captions" keys="F" pressed={panel === "captions"} onClick={() => actions.open("captions")} />
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

/** Whom nobody asks has none; on a phone it comes when something waits. */
function InboxButton(): JSX.Element | null {
  const { store, actions } = useApp();
  const waiting = store.waiting.value;
  if (!actions.isAsked) return null;
  return (
    <DockButton
      label="Inbox"
      icon="inbox"
      keys="J"
      wide={waiting === 0 ? "phone" : false}
      pressed={store.panel.value === "inbox"}
      onClick={() => actions.open("inbox")}
    >
      {waiting > 0 && <span class="dock-count dock-count-waits">{waiting > 9 ? "9+" : waiting}<span class="unseen"> waiting for you</span></span>}
    </DockButton>
  );
}

function DockButton({ label, icon, keys, pressed, onClick, wide, children }: {
  label: string;
  icon: IconName;
  keys: string;
  pressed?: boolean;
  onClick: () => void;
  /** Left out on narrow screens, or only on those of phones. */
  wide?: boolean | "phone";
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`dock-button${wide === "phone" ? " dock-not-phone" : wide ? " dock-wide" : ""}`}
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
  const { store, mic, actions, sound } = app;
  const ring = useRef<HTMLButtonElement>(null);
  const silent = store.listenOnly.value || mic.track.value === null;
  const muted = store.muted.value || silent;
  const hold = store.settings.value.talk === "hold" && !silent;
  const unheard = mic.unheard.value && !silent;
  const draw = useCallback(() => ring.current?.style.setProperty("--level", (muted ? 0 : mic.level).toFixed(3)), [mic, muted]);
  useEffect(() => {
    let frame = requestAnimationFrame(function again() {
      draw();
      frame = requestAnimationFrame(again);
    });
    return () => cancelAnimationFrame(frame);
  }, [draw]);
  const release = (): void => sound.keys.release("pointer");
  const held = hold
    ? { "data-talk": true, onPointerDown: () => sound.keys.press("pointer"), onPointerUp: release, onPointerLeave: release, onPointerCancel: release }
    : {};
  const name = silent
    ? "Listening only. Turn on the microphone"
    : hold
      ? "Talk while held. Space or M; Enter keeps the microphone open"
      : muted
        ? "Unmute microphone"
        : "Mute microphone";
  return (
    <span class="dock-mic">
      <button
        ref={ring}
        type="button"
        class={`dock-button dock-button-mic${hold ? " dock-button-hold" : ""}${muted ? " is-muted" : ""}${unheard ? " is-unheard" : ""}`}
        aria-pressed={!muted}
        aria-label={name}
        aria-keyshortcuts={hold ? "Space M" : "M"}
        title={silent ? "Turn on the microphone (M)" : hold ? "Hold Space or M to talk" : muted ? "Unmute (M)" : "Mute (M)"}
        onClick={(event) => {
          // While holding is how one talks, only a key or an assistive device clicks; it keeps the microphone open.
          if (!hold || event.detail === 0) void actions.toggleMute();
        }}
        {...held}
      >
        <Icon name={silent ? "listen" : muted ? "micOff" : "mic"} size={22} />
        {hold ? (
          <span class="dock-hold">{muted ? "Hold Space" : "You are heard"}</span>
        ) : (
          <span class="dock-label">{silent ? "Listening" : muted ? "Muted" : "Mic on"}</span>
        )}
      </button>
    </span>
  );
}

function DeafButton(): JSX.Element {
  const { store, actions } = useApp();
  const deaf = store.deaf.value;
  return (
    <button
      type="button"
      class={`dock-button${deaf ? " is-deaf" : ""}`}
      aria-pressed={deaf}
      aria-label="Deafen"
      aria-keyshortcuts="U"
      title={deaf ? "Hear and be heard again (U)" : "Deafen: hear nobody and be heard by nobody (U)"}
      onClick={() => actions.toggleDeaf()}
    >
      <Icon name={deaf ? "deaf" : "listen"} size={22} />
      <span class="dock-label">{deaf ? "Hear again" : "Deafen"}</span>
    </button>
  );
}

function CameraButton(): JSX.Element {
  const { video } = useApp();
  const on = video.state.camera.value === "on";
  return (
    <DockButton
      label={on ? "Turn the camera off" : video.state.camera.value === "asking" ? "Allow the camera in the browser" : "Turn the camera on"}
      icon={on ? "video" : "videoOff"}
      keys="K"
      pressed={on}
      onClick={() => void video.toggle("camera")}
    />
  );
}

/** Left out where the browser cannot share a screen, as on phones. */
function ShareButton(): JSX.Element | null {
  const { video } = useApp();
  const on = video.state.screen.value === "on";
  if (!video.canShare) return null;
  return <DockButton label={on ? "Stop sharing" : "Share your screen"} icon="share" keys="I" wide="phone" pressed={on} onClick={() => void video.toggle("screen")} />;
}

/** Am I heard, do I hear: says something only when the answer is no. */
export function SoundHint(): JSX.Element | null {
  const { store, output, mic, actions } = useApp();
  const sound = store.sound.value;
  const hold = store.settings.value.talk === "hold";
  const listening = store.listenOnly.value;
  const asks = store.panel.value !== "sound";
  const why = <DockAct label="Sound problems?" onClick={() => actions.open("sound")} />;
  if (mic.unheard.value && !listening) {
    const words = store.deaf.value ? "You are deafened. Press U to hear and speak." : `You are muted. ${hold ? "Hold Space" : "Press M"} to speak.`;
    return <Hint>{words}</Hint>;
  }
  if (output.blocked.value) return <DockAct label="Click to hear the room" onClick={() => output.unlock()} />;
  if (sound.kind === "restarting") return <Hint>Sound is restarting…</Hint>;
  if (sound.kind === "failed") return <Hint>{sound.text} {asks && why}</Hint>;
  if (mic.systemMuted.value && !store.muted.value && !listening) {
    return <Hint>Your microphone is muted by the system. {asks && why}</Hint>;
  }
  return null;
}

function Hint({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <span class="dock-hint" role="status">
      {children}
    </span>
  );
}

function DockAct({ label, onClick }: { label: string; onClick: () => void }): JSX.Element {
  return (
    <button type="button" class="dock-hint dock-hint-act" onClick={onClick}>
      {label}
    </button>
  );
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
