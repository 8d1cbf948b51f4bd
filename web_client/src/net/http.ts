/** JSON over HTTP: one function, and one error that carries the server's own words. */

import type { Check } from "../protocol/check";

/** One field that cannot be taken as it was filled in. */
export interface FieldFault {
  /** Its path, with dots; empty for the whole. */
  field: string;
  reason: string;
}

/** An answer that is a problem (RFC 9457), or no answer at all (status 0). */
export class HttpProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly faults: readonly FieldFault[] = [],
    /** All that it says, for what only some problems have. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "HttpProblem";
  }
}

/** With a key, the office does what is asked once, however often it is asked. */
export async function ask<T>(method: string, path: string, check: Check<T>, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (key !== undefined) headers["idempotency-key"] = key;
  if (body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new HttpProblem(0, "offline", "The office does not answer. Check that it is running and that you are online.");
  }
  if (!response.ok) throw await problem(response);
  return check(response.status === 204 ? null : await response.json(), path);
}

async function problem(response: Response): Promise<HttpProblem> {
  const fallback = `The office answered ${response.status}. Try again in a moment.`;
  try {
    const details = (await response.json()) as { code?: unknown; detail?: unknown; title?: unknown; errors?: unknown };
    const said = [details.detail, details.title].find((word) => typeof word === "string" && word !== "");
    const code = typeof details.code === "string" ? details.code : "http";
    const words = typeof said === "string" ? sentence(said) : fallback;
    const faults = Array.isArray(details.errors) ? details.errors.filter(isFault) : [];
    return new HttpProblem(response.status >= 502 && response.status <= 504 ? 0 : response.status, code, words, faults, details);
  } catch {
    const down = response.status >= 502 && response.status <= 504;
    return down
      ? new HttpProblem(0, "offline", "The office does not answer. Check that it is running.")
      : new HttpProblem(response.status, "http", fallback);
  }
}

function isFault(one: unknown): one is FieldFault {
  const { field, reason } = (one ?? {}) as Partial<FieldFault>;
  return typeof field === "string" && typeof reason === "string";
}

/** A capital and a full stop, whatever the server's log style left out. */
export function sentence(words: string): string {
  const said = words.trim();
  return said === "" ? said : said[0]!.toUpperCase() + said.slice(1) + (/[.?!…]$/.test(said) ? "" : ".");
}

/** What to show for any fault. */
export function wordsOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
