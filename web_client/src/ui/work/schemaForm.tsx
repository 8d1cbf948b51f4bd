/** Fields for a JSON Schema, each with its fault beside it. */

import type { JSX, SelectHTMLAttributes, TargetedEvent } from "preact";
import { useId } from "preact/hooks";

import type { NamedPerson } from "../../net/runs";
import type { Field, Written } from "../../state/forms";

export function SchemaFields({ fields, written, faults, people, onChange, first }: {
  fields: readonly Field[];
  written: Written;
  /** By field; under "" what belongs to none. */
  faults: ReadonlyMap<string, string>;
  /** Who may be named where a person is asked for. */
  people: readonly NamedPerson[];
  onChange: (written: Written) => void;
  /** The first field takes the focus where something opens. */
  first?: boolean;
}): JSX.Element {
  return (
    <>
      {fields.map((field, index) => (
        <FieldRow
          key={field.name}
          field={field}
          value={written[field.name] ?? ""}
          fault={faults.get(field.name)}
          people={people}
          first={first === true && index === 0}
          onChange={(value) => onChange({ ...written, [field.name]: value })}
        />
      ))}
    </>
  );
}

function FieldRow({ field, value, fault, people, first, onChange }: {
  field: Field;
  value: string | boolean;
  fault: string | undefined;
  people: readonly NamedPerson[];
  first: boolean;
  onChange: (value: string | boolean) => void;
}): JSX.Element {
  const id = useId();
  const described = [fault === undefined ? "" : `${id}-fault`, field.hint === "" ? "" : `${id}-hint`].filter(Boolean).join(" ");
  const common = {
    id,
    "aria-invalid": fault !== undefined,
    "aria-required": field.required,
    "aria-describedby": described === "" ? undefined : described,
    "data-first": first ? true : undefined,
  };
  const words = typeof value === "string" ? value : "";
  const write = (event: TargetedEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>): void => onChange(event.currentTarget.value);
  if (field.kind === "flag") {
    return (
      <div class="field field-flag">
        <label class="check" for={id}>
          <input {...common} type="checkbox" checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
          <span>{field.label}</span>
        </label>
        <Below id={id} field={field} fault={fault} />
      </div>
    );
  }
  return (
    <div class="field">
      <label for={id}>
        {field.label}
        {field.unit !== "" && ` in ${field.unit}`}
        {!field.required && <span class="field-optional"> optional</span>}
      </label>
      {field.kind === "words" || field.kind === "json" ? (
        <textarea {...common} rows={2} maxLength={field.most} value={words} onInput={write} />
      ) : field.kind === "choice" ? (
        <Options common={common} value={words} onChange={write} options={field.choices.map((one) => [String(one), String(one)])} />
      ) : field.kind === "person" ? (
        <Options common={common} value={words} onChange={write} options={people.map((one) => [one.id, one.name])} />
      ) : field.kind === "day" ? (
        <input {...common} type="date" value={words} onInput={write} />
      ) : (
        <input
          {...common}
          type="text"
          inputMode={field.kind === "number" ? "decimal" : field.kind === "whole" ? "numeric" : undefined}
          autocomplete="off"
          maxLength={field.most}
          value={words}
          onInput={write}
        />
      )}
      <Below id={id} field={field} fault={fault} />
    </div>
  );
}

function Options({ common, value, options, onChange }: {
  common: SelectHTMLAttributes;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (event: TargetedEvent<HTMLSelectElement>) => void;
}): JSX.Element {
  return (
    <select {...common} value={value} onChange={onChange}>
      <option value="">Choose</option>
      {options.map(([option, words]) => (
        <option key={option} value={option}>
          {words}
        </option>
      ))}
    </select>
  );
}

function Below({ id, field, fault }: { id: string; field: Field; fault: string | undefined }): JSX.Element {
  return (
    <>
      {field.hint !== "" && (
        <small id={`${id}-hint`} class="quiet">
          {field.hint}
        </small>
      )}
      {fault !== undefined && (
        <small id={`${id}-fault`} class="field-fault">
          {fault}
        </small>
      )}
    </>
  );
}
