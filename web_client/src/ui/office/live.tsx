/** A moving picture of somebody, and what stands there until it has come. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { type Moving, play } from "../../net/playing";

export function Live({ moving, label, mirrored, children }: {
  /** Null while nothing comes. */
  moving: Moving | null;
  label: string;
  /** As in a mirror: people know themselves so. */
  mirrored?: boolean;
  /** Shown while the picture has not come yet. */
  children: ComponentChildren;
}): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    setReady(false);
    return moving === null ? undefined : play(video.current!, moving, () => setReady(true));
  }, [moving]);
  return (
    <>
      <video ref={video} class={`live${mirrored ? " live-mirrored" : ""}`} aria-label={label} hidden={!ready} muted playsInline />
      {!ready && children}
    </>
  );
}
