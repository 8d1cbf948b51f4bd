/** The words of a meeting on its page: corrected in place, and played where their sound is kept. */

import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { wordsOf } from "../../net/http";
import * as meetings from "../../net/meetings";
import type { MeetingDetail, MeetingUtterance } from "../../net/meetings";
import { readMe, type SessionInfo } from "../../net/session";
import { Button, IconButton, Trouble } from "../controls";
import { Editable } from "../editable";
import { Icon } from "../icons";
import { dayAndTime, elapsed } from "../words";

/** Which line of the transcript somebody asked to see. */
const shownLine = signal<string | null>(null);

export function showLine(id: string | null): void {
  shownLine.value = id;
  if (id !== null) document.getElementById(`line-${id}`)?.scrollIntoView({ block: "center", behavior: "auto" });
}

export function Transcript({ meeting, load }: { meeting: MeetingDetail; load: () => Promise<void> }): JSX.Element {
  const player = usePlayer(meeting.id);
  return (
    <section aria-labelledby="transcript-title">
      <h2 id="transcript-title">Transcript</h2>
      {meeting.utterances.length === 0 && <p class="empty">Nothing was said that could be transcribed.</p>}
      <ol class="transcript">
        {meeting.utterances.map((line, index) => (
          <li key={line.id} id={`line-${line.id}`} class={shownLine.value === line.id ? "is-shown" : undefined}>
            <div class="transcript-when">
              <time class="quiet figures">{elapsed(line.offset)}</time>
              {line.sound_until != null && <Play line={line} player={player} />}
            </div>
            <div>
              {meeting.utterances[index - 1]?.speaker_id !== line.speaker_id && <strong>{line.speaker_name}</strong>}
              <Editable
                text={line.text}
                label={`what ${line.speaker_name} said`}
                long
                save={(words) => meetings.correctUtterance(meeting.id, line.id, words).then(load)}
              />
              <Corrected line={line} />
              {player.failed === line.id && <Trouble>This sound cannot be played. Its time may be over: reload the page.</Trouble>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Corrected({ line }: { line: MeetingUtterance }): JSX.Element | null {
  const heard = line.original_text != null && line.original_text !== line.text ? `heard as “${line.original_text}”` : null;
  const by = line.edited_by_name != null ? `corrected by ${line.edited_by_name}` : null;
  const words = [by, heard].filter((part) => part !== null).join("; ");
  return words === "" ? null : <small class="quiet transcript-corrected">{words[0]!.toUpperCase() + words.slice(1)}</small>;
}

interface Player {
  /** The line that sounds now. */
  playing: string | null;
  /** The line whose sound could not be played. */
  failed: string | null;
  toggle: (line: string) => void;
}

/** One voice at a time: the next one stops the one before. */
function usePlayer(meeting: string): Player {
  const playing = useSignal<string | null>(null);
  const failed = useSignal<string | null>(null);
  const sound = useRef<HTMLAudioElement | null>(null);
  const stop = (): void => {
    sound.current?.pause();
    sound.current = null;
    playing.value = null;
  };
  useEffect(() => stop, [meeting]);
  const start = (line: string): void => {
    const audio = new Audio(meetings.soundUrl(meeting, line));
    sound.current = audio;
    playing.value = line;
    failed.value = null;
    const over = (why: "ended" | "failed"): void => {
      if (sound.current !== audio) return;
      stop();
      if (why === "failed") failed.value = line;
    };
    audio.addEventListener("ended", () => over("ended"));
    audio.play().catch(() => over("failed"));
  };
  return {
    playing: playing.value,
    failed: failed.value,
    toggle: (line) => {
      const again = playing.value === line;
      stop();
      if (!again) start(line);
    },
  };
}

function Play({ line, player }: { line: MeetingUtterance; player: Player }): JSX.Element {
  const on = player.playing === line.id;
  const what = `what ${line.speaker_name} said at ${elapsed(line.offset)}`;
  return <IconButton label={on ? `Stop ${what}` : `Play ${what}`} icon={on ? "stop" : "play"} onClick={() => player.toggle(line.id)} />;
}

/** That sound is kept, until when, and how to be rid of it. */
export function KeptSound({ meeting, load }: { meeting: MeetingDetail; load: () => Promise<void> }): JSX.Element | null {
  const me = useSignal<SessionInfo | null>(null);
  const sure = useSignal(false);
  const fault = useSignal<string | null>(null);
  useEffect(() => {
    // Without it the button is left out; the page itself says when one is not signed in.
    readMe().then((session) => (me.value = session), () => (me.value = null));
  }, []);
  if (meeting.sound_until == null) return null;
  const decides = me.value !== null && ((me.value.may?.includes("keep_sound") ?? false) || me.value.name === meeting.facilitator_name);
  const remove = async (): Promise<void> => {
    try {
      fault.value = null;
      await meetings.deleteSound(meeting.id);
      sure.value = false;
      await load();
    } catch (problem) {
      fault.value = wordsOf(problem);
    }
  };
  return (
    <section class="kept-sound" aria-labelledby="sound-title">
      <h2 id="sound-title">Sound</h2>
      <p class="kept-sound-until">
        <Icon name="record" size={16} />
        <span>
          The sound of this meeting is kept until <time>{dayAndTime(meeting.sound_until)}</time>. Who may read this page may play it.
        </span>
      </p>
      {decides && !sure.value && <Button label="Delete the sound" small icon="trash" onClick={() => (sure.value = true)} />}
      {decides && sure.value && (
        <div class="row row-wrap" role="group" aria-label="Delete the sound for good?">
          <Button label="Delete for good" kind="danger" small onClick={() => void remove()} />
          <Button label="Keep it" small onClick={() => (sure.value = false)} />
        </div>
      )}
      {fault.value !== null && <Trouble>{fault.value}</Trouble>}
    </section>
  );
}
