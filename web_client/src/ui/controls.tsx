/** The few controls that everything is made of. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { Icon, type IconName } from "./icons";

interface ButtonProps {
  label: string;
  icon?: IconName;
  kind?: "main" | "plain" | "quiet" | "danger";
  small?: boolean;
  disabled?: boolean;
  pressed?: boolean;
  onClick: () => void;
  title?: string;
  keys?: string;
  submit?: boolean;
  /** A name for screen readers when the label alone does not tell (many "Go to" in one list). */
  name?: string;
}

export function Button(props: ButtonProps): JSX.Element {
  const { label, icon, kind = "plain", small, disabled, pressed, onClick, title, keys, submit, name } = props;
  return (
    <button
      type={submit ? "submit" : "button"}
      class={`button button-${kind}${small ? " button-small" : ""}`}
      disabled={disabled}
      aria-pressed={pressed}
      aria-label={name}
      aria-keyshortcuts={keys}
      title={title}
      onClick={submit ? undefined : onClick}
    >
      {icon && <Icon name={icon} size={small ? 16 : 18} />}
      <span>{label}</span>
    </button>
  );
}

/** A round or square button of an icon only; its name is in the tool tip and for screen readers. */
export function IconButton({ label, icon, onClick, pressed, expanded, keys, disabled }: {
  label: string;
  icon: IconName;
  onClick: () => void;
  pressed?: boolean;
  /** Whether what it opens is open. */
  expanded?: boolean;
  keys?: string;
  disabled?: boolean;
}): JSX.Element {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-keyshortcuts={keys}
      title={keys === undefined ? label : `${label} (${keys})`}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} size={18} />
    </button>
  );
}

export function Switch({ label, detail, on, onChange, disabled, asks }: {
  label: string;
  detail?: string;
  on: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
  /** The office decides: it stays as it is until the answer comes. */
  asks?: boolean;
}): JSX.Element {
  const id = useId();
  return (
    <label class="switch" for={id}>
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={on}
        disabled={disabled}
        aria-describedby={detail === undefined ? undefined : `${id}-d`}
        onChange={(event) => {
          const wanted = event.currentTarget.checked;
          if (asks) event.currentTarget.checked = on;
          onChange(wanted);
        }}
      />
      <span class="switch-track" aria-hidden="true" />
      <span class="switch-words">
        {label}
        {detail && <small id={`${id}-d`}>{detail}</small>}
      </span>
    </label>
  );
}

/** One of a few: looks like one control, works as radio buttons. */
export function Choice<T extends string>({ label, value, options, onChange }: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}): JSX.Element {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div class="choice-row">
        {options.map(([option, words]) => (
          <label key={option} class="choice-option">
            <input type="radio" name={name} value={option} checked={option === value} onChange={() => onChange(option)} />
            <span>{words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Select({ label, value, options, onChange }: {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A number by a thumb on a line, in words beside it. */
export function Slider({ label, value, least = 0, most, step, words, onChange }: {
  label: string;
  value: number;
  least?: number;
  most: number;
  step: number;
  /** What the number means: "80 %". */
  words: (value: number) => string;
  onChange: (value: number) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field slider">
      <label for={id}>{label}</label>
      <output class="figures" for={id}>
        {words(value)}
      </output>
      <input
        id={id}
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        aria-valuetext={words(value)}
        style={{ "--share": `${((value - least) / (most - least)) * 100}%` }}
        onInput={(event) => onChange(Number(event.currentTarget.value))}
      />
    </div>
  );
}

/** A bar that shows a level without rendering again: it reads the level on every frame. */
export function Meter({ read, label }: { read: () => number; label: string }): JSX.Element {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let frame = 0;
    let said = 0;
    const draw = (now: number): void => {
      const level = read();
      bar.current?.style.setProperty("--level", level.toFixed(3));
      if (now - said > 500) {
        said = now;
        bar.current?.setAttribute("aria-valuenow", String(Math.round(level * 100)));
      }
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [read]);
  return <div ref={bar} class="meter" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={0} />;
}

/** Something went wrong here: what, and what to do. */
export function Trouble({ id, children }: { id?: string; children: ComponentChildren }): JSX.Element {
  return (
    <p class="trouble" id={id} role="alert">
      <Icon name="alert" size={16} />
      <span>{children}</span>
    </p>
  );
}

/** Grey bars where words will be. */
export function Skeleton({ lines = 3, label = "Loading" }: { lines?: number; label?: string }): JSX.Element {
  return (
    <div class="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class="skeleton-line" />
      ))}
    </div>
  );
}
