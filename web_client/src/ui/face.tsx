/** A small face from a look, as it stands in lists. */

import type { JSX } from "preact";

import type { Look } from "../protocol/records";
import { ACCENT, HAIR, OUTFIT, pick, SKIN } from "../scene/palette";

/** Hair by shape: behind the head, and over it. */
const HAIR_SHAPES: readonly { back?: string; front?: string }[] = [
  { front: "M9 15c0-6 3-9.5 7-9.5s7 3.5 7 9.5c-1.5-3-3-4.5-4-5-2.5 2-7 2-10 5Z" },
  { back: "M7.5 24c-1-12 2-18.5 8.5-18.5S25.5 12 24.5 24Z", front: "M9 14.5c0-5.5 3-9 7-9s7 3.5 7 9c-3-1-5-3-6-5-1.5 2.5-4 4.5-8 5Z" },
  { back: "M16 1.5a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2Z", front: "M9 14c0-5.5 3-8.5 7-8.5s7 3 7 8.5c-2-3-4.5-4-7-4s-5 1-7 4Z" },
  { back: "M6 15a4 4 0 0 1 3-7 7.5 7.5 0 0 1 14 0 4 4 0 0 1 3 7c0 2-1.5 4-3.5 4h-13C7.5 19 6 17 6 15Z", front: "M9.5 12c2-2.5 4-3 6.5-3s4.5.5 6.5 3c0-4-3-6.5-6.5-6.5s-6.5 2.5-6.5 6.5Z" },
  { front: "M9.2 12.5C9.5 8.5 12 6.2 16 6.2s6.5 2.3 6.8 6.3c-1-2-2-2.8-3-3-2.5-.5-5-.5-7.6 0-1 .2-2 1-3 3Z" },
  {},
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
      {front && <path d={front} fill={hairColour} />}
      <circle cx="13.2" cy="15" r="1" class="face-eye" />
      <circle cx="18.8" cy="15" r="1" class="face-eye" />
      <path d="M13.5 18.3c1.3 1.3 3.7 1.3 5 0" class="face-mouth" />
    </svg>
  );
}
