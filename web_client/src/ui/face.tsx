/** A small face from a look, as it stands in lists. */

import type { JSX } from "preact";

import type { Look } from "../protocol/records";
import { ACCENT, HAIR, OUTFIT, pick, SKIN } from "../scene/palette";

/** Hair by shape, as in the room: crop, sweep, bob, bun, curls, long; behind the head, and over it. */
const HAIR_SHAPES: readonly { back?: string; front: string }[] = [
  { front: "M8.8 14C8.6 8.5 11.5 5.5 16 5.5s7.4 3 7.2 8.5c-.8-1.8-1.6-2.8-2.6-3.4-2.8.6-6.4.6-9.2 0-1 .6-1.8 1.6-2.6 3.4Z" },
  { front: "M8.8 14.5C8 8 11 4.8 16.5 4.8c5 0 7.5 3.4 6.7 9.7-.6-2-1.4-3.3-2.4-4-3.3.9-7.4.5-10-1.3-.9 1.3-1.6 3-2 5.3Z" },
  { back: "M7.5 20.5C6 11 9.5 5 16 5s10 6 8.5 15.5c-1 .9-2.5.9-3.5 0h-10c-1 .9-2.5.9-3.5 0Z", front: "M9 14c0-5.5 3-8.5 7-8.5s7 3 7 8.5c-.8-1.8-1.5-2.9-2.5-3.5h-9c-1 .6-1.7 1.7-2.5 3.5Z" },
  { back: "M16 1.3a3.7 3.7 0 1 1 0 7.4 3.7 3.7 0 0 1 0-7.4Z", front: "M9 14c0-5.5 3-8.5 7-8.5s7 3 7 8.5c-2-3-4.5-4-7-4s-5 1-7 4Z" },
  { back: "M6.5 15a3.8 3.8 0 0 1 2.7-6.5 7.5 7.5 0 0 1 13.6 0A3.8 3.8 0 0 1 25.5 15c0 2-1.5 3.8-3.5 3.8H10c-2 0-3.5-1.8-3.5-3.8Z", front: "M9.3 12.5c.4-4.5 3-7 6.7-7s6.3 2.5 6.7 7c-1.2-1.2-2.2-1-3-2-1 .9-2.3.8-3.2 0-1 .9-2.2.9-3.2 0-1 1-2.4.8-4 2Z" },
  { back: "M6.8 25.5c-.6-13 2.7-20.5 9.2-20.5s9.8 7.5 9.2 20.5Z", front: "M9 14.5c0-5.5 3-9 7-9s7 3.5 7 9c-3-.8-5.5-2.6-7-5-1.5 2.4-4 4.2-7 5Z" },
];

export function Face({ look, size = 32, name }: { look: Look; size?: number; name?: string }): JSX.Element {
  const [skin, hair, shape, outfit, accent] = look;
  const { back, front } = pick(HAIR_SHAPES, shape);
  const hairColour = pick(HAIR, hair);
  return (
    <svg
      class="face"
      width={size}
      height={size}
      viewBox="0 0 32 32"
      role={name === undefined ? undefined : "img"}
      aria-label={name}
      aria-hidden={name === undefined ? "true" : undefined}
      focusable="false"
    >
      <circle class="face-ground" cx="16" cy="16" r="16" />
      {back && <path d={back} fill={hairColour} />}
      <path d="M4.5 32c.5-6.5 4.5-9.5 11.5-9.5S27 25.5 27.5 32Z" fill={pick(OUTFIT, outfit)} />
      <path d="M12.5 23c1 1.8 6 1.8 7 0l1.5.6c-1.5 3.4-8.5 3.4-10 0Z" fill={pick(ACCENT, accent)} />
      <rect x="13.5" y="19" width="5" height="5" rx="2.5" fill={pick(SKIN, skin)} />
      <rect x="9" y="7" width="14" height="15" rx="7" fill={pick(SKIN, skin)} />
      <path d={front} fill={hairColour} />
      <circle cx="13.2" cy="15" r="1" class="face-eye" />
      <circle cx="18.8" cy="15" r="1" class="face-eye" />
      <path d="M13.5 18.3c1.3 1.3 3.7 1.3 5 0" class="face-mouth" />
    </svg>
  );
}
