/** What people made of the tasks that were heard, week by week; whether scores shift; and which models are in use. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { wordsOf } from "../../net/http";
import { readUnderstanding, type Understanding, type Week } from "../../net/understanding";
import { Skeleton, Trouble } from "../controls";
import { dayAndTime, dueDay } from "../words";
import { Part, State } from "./modelsParts";
import { MADE, madeWords, shiftWords, tallest } from "./modelsUnderstandingWords";

export function UnderstandingPart(): JSX.Element {
  const found = useSignal<Understanding | null>(null);
  const fault = useSignal<string | null>(null);
  useEffect(() => {
    readUnderstanding().then(
      (view) => (found.value = view),
      (problem: unknown) => (fault.value = wordsOf(problem)),
    );
  }, []);
  const known = found.value;
  if (known === null) {
    return (
      <Part title="Understanding">
        {fault.value === null ? <Skeleton lines={5} label="Loading how understanding is doing" /> : <Trouble>{fault.value}</Trouble>}
      </Part>
    );
  }
  return (
    <>
      <Part title="Heard tasks" detail={madeWords(known.judged, known.wrong)}>
        <Weeks weeks={known.weeks} />
      </Part>
      <Part title="Sureness" detail="How sure the models were: the last four weeks beside the eight before.">
        <Sureness view={known} />
      </Part>
      <Part title="Models of understanding" detail="Another takes the place of one in use only if it is no worse on a fixed suite.">
        <ul class="models-engines">
          {known.models.map((model) => (
            <li key={model.id}>
              <div class="models-engine-top">
                <strong>{model.kind === "utterances" ? "Utterances, as they are said" : "Whole meetings"}</strong>
                <span class="quiet figures">{Math.round(model.overall * 100)} % of the suite</span>
              </div>
              <p class="models-detail">
                {model.id}, {model.licence}; {model.promoted_by === "shipped" ? "came with Atrium" : `promoted by ${model.promoted_by}, ${dayAndTime(model.promoted_at)}`}
              </p>
            </li>
          ))}
        </ul>
      </Part>
    </>
  );
}

const HEIGHT = 96;
const BAR = 28;
const STEP = 40;

function Weeks({ weeks }: { weeks: readonly Week[] }): JSX.Element {
  const most = tallest(weeks);
  if (most === 0) return <p class="empty">No task was heard in the last twelve weeks.</p>;
  const width = weeks.length * STEP;
  return (
    <figure class="heard-plot">
      <svg viewBox={`0 0 ${width} ${HEIGHT + 20}`} role="img" aria-label="Heard tasks by week">
        {weeks.map((week, at) => {
          let top = HEIGHT;
          return (
            <g key={week.start}>
              <title>{`Week of ${dueDay(week.start, new Date())}: ${MADE.map(({ key, words }) => `${week[key]} ${words}`).join(", ")}`}</title>
              {MADE.map(({ key }) => {
                const height = (week[key] / most) * HEIGHT;
                top -= height;
                return height > 0 && <rect key={key} class={`heard-${key}`} x={at * STEP + 6} y={top} width={BAR} height={height} rx={2} />;
              })}
              {(weeks.length - 1 - at) % 4 === 0 && (
                <text x={at * STEP + 6 + BAR / 2} y={HEIGHT + 15} text-anchor="middle">
                  {dueDay(week.start, new Date()).slice(4)}
                </text>
              )}
            </g>
          );
        })}
        <line x1={0} x2={width} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
      </svg>
      <figcaption>
        {MADE.map(({ key, words }) => (
          <span key={key}>
            <i class={`heard-key heard-${key}`} /> {words} <span class="quiet figures">{weeks.reduce((sum, week) => sum + week[key], 0)}</span>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Sureness({ view: { scores } }: { view: Understanding }): JSX.Element {
  const sum = (counts: readonly number[]): number => Math.max(1, counts.reduce((all, one) => all + one, 0));
  const names = scores.before.map((_, at) => (at === 0 ? `below ${percent(scores.edges[0]!)}` : `from ${percent(scores.edges[at - 1]!)}`));
  return (
    <>
      <p>
        <State {...shiftWords(scores.index)} />
        {scores.index !== null && <span class="quiet figures"> population stability index {scores.index.toFixed(2)}</span>}
      </p>
      {scores.index !== null && (
        <table class="sureness">
          <thead>
            <tr>
              <th scope="col">Confidence</th>
              <th scope="col">Before</th>
              <th scope="col">Of late</th>
            </tr>
          </thead>
          <tbody>
            {names.map((name, at) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {[scores.before, scores.late].map((counts, which) => (
                  <td key={which}>
                    <meter min={0} max={1} value={counts[at]! / sum(counts)} aria-hidden="true" /> {percent(counts[at]! / sum(counts))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
