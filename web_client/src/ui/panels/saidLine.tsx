/** One line of what was said: when, who, the words with what was searched for marked, and its correction. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";

import type { SpokenLine } from "../../state/captions";
import { type Match, pieces } from "../../state/search";
import { useApp } from "../app";
import { IconButton } from "../controls";
import { EditForm } from "../editable";
import { clockTime } from "../words";

const NO_MATCHES: readonly Match[] = [];

export function SaidLine({ line, matches = NO_MATCHES, current, editing, edit }: {
  line: SpokenLine;
  matches?: readonly Match[];
  /** The match that one has come to, when it is in this line. */
  current: Match | null;
  editing: boolean;
  /** Opens or closes the field for its correction. */
  edit: (open: boolean) => void;
}): JSX.Element {
  const { actions } = useApp();
  const may = actions.mayCorrect(line);
  const box = useRef<HTMLDivElement>(null);
  const saved = useSignal(false);
  const { id, name, kind, text, settled, final, at, correctedBy, heard } = line;
  const close = (): void => {
    edit(false);
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(".said-edit button")?.focus());
  };
  // A meeting has many lines and one of them changes: the others are not made again.
  const words = useMemo(
    () =>
      pieces(text, settled, matches).map((piece, index) => {
        const look = piece.settled ? undefined : "caption-unsettled";
        if (piece.match === null) return <span key={index} class={look}>{piece.text}</span>;
        return <mark key={index} class={look} data-current={matches[piece.match] === current}>{piece.text}</mark>;
      }),
    [text, settled, matches, current],
  );
  return (
    <div ref={box} id={`said-${id}`} class="said">
      <time class="quiet figures">{clockTime(at)}</time>
      <div class="said-words">
        {editing ? (
          <>
            <p class="caption">
              <strong>{name}</strong>
            </p>
            <EditForm
              text={text}
              label={`What ${name} said`}
              long
              save={async (changed) => {
                await actions.correct(line, changed);
                saved.value = true;
              }}
              close={close}
            />
          </>
        ) : (
          <p class="caption" data-final={final}>
            <strong>{name}</strong>
            {kind === "avatar" && <span class="badge badge-ai">AI</span>}{" "}
            <span
              class={may ? "said-text said-mine" : "said-text"}
              title={may ? "Click to correct" : undefined}
              onClick={() => {
                // Whoever marks words to copy them does not mean to write.
                if (may && (window.getSelection()?.isCollapsed ?? true)) edit(true);
              }}
            >
              {words}
            </span>
          </p>
        )}
        {correctedBy !== null && (
          <small class="quiet said-corrected">
            Corrected by {correctedBy}
            {heard !== null && <>; heard as “{heard}”</>}
          </small>
        )}
        {saved.value && <span class="unseen" role="status">The correction is kept.</span>}
      </div>
      {may && !editing && (
        <span class="said-edit">
          <IconButton label={`Correct what ${name} said at ${clockTime(at)}`} icon="edit" onClick={() => edit(true)} />
        </span>
      )}
    </div>
  );
}
