/** The title of a meeting, and one that is suggested where nobody gave it any. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { wordsOf } from "../../net/http";
import { type MeetingDetail, renameMeeting } from "../../net/meetings";
import { Button, Trouble } from "../controls";
import { Editable, EditForm } from "../editable";

export function MeetingTitle({ meeting, suggested, load }: {
  meeting: MeetingDetail;
  /** Empty: none. */
  suggested: string;
  load: () => Promise<void>;
}): JSX.Element {
  const changing = useSignal(false);
  const fault = useSignal<string | null>(null);
  const save = (title: string): Promise<void> => renameMeeting(meeting.id, title).then(load);
  const use = async (): Promise<void> => {
    try {
      fault.value = null;
      await save(suggested);
    } catch (problem) {
      fault.value = wordsOf(problem);
    }
  };
  return (
    <section aria-labelledby="name-title">
      <h2 id="name-title">Title</h2>
      {changing.value ? (
        <EditForm text={meeting.title} start={suggested} label="the title" save={save} close={() => (changing.value = false)} />
      ) : (
        <Editable text={meeting.title} label="the title" save={save} />
      )}
      {suggested !== "" && !changing.value && (
        <div class="suggested" role="group" aria-label="Suggested title">
          <p class="quiet">Nobody named this meeting. It spoke of:</p>
          <p class="suggested-title">{suggested}</p>
          <div class="row row-wrap">
            <Button label="Use as title" kind="main" small onClick={() => void use()} />
            <Button label="Change" small name="Change the suggested title" onClick={() => (changing.value = true)} />
          </div>
          {fault.value !== null && <Trouble>{fault.value}</Trouble>}
        </div>
      )}
    </section>
  );
}
