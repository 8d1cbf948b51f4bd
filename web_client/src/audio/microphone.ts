/** The microphone: asks for it, says in words what is wrong, measures it, and mutes it. */

import { signal } from "@preact/signals";

import { LevelTap, meter } from "./level";
import { TalkingWhileMuted } from "./talking";

export interface Device {
  id: string;
  label: string;
}

const CONSTRAINTS: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
};

const MEASURE_MS = 50;

export class Microphone {
  /** The track that is sent, or null while there is none. */
  readonly track = signal<MediaStreamTrack | null>(null);
  readonly fault = signal<string | null>(null);
  readonly asking = signal(false);
  readonly devices = signal<readonly Device[]>([]);
  /** Turns true for a moment when somebody talks while muted. */
  readonly unheard = signal(false);
  /** 0..1, measured even while muted. */
  level = 0;

  private tap: LevelTap | null = null;
  private clone: MediaStreamTrack | null = null;
  private timer = 0;
  private muted = false;
  private readonly watch = new TalkingWhileMuted();

  constructor(private readonly context: () => AudioContext) {}

  /** Asks for the microphone; on a refusal `fault` holds what to do. */
  async open(device: string): Promise<boolean> {
    if (!window.isSecureContext || navigator.mediaDevices === undefined) {
      this.fault.value = INSECURE;
      return false;
    }
    this.asking.value = true;
    try {
      const chosen = device === "" ? {} : { deviceId: { ideal: device } };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { ...CONSTRAINTS, ...chosen } });
      this.adopt(stream.getAudioTracks()[0]!);
      await this.listDevices();
      return true;
    } catch (fault) {
      this.fault.value = wordsForFault(fault instanceof DOMException ? fault.name : "");
      return false;
    } finally {
      this.asking.value = false;
    }
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.unheard.value = false;
    const track = this.track.peek();
    if (track !== null) track.enabled = !muted;
  }

  close(): void {
    window.clearInterval(this.timer);
    this.tap?.close();
    this.clone?.stop();
    this.track.peek()?.stop();
    this.tap = this.clone = null;
    this.track.value = null;
    this.level = 0;
  }

  private adopt(track: MediaStreamTrack): void {
    this.close();
    this.fault.value = null;
    track.enabled = !this.muted;
    track.onended = () => {
      if (this.track.peek() !== track) return;
      this.close();
      this.fault.value = "The microphone was unplugged or stopped. Plug it in and press Try again.";
    };
    // The meter hears a clone, so that it also moves while the track that is sent is muted.
    this.clone = track.clone();
    this.clone.enabled = true;
    this.tap = new LevelTap(this.context(), new MediaStream([this.clone]), 1);
    this.timer = window.setInterval(() => this.measure(), MEASURE_MS);
    this.track.value = track;
  }

  private measure(): void {
    const level = meter(this.tap?.level() ?? -100);
    this.level = level > this.level ? level : this.level * 0.8 + level * 0.2;
    const talking = this.watch.feed(this.muted, level, MEASURE_MS / 1000);
    if (talking !== this.unheard.peek()) this.unheard.value = talking;
  }

  private async listDevices(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices();
    this.devices.value = named(all, "audioinput", "Microphone");
  }
}

export function named(devices: readonly MediaDeviceInfo[], kind: MediaDeviceKind, word: string): Device[] {
  return devices
    .filter((device) => device.kind === kind && device.deviceId !== "")
    .map((device, index) => ({ id: device.deviceId, label: device.label || `${word} ${index + 1}` }));
}

const INSECURE =
  "Browsers give the microphone only to pages over HTTPS or on localhost. Ask whoever runs this office to start it with --tls self-signed, or listen only.";

/** What a person can do about each refusal of the browser. */
export function wordsForFault(name: string): string {
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "The browser does not let this page use the microphone. Allow it at the left of the address bar, then press Try again. Or listen only.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "No microphone was found. Plug one in and press Try again, or listen only.";
    case "NotReadableError":
    case "AbortError":
      return "Another program keeps the microphone. Close it and press Try again, or listen only.";
    default:
      return "The microphone could not be opened. Press Try again, or listen only.";
  }
}
