/** For owners, beside the list of runs: what starts by itself and when, to be paused and to go on again. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { wordsOf } from "../../net/http";
import { pauseSchedule, readSchedules, type Schedule } from "../../net/runs";
import { Button, Skeleton, Trouble } from "../controls";
import { Tint, When } from "../work/parts";
import { useRefresh } from "../work/refresh";

const REFRESH_MS = 30_000;

export function Schedules(): JSX.Element {
  const schedules = useSignal<readonly Schedule[] | null>(null);
  const fault = useSignal<unknown>(null);
  const said = useSignal("");

  const load = async (): Promise<void> => {
    try {
      schedules.value = await readSchedules();
      fault.value = null;
    } catch (problem) {
      fault.value = problem;
    }
  };
  useRefresh(load, REFRESH_MS, []);

  const pause = async (name: string, paused: boolean): Promise<void> => {
    try {
      const now = await pauseSchedule(name, paused);
      schedules.value = schedules.value?.map((one) => (one.name === name ? now : one)) ?? null;
      said.value = paused ? `${name} is paused.` : `${name} goes on.`;
      fault.value = null;
    } catch (problem) {
      fault.value = problem;
    }
  };

  return (
    <section class="runs-schedules" aria-labelledby="schedules-title">
      <h2 id="schedules-title">By itself</h2>
      {fault.value !== null && <Trouble>{wordsOf(fault.value)}</Trouble>}
      {schedules.value === null ? fault.value === null && <Skeleton lines={3} label="Loading schedules" /> : <List schedules={schedules.value} onPause={pause} />}
      <p class="unseen" role="status">
        {said.value}
      </p>
    </section>
  );
}

function List({ schedules, onPause }: {
  schedules: readonly Schedule[];
  onPause: (name: string, paused: boolean) => Promise<void>;
}): JSX.Element {
  if (schedules.length === 0) return <p class="empty">Nothing starts by itself. Schedules are made over the API.</p>;
  return (
    <ul>
      {schedules.map((one) => (
        <li key={one.name}>
          <div>
            <strong>{one.name}</strong>
            <small class="quiet">
              {one.title}, {one.every}, {one.timezone}
            </small>
            <Next schedule={one} />
            {one.trouble !== "" && <small class="runs-trouble">The last one did not start: {one.trouble}</small>}
          </div>
          <Button
            label={one.paused ? "Resume" : "Pause"}
            name={`${one.paused ? "Resume" : "Pause"} ${one.name}`}
            small
            onClick={() => void onPause(one.name, !one.paused)}
          />
        </li>
      ))}
    </ul>
  );
}

function Next({ schedule }: { schedule: Schedule }): JSX.Element {
  if (schedule.paused) return <Tint words="Paused" tone="waiting" />;
  if (schedule.next_at === null) return <Tint words="Never again" tone="bad" />;
  return (
    <small class="figures">
      Next <When at={schedule.next_at} />
    </small>
  );
}
