/** Who is at this browser: the credential of the link, the session, and who is in the office. */

import { type Checked, list, nullable, optional, shape, text } from "../protocol/check";
import { engine } from "../protocol/messages";
import { look, type Look } from "../protocol/records";
import { ask } from "./http";

/** What a link carries to let somebody in. */
export type Credential = { kind: "key"; value: string } | { kind: "invite"; value: string };

const session = shape({ id: text, name: text, role: text, look, may: optional(list(text)) });
const answer = shape({ session });
const lobby = shape({
  office: text,
  people: list(shape({ name: text, zone: nullable(text), look, kind: text })),
  engine: optional(engine),
  version: optional(text),
});

export type SessionInfo = Checked<typeof session>;
export type Lobby = Checked<typeof lobby>;

const KEPT = "atrium.credential";

/** Reads `?key=` or `?invite=`, takes it out of the address bar, and keeps it until a session exists. */
export function takeCredential(): Credential | null {
  const url = new URL(window.location.href);
  const key = url.searchParams.get("key");
  const invite = url.searchParams.get("invite");
  const found: Credential | null =
    key !== null ? { kind: "key", value: key } : invite !== null ? { kind: "invite", value: invite } : null;
  if (found === null) return keptCredential();
  url.searchParams.delete("key");
  url.searchParams.delete("invite");
  window.history.replaceState(window.history.state, "", url.pathname + url.search + url.hash);
  sessionStorage.setItem(KEPT, JSON.stringify(found));
  return found;
}

function keptCredential(): Credential | null {
  const kept = sessionStorage.getItem(KEPT);
  if (kept === null) return null;
  const parsed = JSON.parse(kept) as Partial<Credential>;
  return (parsed.kind === "key" || parsed.kind === "invite") && typeof parsed.value === "string"
    ? { kind: parsed.kind, value: parsed.value }
    : null;
}

export function forgetCredential(): void {
  sessionStorage.removeItem(KEPT);
}

/** The session of the cookie; throws HttpProblem 401 without one. */
export function readMe(): Promise<SessionInfo> {
  return ask("GET", "/v1/me", readSession);
}

/** Some answers hold the session itself, some wrap it. */
function readSession(value: unknown, at: string): SessionInfo {
  const wrapped = typeof value === "object" && value !== null && "session" in value;
  return wrapped ? answer(value, at).session : session(value, at);
}

export function startSession(credential: Credential | null, name: string, chosen: Look): Promise<SessionInfo> {
  const proof = credential === null ? {} : { [credential.kind]: credential.value };
  return ask("POST", "/v1/sessions", readSession, { ...proof, name, look: [...chosen] });
}

export function changeMe(name: string, chosen: Look): Promise<SessionInfo> {
  return ask("PATCH", "/v1/me", readSession, { name, look: [...chosen] });
}

export function endSession(): Promise<null> {
  return ask("DELETE", "/v1/sessions/current", () => null);
}

export function readLobby(credential: Credential | null): Promise<Lobby> {
  const query = credential === null ? "" : `?${credential.kind}=${encodeURIComponent(credential.value)}`;
  return ask("GET", `/v1/lobby${query}`, lobby);
}
