/** Where one hears by mail of what waits for one, while one is not in the office. */

import { useSignal } from "@preact/signals";
import type { JSX, RefObject } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { confirmMailbox, type Mailbox, readMailbox, sendCode, writeMailbox } from "../../net/mailbox";
import { Button, Skeleton, Switch, Trouble } from "../controls";
import { Icon } from "../icons";
import { clockTime } from "../words";
import { mailboxState, switchDetail, whatToDo, whatWasKept } from "./mailboxWords";

const MOST_ADDRESS = 254;
const MOST_CODE = 12;

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
  if (known.value !== null) return <Known mailbox={known.value} onKept={(kept) => (known.value = kept)} />;
  if (trouble.value === null) return <Skeleton lines={2} label="Loading your address" />;
  return (
    <div class="mailbox">
      <Trouble>{trouble.value}</Trouble>
      <Button label="Try again" small onClick={() => void load()} />
    </div>
  );
}

interface KnownProps {
  mailbox: Mailbox;
  onKept: (kept: Mailbox) => void;
}

function Known({ mailbox, onKept }: KnownProps): JSX.Element {
  const said = useSignal("");
  const trouble = useSignal<string | null>(null);
  const saving = useSignal(false);
  /** A code was asked for in this moment: the next thing to do is to enter it. */
  const asked = useSignal(false);
  const address = useRef<HTMLInputElement>(null);

  const keep = async (given: string, wanted: boolean): Promise<void> => {
    if (saving.value) return;
    saving.value = true;
    trouble.value = null;
    said.value = "";
    try {
      const kept = await writeMailbox(given, wanted);
      asked.value = kept.address !== mailbox.address;
      onKept(kept);
      said.value = whatWasKept(kept);
    } catch (fault) {
      trouble.value = wordsOf(fault);
      address.current?.focus();
    }
    saving.value = false;
  };
  const confirmed = (kept: Mailbox): void => {
    onKept(kept);
    said.value = whatWasKept(kept);
    address.current?.focus(); // what had the focus is gone
  };
  return (
    <div class="mailbox">
      {!mailbox.sends && <p class="quiet">This office sends no mail yet. Its owner can set a mail server.</p>}
      <Address key={`at ${mailbox.address}`} mailbox={mailbox} input={address} saving={saving.value} trouble={trouble.value} onSave={(given) => void keep(given, mailbox.wanted)} />
      <p class="mailbox-said" role="status">
        {said.value}
      </p>
      <Proof key={`of ${mailbox.address}`} mailbox={mailbox} asked={asked.value} onKept={onKept} onConfirmed={confirmed} />
      <Switch
        label="Mail me what waits for me"
        detail={switchDetail(mailbox)}
        on={mailbox.wanted && mailbox.address !== ""}
        disabled={mailbox.address === "" || saving.value}
        onChange={(wanted) => void keep(mailbox.address, wanted)}
      />
    </div>
  );
}

interface AddressProps {
  mailbox: Mailbox;
  input: RefObject<HTMLInputElement | null>;
  saving: boolean;
  trouble: string | null;
  onSave: (address: string) => void;
}

function Address({ mailbox, input, saving, trouble, onSave }: AddressProps): JSX.Element {
  const id = useId();
  const address = useSignal(mailbox.address);
  const given = address.value.trim();
  return (
    <form
      class="mailbox"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSave(given);
      }}
    >
      <div class="field">
        <label for={id}>Your mail address</label>
        <input
          ref={input}
          id={id}
          type="email"
          autocomplete="email"
          maxLength={MOST_ADDRESS}
          placeholder="ana@example.org"
          aria-invalid={trouble !== null}
          aria-describedby={`${id}-state ${id}-hint`}
          value={address.value}
          onInput={(event) => (address.value = event.currentTarget.value)}
        />
        <span id={`${id}-state`}>{given === mailbox.address && <Standing mailbox={mailbox} />}</span>
        <small id={`${id}-hint`} class="quiet">
          Nobody else is shown it. Empty it to take it back.
        </small>
      </div>
      {trouble !== null && <Trouble>{trouble}</Trouble>}
      {given !== mailbox.address && (
        <Button label={saving ? "Saving" : given === "" ? "Take it back" : "Save address"} kind="main" small submit disabled={saving} onClick={() => undefined} />
      )}
    </form>
  );
}

