/** The office's own words: one a line, told to the recognisers as soon as they are saved. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { type Glossary, readGlossary, saveGlossary } from "../../net/models";
import { Button, Skeleton, Trouble } from "../controls";
import { glossaryTerms } from "./modelsWords";

export function GlossaryEditor(): JSX.Element {
  const kept = useSignal<Glossary | null>(null);
  const written = useSignal("");
  const fault = useSignal<string | null>(null);
  const saving = useSignal(false);
  const saved = useSignal(false);

  const take = (glossary: Glossary): void => {
    kept.value = glossary;
    written.value = glossary.terms.join("\n");
    fault.value = null;
  };
  const load = (): void => {
    fault.value = null;
    readGlossary().then(take, (problem: unknown) => (fault.value = wordsOf(problem)));
  };
  useEffect(load, []);

  const known = kept.value;
  const taken = known === null ? null : glossaryTerms(written.value, known.most_terms, known.most_characters);
  const changed = known !== null && taken !== null && taken.terms.join("\n") !== known.terms.join("\n");
  const save = async (): Promise<void> => {
    if (taken === null || saving.value) return;
    saving.value = true;
    try {
      take(await saveGlossary(taken.terms));
      saved.value = true;
    } catch (problem) {
      fault.value = wordsOf(problem);
    }
    saving.value = false;
  };

  return (
    <section class="models-part" aria-labelledby="glossary-title">
      <h2 id="glossary-title">Glossary</h2>
      <p class="models-detail" id="glossary-detail">
        Project names and words that only this office uses, one a line. Names of people and rooms are known already.
      </p>
      {known === null && fault.value === null && <Skeleton lines={5} label="Loading the glossary" />}
      {known === null && fault.value !== null && (
        <>
          <Trouble>{fault.value}</Trouble>
          <Button label="Try again" small onClick={load} />
        </>
      )}
      {known !== null && taken !== null && (
        <form
          class="models-glossary"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <textarea
            rows={10}
            aria-labelledby="glossary-title"
            aria-describedby="glossary-detail glossary-count"
            aria-invalid={taken.fault !== null}
            spellcheck={false}
            placeholder={"Zephyr\nquarter close\nKubernetes"}
            value={written.value}
            onInput={(event) => {
              written.value = event.currentTarget.value;
              saved.value = false;
            }}
          />
          {(taken.fault ?? fault.value) !== null && <Trouble>{taken.fault ?? fault.value}</Trouble>}
          <div class="row">
            <Button
              label={saving.value ? "Saving" : "Save"}
              kind="main"
              small
              submit
              disabled={!changed || taken.fault !== null || saving.value}
              onClick={() => undefined}
            />
            <span class="quiet figures" id="glossary-count" role="status">
              {saved.value && !changed ? "Saved. " : changed ? "Not saved. " : ""}
              {taken.terms.length} of {known.most_terms}
            </span>
          </div>
        </form>
      )}
    </section>
  );
}
