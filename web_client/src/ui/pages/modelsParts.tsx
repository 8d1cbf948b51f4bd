/** What the sections of the page of models are made of. */

import type { ComponentChildren, JSX } from "preact";

import type { Tone } from "./modelsWords";

export function Part({ title, detail, children }: { title: string; detail?: string; children: ComponentChildren }): JSX.Element {
  const id = `models-${title.toLowerCase().replaceAll(" ", "-")}`;
  return (
    <section class="models-part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {detail !== undefined && <p class="models-detail">{detail}</p>}
      {children}
    </section>
  );
}

/** A word in a tint, never by colour alone. */
export function State({ words, tone }: { words: string; tone: Tone }): JSX.Element {
  return <span class={`models-state models-state-${tone}`}>{words}</span>;
}

/** A table that can be scrolled sideways where the screen is narrow, by keyboard too. */
export function Wide({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="models-wide" role="region" aria-label={`${label}, table`} tabIndex={0}>
      {children}
    </div>
  );
}
