/** Am I heard, do I hear: the microphone's meter, a test sound, and how to join. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useCallback, useEffect } from "preact/hooks";

import { useApp } from "../app";
import { Button, Meter, Select, Switch, Trouble } from "../controls";

const HEARD = 0.42;

export function SoundCheck(): JSX.Element {
  const { store, mic, output } = useApp();
  const { joinMuted, listenOnly, microphone, loudspeaker, talk } = store.settings.value;
  const heard = useSignal(false);
  const open = mic.track.value !== null;

  const read = useCallback(() => {
    if (mic.level > HEARD) heard.value = true;
    return mic.level;
  }, [mic, heard]);

  const listening = (only: boolean): void => {
    store.set("listenOnly", only);
    store.listenOnly.value = only;
    if (only) mic.close();
  };

  useEffect(() => {
    void output.listDevices();
  }, [output, open]);

  return (
    <section class="sound-check" aria-labelledby="sound-check-title">
      <h2 id="sound-check-title">Sound</h2>
      {!listenOnly && (
        <div class="sound-row">
          {open ? (
            <>
              <Meter read={read} label="Your microphone's level" />
              <span class={heard.value ? "sound-said sound-said-heard" : "sound-said"} role="status">
                {heard.value ? "We hear you" : "Say something"}
              </span>
            </>
          ) : (
            <Button
              label={mic.asking.value ? "Waiting for the browser" : mic.fault.value === null ? "Turn on microphone" : "Try again"}
              icon="mic"
              disabled={mic.asking.value}
              onClick={() => void mic.open(microphone)}
            />
          )}
        </div>
      )}
      {!listenOnly && mic.fault.value !== null && <Trouble>{mic.fault.value}</Trouble>}
      {open && mic.devices.value.length > 1 && (
        <Select
          label="Microphone"
          value={microphone}
          options={[["", "System default"], ...mic.devices.value.map((device) => [device.id, device.label] as const)]}
          onChange={(device) => {
            store.set("microphone", device);
            void mic.open(device);
          }}
        />
      )}
      <div class="sound-row sound-test">
        <Button
          label={output.testing.value ? "Left, middle, right" : "Test loudspeaker"}
          icon="speaker"
          disabled={output.testing.value}
          onClick={() => void output.test()}
        />
      </div>
      {output.devices.value.length > 1 && (
        <Select
          label="Loudspeaker"
          value={loudspeaker}
          options={[["", "System default"], ...output.devices.value.map((device) => [device.id, device.label] as const)]}
          onChange={(device) => {
            store.set("loudspeaker", device);
            void output.useDevice(device);
          }}
        />
      )}
      <div class="sound-switches">
        <Switch
          label="Join muted"
          detail={talk === "hold" ? "You hold Space to talk." : undefined}
          on={joinMuted || talk === "hold"}
          disabled={listenOnly || talk === "hold"}
          onChange={(on) => {
            store.set("joinMuted", on);
            store.muted.value = on;
          }}
        />
        <Switch label="Listen only" on={listenOnly} onChange={listening} />
      </div>
    </section>
  );
}
