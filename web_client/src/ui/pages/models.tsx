/** For owners: which recognisers run where, how fast, what is missing, and the office's own words. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import "../../styles/models.css";
import { HttpProblem, wordsOf } from "../../net/http";
import { type Engine, type Models, readModels, type Speech } from "../../net/models";
import { Skeleton, Trouble } from "../controls";
import { count, dayAndTime } from "../words";
import { GlossaryEditor } from "./modelsGlossary";
import { Installed, Missing } from "./modelsKept";
import { Part, State, Wide } from "./modelsParts";
import { UnderstandingPart } from "./modelsUnderstanding";
import {
  deviceName, engineName, engineUse, factor, factorMeans, headline, loadWords, megabytes, milliseconds, modelName, notBelieved, waiting,
} from "./modelsWords";
import { Page } from "./page";

const REFRESH_MS = 5000;

export function ModelsPage(): JSX.Element {
  const models = useSignal<Models | null>(null);
  const fault = useSignal<unknown>(null);
  useEffect(() => {
    let asking = false;
    const load = async (): Promise<void> => {
      if (asking || document.hidden) return;
      asking = true;
      try {
        models.value = await readModels();
        fault.value = null;
      } catch (problem) {
        fault.value = problem;
      }
      asking = false;
    };
    const again = (): void => void load();
    again();
    const timer = setInterval(again, REFRESH_MS);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, []);

  const known = models.value;
  if (known === null) {
    const refused = fault.value instanceof HttpProblem && (fault.value.status === 401 || fault.value.status === 403);
    return (
      <Page title="Models" sentence={fault.value === null ? "Looking at the recognisers." : refused ? "This page is for the office's owner." : "The recognisers cannot be shown."}>
        {fault.value === null ? <Skeleton lines={8} label="Loading models" /> : <Trouble>{wordsOf(fault.value)}</Trouble>}
      </Page>
    );
  }
  const { speech } = known;
  return (
    <Page title="Models" sentence={headline(speech)}>
      {fault.value !== null && <Trouble>{wordsOf(fault.value)} These figures are old; they are asked for again by themselves.</Trouble>}
      <div class={`models${fault.value === null ? "" : " is-old"}`}>
        <div class="models-main">
          <Missing missing={speech.missing} />
          <Part title="Recognisers" detail="The best that works is asked; the next stands in within two seconds when it fails.">
            <Engines engines={speech.engines} />
          </Part>
          <Part title="Speed" detail={speedDetail(speech)}>
            <SpeedTiles speech={speech} />
          </Part>
          <Part title="Waiting now">
            <QueueRows speech={speech} />
          </Part>
          <Part title="Processes" detail="Each can end without touching sound or presence; it is started again.">
            <Processes speech={speech} />
          </Part>
          <div class="models-pair">
            <Part title="Not believed" detail={speech.since === null ? undefined : `Since ${dayAndTime(speech.since)}.`}>
              <NotBelieved speech={speech} />
            </Part>
            <Part title="Changes of recogniser">
              <Fallbacks speech={speech} />
            </Part>
          </div>
          <Installed models={known} />
          <UnderstandingPart />
          <Part title="Written summaries" detail="Of meetings that are over; every sentence leads to the lines it rests on.">
            <Summaries mind={known.mind} />
          </Part>
        </div>
        <aside class="models-side">
          <GlossaryEditor />
        </aside>
      </div>
    </Page>
  );
}

function Summaries({ mind }: { mind: Models["mind"] }): JSX.Element {
  if (mind === null) {
    return <p class="empty">No model writes any: main lines are quoted. To have one, set chat_url and chat_model, and start the office again.</p>;
  }
  return (
    <ul class="models-engines">
      <li>
        <div class="models-engine-top">
          <strong>{mind.model}</strong>
          <span class="quiet">at {mind.host}</span>
        </div>
        <p class="models-detail">What people say in meetings goes there when they are over; what is off the record does not.</p>
      </li>
    </ul>
  );
}

function Engines({ engines }: { engines: readonly Engine[] }): JSX.Element {
  if (engines.length === 0) return <p class="empty">No recogniser has started yet.</p>;
  return (
    <ul class="models-engines">
      {engines.map((engine) => (
        <li key={`${engine.name} ${engine.model}`}>
          <div class="models-engine-top">
            <strong>{engineName(engine.name)}</strong>
            <span class="quiet">{engine.primary ? "first choice" : "stand-in"}</span>
            <State {...engineUse(engine)} />
          </div>
          {engine.why !== "" && <p class="models-detail">{engine.why}</p>}
          <dl class="models-facts">
            <Fact name="Model">{[modelName(engine.model), engine.revision.slice(0, 8)].filter((part) => part !== "").join(" ")}</Fact>
            <Fact name="Version">{engine.version}</Fact>
            <Fact name="Runs on">{[deviceName(engine.device), engine.compute].filter((part) => part !== "").join(", ")}</Fact>
            <Fact name="Memory">{engine.memory_mb === null ? "" : `about ${megabytes(engine.memory_mb)} a process`}</Fact>
            <Fact name="Licence">{engine.licence}</Fact>
          </dl>
        </li>
      ))}
    </ul>
  );
}

function Fact({ name, children }: { name: string; children: string }): JSX.Element | null {
  if (children === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd class="figures">{children}</dd>
    </div>
  );
}

function speedDetail(speech: Speech): string {
  const { finals } = speech.speed;
  return finals === 0 ? "Nobody has spoken since the office opened." : `Over the last ${count(finals, "utterance", "utterances")}.`;
}

function SpeedTiles({ speech }: { speech: Speech }): JSX.Element {
  const { speed } = speech;
  return (
    <dl class="models-tiles">
      <Tile name="Final words after the last sound" value={milliseconds(speed.final_p50_ms)} detail={`slowest of a hundred: ${milliseconds(speed.final_p99_ms)}`} />
      <Tile name="Waiting for a turn" value={milliseconds(speed.wait_p50_ms)} detail={`slowest of a hundred: ${milliseconds(speed.wait_p99_ms)}`} />
      {speed.first_word_p50_ms !== null && (
        <Tile name="First caption of a word" value={milliseconds(speed.first_word_p50_ms)} detail="after it was spoken, half are quicker" />
      )}
      <Tile name="Work for a second of sound" value={`${factor(speed.real_time_factor)}${speed.real_time_factor === null ? "" : " s"}`} detail={factorMeans(speed.real_time_factor)} />
    </dl>
  );
}

function Tile({ name, value, detail }: { name: string; value: string; detail: string }): JSX.Element {
  return (
    <div class="models-tile">
      <dt>{name}</dt>
      <dd class="models-tile-value figures">{value}</dd>
      <dd class="models-detail figures">{detail}</dd>
    </div>
  );
}

function QueueRows({ speech }: { speech: Speech }): JSX.Element {
  const { queue } = speech;
  const load = loadWords(queue.load);
  const dropped = Object.values(queue.dropped).reduce((sum, one) => sum + one, 0);
  return (
    <>
      <p class="row row-wrap">
        <State {...load} />
        {queue.cadence_seconds !== null && <span class="quiet figures">captions every {queue.cadence_seconds.toFixed(1)} s</span>}
        {queue.oldest_seconds >= 0.5 && <span class="quiet figures">the oldest waits {queue.oldest_seconds.toFixed(1)} s</span>}
        {queue.hurry && <State words="Quicker, less exact for now" tone="waiting" />}
        {queue.lost > 0 && <State words={`${count(queue.lost, "utterance", "utterances")} lost: the disk was full`} tone="bad" />}
      </p>
      <table class="models-table">
        <tbody>
          {waiting(queue).map((row) => (
            <tr key={row.words}>
              <th scope="row">{row.words}</th>
              <td class="quiet">{row.detail}</td>
              <td class="models-number">{row.count}</td>
            </tr>
          ))}
          {dropped > 0 && (
            <tr>
              <th scope="row">Captions given up</th>
              <td class="quiet">a newer one or a finished utterance was worth more</td>
              <td class="models-number">{dropped}</td>
            </tr>
          )}
        </tbody>
      </table>
    </>
  );
}

function Processes({ speech }: { speech: Speech }): JSX.Element {
  if (speech.processes.length === 0) return <p class="empty">No speech process runs.</p>;
  return (
    <Wide label="Processes">
      <table class="models-table">
        <thead>
          <tr>
            {["Process", "State", "Recogniser", "Runs on", "Memory", "Work per second", "Restarts"].map((name, column) => (
              <th key={name} scope="col" class={column > 3 ? "models-number" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {speech.processes.map((one) => (
            <tr key={one.index}>
              <th scope="row" class="figures">
                {one.index + 1} {one.pid !== null && <span class="quiet">pid {one.pid}</span>}
              </th>
              <td>
                <State words={one.up ? "Up" : "Restarting"} tone={one.up ? "good" : "waiting"} />
                {one.up && one.up_since !== null && <span class="quiet figures"> since {dayAndTime(one.up_since)}</span>}
              </td>
              <td>{one.engine === "" ? "–" : engineName(one.engine)}</td>
              <td>{one.device === "" ? "–" : deviceName(one.device)}</td>
              <td class="models-number">{megabytes(one.memory_mb)}</td>
              <td class="models-number">{factor(one.real_time_factor)}</td>
              <td class="models-number">{one.restarts}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function NotBelieved({ speech }: { speech: Speech }): JSX.Element {
  const rows = notBelieved(speech.suppressed);
  if (rows.length === 0) return <p class="empty">Nothing was held back. Words that a recogniser makes up over silence or noise are counted here.</p>;
  return (
    <ul class="models-bars">
      {rows.map((row) => (
        <li key={row.reason}>
          <span>{row.words}</span>
          <span class="models-number figures">{row.count}</span>
          <span class="models-bar" aria-hidden="true" style={{ "--share": `${Math.max(2, row.share * 100)}%` }} />
        </li>
      ))}
    </ul>
  );
}

function Fallbacks({ speech }: { speech: Speech }): JSX.Element {
  if (speech.fallbacks.length === 0) {
    return <p class="empty">None{speech.since === null ? "" : ` since ${dayAndTime(speech.since)}`}.</p>;
  }
  return (
    <ol class="models-changes">
      {speech.fallbacks.map((change) => (
        <li key={`${change.at} ${change.engine}`}>
          <time class="quiet figures" dateTime={new Date(change.at * 1000).toISOString()}>
            {dayAndTime(change.at)}
          </time>
          <span>
            {engineName(change.engine)} in place of {engineName(change.instead_of)}
            <small class="quiet">{change.reason}</small>
          </span>
        </li>
      ))}
    </ol>
  );
}
