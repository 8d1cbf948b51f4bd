/** Which microphone and loudspeaker, how one talks, and what is done to the sound before it is sent. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { Processing } from "../../audio/microphone";
import { isRelay } from "../../net/way";
import { useApp } from "../app";
import { Choice, Select, Slider, Switch } from "../controls";
import { loudness } from "../words";

const USUAL = ["", "System default"] as const;

/** A chosen device that is not plugged in stays in the list, so that the choice is seen. */
function options(devices: readonly { id: string; label: string }[], chosen: string): (readonly [string, string])[] {
  const known = devices.map(({ id, label }) => [id, label] as const);
  const missing = chosen !== "" && !devices.some(({ id }) => id === chosen) ? [[chosen, "Not plugged in now"] as const] : [];
  return [USUAL, ...known, ...missing];
}

export function Devices(): JSX.Element {
  const { store, mic, output, sound } = useApp();
  const { microphone, loudspeaker, roomVolume } = store.settings.value;
  useEffect(() => {
    void output.listDevices();
  }, [output]);
  return (
    <>
      {mic.devices.value.length > 0 && (
        <Select
          label="Microphone"
          value={microphone}
          options={options(mic.devices.value, microphone)}
          onChange={(device) => {
            store.set("microphone", device);
            void sound.openMicrophone(device);
          }}
        />
      )}
      {output.devices.value.length > 0 && (
        <Select
          label="Loudspeaker"
          value={loudspeaker}
          options={options(output.devices.value, loudspeaker)}
          onChange={(device) => {
            store.set("loudspeaker", device);
            void output.useDevice(device);
          }}
        />
      )}
      <Slider label="Volume of the room" value={roomVolume} most={1} step={0.05} words={loudness} onChange={(volume) => store.set("roomVolume", volume)} />
    </>
  );
}

export function Talking(): JSX.Element {
  const { store, sound } = useApp();
  return (
    <Choice
      label="How you talk"
      value={store.settings.value.talk}
      options={[["toggle", "Toggle with M"], ["hold", "Hold Space to talk"]]}
      onChange={(talk) => sound.setTalk(talk)}
    />
  );
}

export function Processing(): JSX.Element {
  const { store, mic, sound } = useApp();
  const { noiseSuppression, autoGain, echoCancellation } = store.settings.value;
  const change = (name: keyof Processing, on: boolean): void => {
    store.set(name, on);
    if (mic.track.value !== null) void sound.openMicrophone(store.settings.value.microphone);
  };
  return (
    <details>
      <summary>How your voice is cleaned</summary>
      <div class="settings-part">
        <Switch
          label="Noise suppression"
          detail="Takes away keyboards and fans. Off for music."
          on={noiseSuppression}
          onChange={(on) => change("noiseSuppression", on)}
        />
        <Switch
          label="Automatic level"
          detail="Makes quiet and loud voices alike."
          on={autoGain}
          onChange={(on) => change("autoGain", on)}
        />
        <Switch
          label="Echo cancellation"
          detail="Turn it off only with headphones: otherwise others hear themselves."
          on={echoCancellation}
          onChange={(on) => change("echoCancellation", on)}
        />
      </div>
    </details>
  );
}

export function Way(): JSX.Element {
  const { store, sound } = useApp();
  const relayed = sound.iceServers.value.some(isRelay);
  return (
    <details>
      <summary>How sound and pictures travel</summary>
      <div class="settings-part">
        <Switch
          label="Always through the relay"
          detail={
            relayed
              ? "By itself it is taken only where nothing else passes. Turn this on where the straight way is bad."
              : "This office has no relay. Whoever runs it can set one up with TURN."
          }
          on={store.settings.value.relayOnly}
          disabled={!relayed}
          onChange={(on) => sound.setRelayOnly(on)}
        />
      </div>
    </details>
  );
}
