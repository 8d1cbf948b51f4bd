/** Shared screens: that one shares, that somebody else does, and a screen opened large. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { useApp } from "../app";
import { Button, IconButton } from "../controls";
import { Icon } from "../icons";
import type { Picture } from "../ownVideo";
import { Live } from "./live";

/** Above the dock: what is being shared here, by oneself and by others. */
export function ScreenPills(): JSX.Element | null {
  const { video, store } = useApp();
  const own = video.state.screen.value;
  const others = store.listView.value ? [] : video.screens.value.filter(({ slot }) => slot !== video.large.value);
  if (own === "off" && others.length === 0) return null;
  return (
    <section class="screen-pills" aria-label="Sharing">
      {own === "asking" && (
        <span class="pill" role="status">
          <Icon name="share" size={16} />
          Choose in the browser’s window what to share
        </span>
      )}
      {own === "on" && (
        <span class="pill screen-own" role="status">
          <Icon name="share" size={16} />
          <span>
            You are sharing your screen<span class="quiet">, {seen(video.seenBy.value.screen)}</span>
          </span>
          <Button label="Stop" kind="danger" small onClick={() => void video.toggle("screen")} />
        </span>
      )}
      {others.map((picture) => (
        <OpenScreen key={picture.slot} picture={picture} />
      ))}
    </section>
  );
}

function seen(by: number): string {
  return by === 0 ? "nobody sees it yet" : by === 1 ? "1 person sees it" : `${by} people see it`;
}

function OpenScreen({ picture }: { picture: Picture }): JSX.Element {
  const { video, store } = useApp();
  const name = store.participants.value.get(picture.slot)?.name ?? "Somebody";
  return (
    <span class="pill">
      <Icon name="share" size={16} />
      <span>{name} shares a screen</span>
      <Button label="Open" name={`Open ${name}’s screen`} small keys="O" onClick={() => (video.large.value = picture.slot)} />
    </span>
  );
}

/** The same in the list view, where it is the only way to see them. */
export function ScreenSection(): JSX.Element | null {
  const { video } = useApp();
  if (video.screens.value.length === 0) return null;
  return (
    <section id="screens-section" class="list-pictures" aria-labelledby="screens-title">
      <h2 id="screens-title">Shared screens</h2>
      <div class="screen-pills">
        {video.screens.value.map((picture) => (
          <OpenScreen key={picture.slot} picture={picture} />
        ))}
      </div>
    </section>
  );
}

/** One screen over the room; everything at the edges can still be used. */
export function LargeScreen(): JSX.Element | null {
  const { video } = useApp();
  const open = video.screens.value.find(({ slot }) => slot === video.large.value);
  return open === undefined ? null : <Large key={open.slot} picture={open} />;
}

function Large({ picture }: { picture: Picture }): JSX.Element {
  const { video, store } = useApp();
  const name = store.participants.value.get(picture.slot)?.name ?? "Somebody";
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.querySelector<HTMLElement>("[aria-label='Close']")?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <section ref={box} class="large" role="dialog" aria-label={`${name}’s screen`} data-keys="own">
      <div class="large-head">
        <h2>{name}’s screen</h2>
        {document.fullscreenEnabled && (
          <IconButton label="Fill the whole display" icon="expand" onClick={() => void box.current?.requestFullscreen()} />
        )}
        <IconButton label="Close" icon="close" keys="Esc" onClick={() => (video.large.value = null)} />
      </div>
      <div class="large-picture">
        <Live moving={picture.moving} label={`What ${name} shows`}>
          <p class="large-wait" role="status">
            The picture is on its way…
          </p>
        </Live>
      </div>
    </section>
  );
}