/** Whether the address counts: a sign and a word. */
function Standing({ mailbox }: { mailbox: Mailbox }): JSX.Element | null {
  const state = mailboxState(mailbox);
  if (state === "none") return null;
  return state === "confirmed" ? (
    <span class="mailbox-standing mailbox-confirmed">
      <Icon name="check" size={16} />
      Confirmed
    </span>
  ) : (
    <span class="mailbox-standing mailbox-waits">
      <Icon name="alert" size={16} />
      Not confirmed yet
    </span>
  );
}

/** What shows that letters arrive: a code from one of them. */
function Proof({ mailbox, asked, onKept, onConfirmed }: KnownProps & { asked: boolean; onConfirmed: (kept: Mailbox) => void }): JSX.Element | null {
  const id = useId();
  const code = useSignal("");
  const trouble = useSignal<string | null>(null);
  const said = useSignal("");
  const busy = useSignal<"" | "checking" | "sending">("");
  const input = useRef<HTMLInputElement>(null);
  const state = mailboxState(mailbox);
  const until = mailbox.code_until === null ? "" : clockTime(mailbox.code_until);
  useEffect(() => {
    if (asked) input.current?.focus();
  }, [asked]);
  if (state === "none" || state === "confirmed") return null;

  const attempt = async (what: "checking" | "sending", deed: () => Promise<void>): Promise<void> => {
    if (busy.value !== "") return;
    busy.value = what;
    trouble.value = null;
    said.value = "";
    try {
      await deed();
    } catch (fault) {
      trouble.value = wordsOf(fault);
      input.current?.select();
      await readMailbox().then(onKept, () => undefined); // a code may be over by now; what is wrong is said already
    }
    busy.value = "";
  };
  const confirm = (): Promise<void> =>
    attempt("checking", async () => {
      if (code.value.trim() === "") throw new Error("Enter the six digits from the letter.");
      onConfirmed(await confirmMailbox(code.value));
    });
  const send = (): Promise<void> =>
    attempt("sending", async () => {
      const kept = await sendCode();
      code.value = "";
      onKept(kept);
      input.current?.focus();
      said.value = `A letter is on its way to ${kept.address}. Codes of before no longer count.`;
    });
  return (
    <form
      class="mailbox mailbox-proof"
      noValidate
      aria-label="Confirm your address"
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      <p>{whatToDo(mailbox, until)}</p>
      {state === "waits" && (
        <div class="field">
          <label for={id}>Code</label>
          <input
            ref={input}
            id={id}
            class="figures"
            inputMode="numeric"
            autocomplete="one-time-code"
            maxLength={MOST_CODE}
            placeholder="123 456"
            aria-invalid={trouble.value !== null}
            value={code.value}
            onInput={(event) => (code.value = event.currentTarget.value)}
          />
        </div>
      )}
      {trouble.value !== null && <Trouble>{trouble.value}</Trouble>}
      <p class="mailbox-said" role="status">
        {said.value}
      </p>
      {state !== "mute" && (
        <div class="row row-wrap">
          {state === "waits" && (
            <Button label={busy.value === "checking" ? "Checking" : "Confirm"} kind="main" small submit disabled={busy.value !== ""} onClick={() => undefined} />
          )}
          <Button
            label={busy.value === "sending" ? "Sending" : state === "waits" ? "Send another code" : "Send a code"}
            kind={state === "waits" ? "quiet" : "main"}
            small
            disabled={busy.value !== ""}
            onClick={() => void send()}
          />
        </div>
      )}
    </form>
  );
}
