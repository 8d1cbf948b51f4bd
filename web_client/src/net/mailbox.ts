/** Where one hears by mail of what waits for one. */

import { type Checked, flag, shape, text } from "../protocol/check";
import { ask } from "./http";

const mailbox = shape({ address: text, wanted: flag, sends: flag });

export type Mailbox = Checked<typeof mailbox>;

export function readMailbox(): Promise<Mailbox> {
  return ask("GET", "/v1/me/mailbox", mailbox);
}

export function writeMailbox(address: string, wanted: boolean): Promise<Mailbox> {
  return ask("PUT", "/v1/me/mailbox", mailbox, { address, wanted });
}
