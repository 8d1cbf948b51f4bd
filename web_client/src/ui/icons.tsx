/** Icons, drawn on a 24 grid with a stroke of 1.75; decoration beside words, so hidden from screen readers. */

import type { JSX } from "preact";

const PATHS = {
  mic: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3ZM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6",
  micOff: "M15 9.5V6a3 3 0 0 0-5.8-1.1M9 9v2a3 3 0 0 0 4.8 2.4M6 11a6 6 0 0 0 9.6 4.8M18 11a6 6 0 0 1-.5 2.4M12 17v4M9 21h6M4 4l16 16",
  listen: "M5 13v-1a7 7 0 0 1 14 0v1M5 13h2.5v6H6a1.5 1.5 0 0 1-1.5-1.5V14A1 1 0 0 1 5 13ZM19 13h-2.5v6H18a1.5 1.5 0 0 0 1.5-1.5V14a1 1 0 0 0-.5-1Z",
  deaf: "M5 13v-1a7 7 0 0 1 11.5-5.4M18.9 11a7 7 0 0 1 .1 1v1M5 13h2.5v6H6a1.5 1.5 0 0 1-1.5-1.5V14A1 1 0 0 1 5 13ZM19 13h-2.5v6H18a1.5 1.5 0 0 0 1.5-1.5V14a1 1 0 0 0-.5-1ZM4 4l16 16",
  sound: "M3 10v4M7 7v10M11 4v16M15 8v8M19 10.5v3",
  hand: "M8 12V6.5a1.5 1.5 0 0 1 3 0V11M11 10.5V4.5a1.5 1.5 0 0 1 3 0v6M14 10.5V6a1.5 1.5 0 0 1 3 0v8.5A6.5 6.5 0 0 1 10.5 21c-2.6 0-4-1.2-5.2-3.2L3.4 14.4a1.4 1.4 0 0 1 2.4-1.5L8 15.5V12",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5a4.2 4.2 0 0 0 7 0M9 9.5v.6M15 9.5v.6",
  wave: "M7.5 12.5 5.6 9.2a1.4 1.4 0 0 1 2.4-1.4l2.2 3.7-3.4-5.8a1.4 1.4 0 0 1 2.4-1.4l3.5 6-2.7-4.6a1.4 1.4 0 0 1 2.4-1.4l3.9 6.7c1.8 3.1 1 6.9-2 8.6-2.4 1.4-5.4 1-7.6-1M17 3.5a5 5 0 0 1 3.5 3.5M3.5 17A5 5 0 0 0 7 20.5",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20a6.5 6.5 0 0 1 13 0M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.8",
  board: "M4 4.5h16v15H4ZM9.3 4.5v15M14.7 4.5v15M6 8h1.5M11.3 8h1.5M16.5 8H18M6 11h1.5M11.3 11h1.5",
  inbox: "M4 13 6.5 5h11L20 13v6H4ZM4 13h4.5a3.5 3.5 0 0 0 7 0H20",
  chat: "M4 5.5h16v11h-8.5L7 20v-3.5H4ZM8 9.5h8M8 12.5h5",
  captions: "M3.5 5.5h17v13h-17ZM7 11h5M14.5 11H17M7 14.5h2.5M12 14.5h5",
  offRecord: "M3 12s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6ZM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM4 4l16 16",
  record: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z",
  play: "M8 5.5v13L18.5 12Z",
  stop: "M6.5 6.5h11v11h-11Z",
  up: "M5.5 14.5 12 8l6.5 6.5",
  down: "M5.5 9.5 12 16l6.5-6.5",
  history: "M4.5 12a7.5 7.5 0 1 1 2.3 5.4M4.5 12 2.5 9.5M4.5 12l2.8-1.6M12 8v4.5l3 2",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.5M4.5 12h.5M4.5 18h.5",
  map: "M9 4 3.5 6.5v13L9 17l6 3 5.5-2.5v-13L15 7ZM9 4v13M15 7v13",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l4.5 4.5",
  leave: "M14 4.5H6v15h8M10.5 12H21M17.5 8.5 21 12l-3.5 3.5",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5 10 17.5 19.5 7",
  edit: "M4.5 19.5 5.5 15 16 4.5l3.5 3.5L9 18.5ZM13.5 7l3.5 3.5",
  left: "M14.5 5.5 8 12l6.5 6.5",
  right: "M9.5 5.5 16 12l-6.5 6.5",
  shuffle: "M4 7h3.5l9 10H20M4 17h3.5l2.5-2.8M13.5 9.8 16.5 7H20M17.5 4.5 20 7l-2.5 2.5M17.5 14.5 20 17l-2.5 2.5",
  speaker: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  walk: "M12 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM7.5 11.5l2.5-3 2.5-.5 1.5 3 3 1.5M11.5 8.5 10.5 14l3.5 2.5.8 5M10.3 14.5 8 21.5",
  follow: "M12 13.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM12 21s7-6 7-11.2A7 7 0 0 0 5 9.8C5 15 12 21 12 21Z",
  seat: "M7 4v8h9a1 1 0 0 1 1 1v2H7M7 12v9M17 15v6M7 18h10",
  meeting: "M4 10.5h16M6 10.5V20M18 10.5V20M8 6.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM16 6.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z",
  plus: "M12 5v14M5 12h14",
  quote: "M9.5 7C7 8 5.5 10 5.5 13v4h5v-5H8M18.5 7c-2.5 1-4 3-4 6v4h5v-5H17",
  download: "M12 4v11M7.5 11 12 15.5 16.5 11M4.5 19.5h15",
  copy: "M8.5 8.5h11v11h-11ZM15.5 8.5v-4h-11v11h4",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.5M12 7.5v.3",
  alert: "M12 4 21 19.5H3ZM12 10v4.5M12 17v.3",
  calendar: "M4.5 6h15v14h-15ZM4.5 10h15M8.5 3.5V7M15.5 3.5V7",
  expand: "M14 4.5h5.5V10M10 19.5H4.5V14M19 5l-6 6M5 19l6-6",
  door: "M6 21V4l9-1v18M6 21H3.5M15 5.5h3V21h2.5M12 12v1",
  camera: "M4 7.5h4l1.5-2.5h5L16 7.5h4v11H4ZM12 16a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Z",
  video: "M3.5 6.5h11v11h-11ZM14.5 10.5 20.5 7v10l-6-3.5",
  videoOff: "M8 6.5h6.5v6M14.5 10.5 20.5 7v10l-3-1.8M14.5 15.5v2h-11v-11M4 4l16 16",
  share: "M3.5 5h17v11.5h-17ZM8 20h8M12 16.5V20M12 13.5v-6M9.3 10 12 7.3l2.7 2.7",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark: a roof over a round table. */
export function Mark({ size = 28 }: { size?: number }): JSX.Element {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="mark-ground" width="32" height="32" rx="9" />
      <path class="mark-line" d="M7 15 16 7.5 25 15M10 14v9.5h12V14" />
      <circle class="mark-dot" cx="16" cy="18" r="2.6" />
    </svg>
  );
}
