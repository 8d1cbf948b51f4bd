/** Invitation links: make one, copy it, take it back. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { createInvite, type Invite, readInvites, revokeInvite } from "../../net/meetings";
import { useApp } from "../app";
import { Button, IconButton, Select, Skeleton, Trouble } from "../controls";
import { dayAndTime } from "../words";

const ROLES = [
  ["guest", "Guest"],
  ["member", "Member"],
  ["facilitator", "Facilitator"],
  ["owner", "Owner"],
] as const;
const LASTING = [
  ["4", "4 hours"],
  ["24", "A day"],
  ["168", "A week"],
  ["720", "A month"],
] as const;

export function Invites(): JSX.Element {
  const { store } = useApp();
  const role = useSignal<string>("member");
  const hours = useSignal<string>("24");
  const known = useSignal<readonly Invite[] | null>(null);
  const fault = useSignal<string | null>(null);
  const fresh = useSignal<string | null>(null);
  const copied = useSignal(false);
  const mine = ROLES.findIndex(([name]) => name === store.you.value?.role);

  const attempt = async (deed: () => Promise<unknown>): Promise<void> => {
    try {
      fault.value = null;
      await deed();
      known.value = await readInvites();
    } catch (problem) {
      fault.value = wordsOf(problem);
    }
  };
  useEffect(() => void attempt(async () => undefined), []);

  const create = (): Promise<void> =>
    attempt(async () => {
      const invite = await createInvite(role.value, Number(hours.value));
      fresh.value = linkOf(invite);
      copied.value = false;
    });

  return (
    <div class="invites">
      <div class="owner-due">
        <Select label="Comes in as" value={role.value} options={ROLES.slice(0, mine + 1)} onChange={(value) => (role.value = value)} />
        <Select label="The link works for" value={hours.value} options={LASTING} onChange={(value) => (hours.value = value)} />
      </div>
      <Button label="Make a link" icon="plus" onClick={() => void create()} />
      {fresh.value !== null && (
        <div class="invite-fresh">
          <input readOnly aria-label="Invitation link" value={fresh.value} onFocus={(event) => event.currentTarget.select()} />
          <Button
            label={copied.value ? "Copied" : "Copy"}
            icon="copy"
            small
            onClick={() => void navigator.clipboard.writeText(fresh.value ?? "").then(() => (copied.value = true))}
          />
        </div>
      )}
      {fault.value !== null && <Trouble>{fault.value}</Trouble>}
      {known.value === null && fault.value === null && <Skeleton lines={2} label="Loading invitations" />}
      {known.value?.length === 0 && <p class="empty">No open invitations.</p>}
      <ul class="plain-list">
        {known.value?.map((invite) => (
          <li key={invite.id} class="invite">
            <span>
              <strong>{ROLES.find(([name]) => name === invite.role)?.[1] ?? invite.role}</strong>
              <span class="quiet">
                {" "}
                until {dayAndTime(invite.expires_at)}
                {invite.uses !== undefined && `, used ${invite.uses} ×`}
              </span>
            </span>
            <IconButton
              label={`Take back the invitation until ${dayAndTime(invite.expires_at)}`}
              icon="trash"
              onClick={() => void attempt(() => revokeInvite(invite.id))}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

function linkOf(invite: Invite): string {
  if (invite.url) return new URL(invite.url, window.location.origin).href;
  return `${window.location.origin}/?invite=${encodeURIComponent(invite.token ?? invite.id)}`;
}
