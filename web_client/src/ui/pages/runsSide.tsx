/** For owners, beside the list of runs: how many stand where, and files of workflows that are wrong. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { wordsOf } from "../../net/http";
import { type Definition, type Definitions, reloadDefinitions } from "../../net/runs";
import { Button, Trouble } from "../controls";
import { Icon } from "../icons";
import { reloadWords } from "../work/words";
import { count } from "../words";

export function Standing({ definitions, onChoose }: {
  definitions: readonly Definition[];
  onChoose: (workflow: string, state: string) => void;
}): JSX.Element {
  const counted = definitions.filter(({ open, startable }) => open !== null && (startable || open > 0));
  return (
    <section class="runs-standing" aria-labelledby="standing-title">
      <h2 id="standing-title">Where work stands</h2>
      {counted.map((one) => (
        <div key={one.name} class="runs-standing-one">
          <h3>
            <button type="button" class="runs-link" onClick={() => onChoose(one.name, "")}>
              {one.title}
            </button>
            <span class="quiet figures">
              {one.open} open{one.stuck !== null && one.stuck > 0 && `, ${one.stuck} stuck`}
            </span>
          </h3>
          <ul>
            {one.states
              .filter(({ runs }) => runs !== null && runs > 0)
              .map((state) => (
                <li key={state.name}>
                  <button type="button" class="runs-link" onClick={() => onChoose(one.name, state.name)}>
                    {state.title}
                  </button>
                  <span class="figures">{state.runs}</span>
                  <span class="runs-bar" aria-hidden="true" style={{ "--share": `${Math.max(3, (100 * (state.runs ?? 0)) / Math.max(1, one.open ?? 0))}%` }} />
                </li>
              ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

/** Files are the owner's, and are changed while the office is open. */
export function ReadAgain({ onDone }: { onDone: () => void }): JSX.Element {
  const said = useSignal("");
  const trouble = useSignal<string | null>(null);
  const reading = useSignal(false);
  const read = async (): Promise<void> => {
    if (reading.value) return;
    reading.value = true;
    said.value = "";
    trouble.value = null;
    try {
      said.value = reloadWords(await reloadDefinitions());
      onDone();
    } catch (problem) {
      trouble.value = wordsOf(problem);
    } finally {
      reading.value = false;
    }
  };
  return (
    <section class="runs-files" aria-labelledby="files-title">
      <h2 id="files-title">Workflow files</h2>
      <p class="quiet">They lie in the folder “workflows” of the office's data.</p>
      <Button label={reading.value ? "Reading" : "Read them again"} small onClick={() => void read()} />
      <p role="status">{said.value}</p>
      {trouble.value !== null && <Trouble>{trouble.value}</Trouble>}
    </section>
  );
}

/** What is wrong with files stops nothing else; it is said here, where who can mend it looks. */
export function FileFaults({ faults }: { faults: Definitions["faults"] }): JSX.Element | null {
  if (faults.length === 0) return null;
  const files = new Set(faults.map(({ file }) => file)).size;
  return (
    <section class="runs-faults" aria-labelledby="faults-title">
      <Icon name="alert" size={18} />
      <div>
        <h2 id="faults-title">{count(files, "workflow file cannot be used", "workflow files cannot be used")}</h2>
        <ul>
          {faults.map((fault) => (
            <li key={`${fault.file} ${fault.line} ${fault.column} ${fault.text}`}>
              <code>
                {fault.file}:{fault.line}:{fault.column}
              </code>{" "}
              {fault.text}
            </li>
          ))}
        </ul>
        <p>Mend them in the office's data folder, then have them read again. Runs that are under way keep the version they began with.</p>
      </div>
    </section>
  );
}
