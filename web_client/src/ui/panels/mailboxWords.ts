/** How far an address is on its way to be written to, and what the screen says of it. Pure. */

import type { Mailbox } from "../../net/mailbox";

/** `waits`: a code was sent; `unsent`: none would be taken; `mute`: the office sends no mail. */
export type MailboxState = "none" | "mute" | "unsent" | "waits" | "confirmed";

export function mailboxState(mailbox: Mailbox): MailboxState {
  if (mailbox.address === "") return "none";
  if (mailbox.confirmed) return "confirmed";
  if (!mailbox.sends) return "mute";
  return mailbox.code_until === null ? "unsent" : "waits";
}

/** What to do about an address that is not confirmed; empty where there is nothing to do. */
export function whatToDo(mailbox: Mailbox, until: string): string {
  const { address } = mailbox;
  switch (mailboxState(mailbox)) {
    case "mute":
      return `${address} is kept. You can confirm it once this office sends mail.`;
    case "unsent":
      return `Nothing is sent to ${address} before you confirm it. Have a code sent there, and enter it here.`;
    case "waits":
      return `Enter the code from the letter to ${address}, until ${until}. No letter? Look among unwanted mail, or have another one sent.`;
    default:
      return "";
  }
}

/** What became of saving. */
export function whatWasKept(kept: Mailbox): string {
  switch (mailboxState(kept)) {
    case "none":
      return "No address is kept.";
    case "confirmed":
      return kept.wanted ? `What waits for you goes to ${kept.address}.` : "You get no mail.";
    default:
      return kept.wanted ? "" : "You get no mail.";
  }
}

export function switchDetail(mailbox: Mailbox): string {
  const what = "When a decision is yours and you are not in the office. Nothing is decided by mail.";
  return mailbox.address === "" || mailbox.confirmed ? what : `As soon as your address is confirmed. ${what}`;
}
