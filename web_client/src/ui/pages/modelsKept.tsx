/** What is missing and how to get it; which models lie here, and which could. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { Models, Speech } from "../../net/models";
import { Button } from "../controls";
import { Icon } from "../icons";
import { Part, State, Wide } from "./modelsParts";
import { bytes, megabytes, modelState } from "./modelsWords";

export function Missing({ missing }: { missing: Speech["missing"] }): JSX.Element | null {
  if (missing.length === 0) return null;
  return (
    <Part title="What would help" detail="Commands are typed in the office's folder; in a checkout as .venv/bin/atrium …">
      <ul class="models-missing">
        {missing.map((one) => (
          <li key={`${one.what} ${one.command}`}>
            <Icon name="info" size={18} />
            <div>
              <strong>{one.what}</strong>
              {one.why !== "" && <p>{one.why}</p>}
              {one.command !== "" && <Command words={one.command} />}
            </div>
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** Something to type in the office's folder. */
export function Command({ words }: { words: string }): JSX.Element {
  const copied = useSignal(false);
  // Browsers give the clipboard only to pages over HTTPS or on localhost; elsewhere the words can be selected.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  return (
    <span class="models-command">
      <code>{words}</code>
      {clipboard !== undefined && (
        <Button
          label={copied.value ? "Copied" : "Copy"}
          name={copied.value ? `Copied: ${words}` : `Copy the command ${words}`}
          icon={copied.value ? "check" : "copy"}
          kind="quiet"
          small
          onClick={() => void clipboard.writeText(words).then(() => (copied.value = true))}
        />
      )}
    </span>
  );
}

export function Installed({ models }: { models: Models }): JSX.Element {
  const total = models.installed.reduce((sum, model) => sum + model.size, 0);
  return (
    <Part title="Models here" detail={`In ${models.folder}${total === 0 ? "" : `, ${bytes(total)} together`}.`}>
      {models.installed.length === 0 ? (
        <p class="empty">None yet. The office works with what it carries; nothing is fetched by itself.</p>
      ) : (
        <Wide label="Models here">
          <table class="models-table">
            <thead>
              <tr>
                {["Model", "State", "Good for", "Licence", "Size"].map((name) => (
                  <th key={name} scope="col" class={name === "Size" ? "models-number" : undefined}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {models.installed.map((model) => {
                const state = modelState(model);
                return (
                  <tr key={model.name}>
                    <th scope="row">
                      {model.name}
                      <small class="quiet">
                        {model.repository === "" ? "put here by hand" : `${model.repository} ${model.revision.slice(0, 8)}`}
                      </small>
                    </th>
                    <td>{state.words === "" ? <code class="models-code">atrium models use {model.name}</code> : <State {...state} />}</td>
                    <td>
                      {model.purpose}
                      {model.languages !== "" && <small class="quiet">{model.languages}</small>}
                    </td>
                    <td>{model.licence === "" ? "not known" : model.licence}</td>
                    <td class="models-number">{bytes(model.size)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </Wide>
      )}
      <Offers offers={models.offers} />
    </Part>
  );
}

function Offers({ offers }: { offers: Models["offers"] }): JSX.Element | null {
  if (offers.length === 0) return null;
  return (
    <details class="models-offers">
      <summary>Models that can be fetched</summary>
      <p class="models-detail">Memory is about what one process takes: on the processor, and on a graphics card.</p>
      <Wide label="Models that can be fetched">
        <table class="models-table">
          <thead>
            <tr>
              {["Model", "Good for", "Licence", "To fetch", "Processor", "Card"].map((name, column) => (
                <th key={name} scope="col" class={column > 2 ? "models-number" : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {offers.map((offer) => (
              <tr key={offer.name}>
                <th scope="row">
                  {offer.name}
                  <code class="models-code">{offer.command}</code>
                </th>
                <td>
                  {offer.purpose}
                  <small class="quiet">{offer.languages}</small>
                </td>
                <td>{offer.licence}</td>
                <td class="models-number">{bytes(offer.size)}</td>
                <td class="models-number">{megabytes(offer.memory_int8_mb)}</td>
                <td class="models-number">{megabytes(offer.memory_float16_mb)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </details>
  );
}
