/** What the pages of runs share: a word in a tint, a table of values, time that is read out. */

import type { JSX } from "preact";

import type { RunLine, ShownValue } from "../../net/runs";
import { dayAndTime } from "../words";
import { statusWords, type Tinted, valueWords } from "./words";

/** A word in a tint, never by colour alone. */
export function Tint({ words, tone }: Tinted): JSX.Element {
  return <span class={`tint tint-${tone}`}>{words}</span>;
}

export function Status({ run }: { run: Pick<RunLine, "status"> }): JSX.Element {
  return <Tint {...statusWords(run.status)} />;
}

export function When({ at }: { at: number }): JSX.Element {
  return <time dateTime={new Date(at * 1000).toISOString()}>{dayAndTime(at)}</time>;
}

export function Values({ values, caption }: { values: readonly ShownValue[]; caption: string }): JSX.Element {
  return (
    <table class="values">
      <caption class="unseen">{caption}</caption>
      <tbody>
        {values.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.label}</th>
            <td class="figures">{valueWords(one)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export const runHref = (id: string): string => `/runs/${encodeURIComponent(id)}`;
