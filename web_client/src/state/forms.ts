/** Forms read off a JSON Schema: which fields, and what was filled in as JSON values. Pure. */

import type { FieldFault } from "../net/http";
import type { JsonSchema } from "../net/runs";

export type FieldKind = "text" | "words" | "number" | "whole" | "flag" | "choice" | "day" | "person" | "json";

export interface Field {
  name: string;
  label: string;
  kind: FieldKind;
  required: boolean;
  /** As `EUR`; empty: none. */
  unit: string;
  hint: string;
  /** What can be chosen, as JSON values. */
  choices: readonly unknown[];
  most: number | undefined;
}

/** What stands in each field, as a browser has it. */
export type Written = Readonly<Record<string, string | boolean>>;

/** From so many characters on, a text gets room for more than a line. */
const LONG = 200;

export function fieldsOf(schema: JsonSchema | null): Field[] {
  const properties = isMap(schema?.["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema?.["required"]) ? schema["required"] : [];
  return Object.entries(properties).map(([name, given]) => {
    const field = isMap(given) ? given : {};
    const most = typeof field["maxLength"] === "number" ? field["maxLength"] : undefined;
    return {
      name,
      label: typeof field["title"] === "string" ? field["title"] : inWords(name),
      kind: kindOf(field, most),
      required: required.includes(name),
      unit: typeof field["unit"] === "string" ? field["unit"] : "",
      hint: typeof field["description"] === "string" ? field["description"] : "",
      choices: Array.isArray(field["enum"]) ? field["enum"] : [],
      most,
    };
  });
}

function kindOf(field: Readonly<Record<string, unknown>>, most: number | undefined): FieldKind {
  const { type, format } = field;
  if (Array.isArray(field["enum"])) return "choice";
  if (type === "boolean") return "flag";
  if (type === "integer") return "whole";
  if (type === "number") return "number";
  if (type !== "string") return "json";
  if (format === "date") return "day";
  if (format === "person") return "person";
  return most !== undefined && most >= LONG ? "words" : "text";
}

/** What the fields begin with. */
export function blank(fields: readonly Field[]): Written {
  return Object.fromEntries(fields.map(({ name, kind }) => [name, kind === "flag" ? false : ""]));
}

/** What was filled in, as JSON values; what is empty is left out. The office checks the rest. */
export function readForm(fields: readonly Field[], written: Written): { data: Record<string, unknown>; faults: FieldFault[] } {
  const data: Record<string, unknown> = {};
  const faults: FieldFault[] = [];
  for (const field of fields) {
    const given = written[field.name];
    if (field.kind === "flag") {
      data[field.name] = given === true;
      continue;
    }
    const words = typeof given === "string" ? given.trim() : "";
    if (words === "") {
      if (field.required) faults.push({ field: field.name, reason: "is missing" });
      continue;
    }
    const value = valueOf(field, words);
    if (value === undefined) faults.push({ field: field.name, reason: NOT_TAKEN[field.kind] ?? "cannot be taken" });
    else data[field.name] = value;
  }
  return { data, faults };
}

const NOT_TAKEN: Partial<Record<FieldKind, string>> = {
  number: "must be a number",
  whole: "must be a whole number",
  json: "must be written as JSON",
};

function valueOf(field: Field, words: string): unknown {
  switch (field.kind) {
    case "number":
    case "whole": {
      const number = Number(words.replace(",", "."));
      return Number.isFinite(number) && (field.kind === "number" || Number.isInteger(number)) ? number : undefined;
    }
    case "choice":
      return field.choices.find((choice) => String(choice) === words);
    case "json":
      try {
        return JSON.parse(words) as unknown;
      } catch {
        return undefined;
      }
    default:
      return words;
  }
}

/** "Price must be more than 0." by field; what belongs to no field stands under "". */
export function faultWords(fields: readonly Field[], faults: readonly FieldFault[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { field, reason } of faults) {
    const known = fields.find(({ name }) => field === name || field.startsWith(`${name}.`));
    const key = known?.name ?? "";
    const words = `${known?.label ?? (field === "" ? "This" : inWords(field))} ${reason}.`;
    found.set(key, found.has(key) ? `${found.get(key)} ${words}` : words);
  }
  return found;
}

/** `needed_by` as "Needed by". */
export function inWords(name: string): string {
  const words = name.replace(/[_.]/g, " ").trim();
  return words === "" ? words : words[0]!.toUpperCase() + words.slice(1);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
