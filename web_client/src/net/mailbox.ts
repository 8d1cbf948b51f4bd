/** Where one hears by mail of what waits for one. */

import { type Checked, flag, nullable, real, shape, text } from "../protocol/check";
import { ask } from "./http";

const mailbox = shape({ address: text, wanted: flag, sends: flag, confirmed: flag, code_until: nullable(real) });

export type Mailbox = Checked<typeof mailbox>;

export function readMailbox(): Promise<Mailbox> {
  return ask("GET", "/v1/me/mailbox", mailbox);
}

/** A code goes to an address that is new. */
export function writeMailbox(address: string, wanted: boolean): Promise<Mailbox> {
  return ask("PUT", "/v1/me/mailbox", mailbox, { address, wanted });
}

export function sendCode(): Promise<Mailbox> {
  return ask("POST", "/v1/me/mailbox/code", mailbox);
}

export function confirmMailbox(code: string): Promise<Mailbox> {
  return ask("POST", "/v1/me/mailbox/confirm", mailbox, { code });
}
