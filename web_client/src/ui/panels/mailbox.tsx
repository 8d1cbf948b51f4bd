/** Where one hears by mail of what waits for one, while one is not in the office. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { type Mailbox, readMailbox, writeMailbox } from "../../net/mailbox";
import { Button, Skeleton, Switch, Trouble } from "../controls";

const MOST_ADDRESS = 254;

export function MailboxSettings(): JSX.Element {
  const known = useSignal<Mailbox | null>(null);
  const trouble = useSignal<string | null>(null);
  const load = async (): Promise<void> => {
    trouble.value = null;
    try {
      known.value = await readMailbox();
    } catch (fault) {
      trouble.value = wordsOf(fault);
    }
  };
  useEffect(() => void load(), []);
  if (known.value !== null) return <Form mailbox={known.value} onKept={(kept) => (known.value = kept)} />;
  if (trouble.value === null) return <Skeleton lines={2} label="Loading your address" />;
  return (
    <div class="mailbox">
      <Trouble>{trouble.value}</Trouble>
      <Button label="Try again" small onClick={() => void load()} />
    </div>
  );
}

function Form({ mailbox, onKept }: { mailbox: Mailbox; onKept: (kept: Mailbox) => void }): JSX.Element {
  const id = useId();
  const address = useSignal(mailbox.address);
  const said = useSignal("");
  const trouble = useSignal<string | null>(null);
  const saving = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const changed = address.value.trim() !== mailbox.address;

  const keep = async (wanted: boolean): Promise<void> => {
    if (saving.value) return;
    saving.value = true;
    trouble.value = null;
    said.value = "";
    try {
      const kept = await writeMailbox(address.value.trim(), wanted);
      onKept(kept);
      address.value = kept.address;
      said.value = kept.address === "" ? "No address is kept." : kept.wanted ? `What waits for you goes to ${kept.address}.` : "You get no mail.";
    } catch (fault) {
      trouble.value = wordsOf(fault);
      input.current?.focus();
    }
    saving.value = false;
  };
  return (
    <form
      class="mailbox"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void keep(mailbox.wanted);
      }}
    >
      {!mailbox.sends && <p class="quiet">This office sends no mail yet. Its owner can set a mail server.</p>}
      <div class="field">
        <label for={id}>Your mail address</label>
        <input
          ref={input}
          id={id}
          type="email"
          autocomplete="email"
          maxLength={MOST_ADDRESS}
          placeholder="ana@example.org"
          aria-invalid={trouble.value !== null}
          aria-describedby={`${id}-hint`}
          value={address.value}
          onInput={(event) => (address.value = event.currentTarget.value)}
        />
        <small id={`${id}-hint`} class="quiet">
          Nobody else is shown it. Empty it to take it back.
        </small>
      </div>
      {trouble.value !== null && <Trouble>{trouble.value}</Trouble>}
      <p class="mailbox-said" role="status">
        {said.value}
      </p>
      {changed && <Button label={saving.value ? "Saving" : address.value.trim() === "" ? "Take it back" : "Save address"} kind="main" small submit disabled={saving.value} onClick={() => undefined} />}
      <Switch
        label="Mail me what waits for me"
        detail="When a decision is yours and you are not in the office. Nothing is decided by mail."
        on={mailbox.wanted && mailbox.address !== ""}
        disabled={mailbox.address === "" || saving.value}
        onChange={(wanted) => void keep(wanted)}
      />
    </form>
  );
}
