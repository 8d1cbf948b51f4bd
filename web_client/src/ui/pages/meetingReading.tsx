/** Whether a meeting that is over was read as a whole, where there is something to be said of that. */

import type { JSX } from "preact";

import type { MeetingDetail } from "../../net/meetings";
import { Trouble } from "../controls";

export function MeetingReading({ meeting }: { meeting: MeetingDetail }): JSX.Element | null {
  const words = readingWords(meeting);
  if (words === null) return null;
  if (meeting.reading === "failed" && meeting.utterances.length === 0) return null;
  return meeting.reading === "failed" ? <Trouble>{words}</Trouble> : <p class="quiet">{words}</p>;
}

/** What is said of it; null where there is nothing to say. */
export function readingWords({ reading, reading_note: note }: Pick<MeetingDetail, "reading" | "reading_note">): string | null {
  switch (reading) {
    case "waiting":
      return "This meeting is being read for what was agreed and nobody noted. Open the page again in a moment.";
    case "failed":
      return `This meeting was not read for what nobody noted${note ? `: ${note}` : ""}. Look for more does it.`;
    case "done":
      return note ? `${note} Look for more reads all of it.` : null;
    default:
      return null;
  }
}
