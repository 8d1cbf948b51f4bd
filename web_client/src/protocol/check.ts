/** Small checkers that turn unknown data into typed values, or say exactly where it is wrong. */

/** Raised for a frame that does not follow the protocol. `code` is stable, `message` names the field. */
export class ProtocolError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ProtocolError";
    this.code = code;
  }
}

export type Check<T> = (value: unknown, at: string) => T;
export type Checked<C> = C extends Check<infer T> ? T : never;

/** A field that may be left out; it then stays out of the result. */
export interface Optional<T> {
  readonly optional: Check<T>;
}

type Shape = Readonly<Record<string, Check<unknown> | Optional<unknown>>>;
type Required_<S extends Shape> = { [K in keyof S as S[K] extends Optional<unknown> ? never : K]: Checked<S[K]> };
type Optional_<S extends Shape> = {
  [K in keyof S as S[K] extends Optional<unknown> ? K : never]?: S[K] extends Optional<infer T> ? T : never;
};
export type Shaped<S extends Shape> = Required_<S> & Optional_<S>;

function wrong(at: string, expected: string, value: unknown): ProtocolError {
  const got = value === null ? "nothing" : Array.isArray(value) ? "a list" : typeof value;
  return new ProtocolError("malformed", `${at} should be ${expected} but is ${got}.`);
}

export const text: Check<string> = (value, at) => {
  if (typeof value !== "string") throw wrong(at, "text", value);
  return value;
};

export const flag: Check<boolean> = (value, at) => {
  if (typeof value !== "boolean") throw wrong(at, "true or false", value);
  return value;
};

export const real: Check<number> = (value, at) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(at, "a number", value);
  return value;
};

export const whole: Check<number> = (value, at) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw wrong(at, "a whole number", value);
  return value;
};

/** Anything at all, passed through. */
export const anything: Check<unknown> = (value) => value;

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, at) => (value === null ? null : check(value, at));
}

export function optional<T>(check: Check<T>): Optional<T> {
  return { optional: check };
}

export function oneOf<const T extends string>(...choices: readonly T[]): Check<T> {
  return (value, at) => {
    if (!choices.includes(value as T)) throw wrong(at, `one of ${choices.join(", ")}`, value);
    return value as T;
  };
}

export function list<T>(check: Check<T>): Check<T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw wrong(at, "a list", value);
    return value.map((entry: unknown, index) => check(entry, `${at}[${index}]`));
  };
}

export function table<T>(check: Check<T>): Check<Record<string, T>> {
  return (value, at) => {
    const entries = Object.entries(plain(value, at));
    return Object.fromEntries(entries.map(([key, entry]) => [key, check(entry, `${at}.${key}`)]));
  };
}

export function shape<S extends Shape>(fields: S): Check<Shaped<S>> {
  const entries = Object.entries(fields);
  return (value, at) => {
    const source = plain(value, at);
    const result: Record<string, unknown> = {};
    for (const [name, check] of entries) {
      const field = source[name];
      if (typeof check === "function") {
        if (field === undefined) throw new ProtocolError("malformed", `${at}.${name} is missing.`);
        result[name] = check(field, `${at}.${name}`);
      } else if (field !== undefined) {
        result[name] = check.optional(field, `${at}.${name}`);
      }
    }
    return result as Shaped<S>;
  };
}

/** A map with text keys, as msgpack and JSON give it. */
export function plain(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(at, "a map", value);
  return value as Record<string, unknown>;
}
