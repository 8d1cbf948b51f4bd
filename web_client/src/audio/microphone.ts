/** The microphone: asks for it, says in words what is wrong, measures it, mutes it, and goes on when it is pulled out. */

import { signal } from "@preact/signals";

import { type Device, named } from "./devices";
import { LevelTap, meter } from "./level";
import { TalkingWhileMuted } from "./talking";

/** What the browser does to the sound before it is sent. */
export interface Processing {
  echoCancellation: boolean;
  noiseSuppression: boolean;
  autoGain: boolean;
}

export interface MicrophoneHooks {
  context(): AudioContext;
  processing(): Processing;
  /** There is another track, or none any more; the one before it is stopped only after this. */
  replaced(track: MediaStreamTrack | null): Promise<void>;
  /** Something happened to the device that the person should know. */
  told(text: string): void;
}

const MEASURE_MS = 50;
/** A microphone that lives gives at least noise; nothing at all for so long means that a switch is off. */
const SILENT_SECONDS = 5;
const NOTHING_DB = -100;

export class Microphone {
  /** The track that is sent, or null while there is none. */
  readonly track = signal<MediaStreamTrack | null>(null);
  readonly fault = signal<string | null>(null);
  readonly asking = signal(false);
  readonly devices = signal<readonly Device[]>([]);
  /** Turns true for a moment when somebody talks while muted. */
  readonly unheard = signal(false);
  /** The system, or a switch on the device, holds back the sound. */
  readonly systemMuted = signal(false);
  /** Not even noise comes in. */
  readonly silent = signal(false);
  /** 0..1, measured even while muted. */
  level = 0;
  /** Decibels, the loudest of the last seconds. */
  loudest = NOTHING_DB;

  private tap: LevelTap | null = null;
  private clone: MediaStreamTrack | null = null;
  private timer = 0;
  private muted = false;
  private nothingFor = 0;
  /** The device that was asked for. */
  private chosen = "";
  /** Set while the microphone is wanted but none is there. */
  private waiting = false;
  private readonly watch = new TalkingWhileMuted();

  constructor(private readonly hooks: MicrophoneHooks) {
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.devicesChanged());
  }

  /** Asks for the microphone, or for another one; on a refusal `fault` holds what to do, and the one before stays. */
  async open(device: string): Promise<boolean> {
    if (!window.isSecureContext || navigator.mediaDevices === undefined) {
      this.fault.value = INSECURE;
      return false;
    }
    this.chosen = device;
    return this.request(device);
  }

  mute(muted: boolean): void {
    this.muted = muted;
    if (!muted) this.unheard.value = false;
    const track = this.track.peek();
    if (track !== null) track.enabled = !muted;
  }

  close(): void {
    this.waiting = false;
    this.letGo();
  }

  private async request(device: string): Promise<boolean> {
    this.asking.value = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: this.constraints(device) });
      await this.adopt(stream.getAudioTracks()[0]!);
      await this.listDevices();
      return true;
    } catch (fault) {
      this.fault.value = wordsForFault(fault instanceof DOMException ? fault.name : "");
      return false;
    } finally {
      this.asking.value = false;
    }
  }

  private constraints(device: string): MediaTrackConstraints {
    const { echoCancellation, noiseSuppression, autoGain } = this.hooks.processing();
    const chosen = device === "" ? {} : { deviceId: { ideal: device } };
    return { echoCancellation, noiseSuppression, autoGainControl: autoGain, channelCount: 1, ...chosen };
  }

  private async adopt(track: MediaStreamTrack): Promise<void> {
    const before = this.track.peek();
    this.stopMeasuring();
    this.waiting = false;
    this.fault.value = null;
    track.enabled = !this.muted;
    track.onended = () => void this.ended(track);
    track.onmute = track.onunmute = () => this.track.peek() === track && (this.systemMuted.value = track.muted);
    this.systemMuted.value = track.muted;
    // The meter hears a clone, so that it also moves while the track that is sent is muted.
    this.clone = track.clone();
    this.clone.enabled = true;
    this.tap = new LevelTap(this.hooks.context(), new MediaStream([this.clone]), 1);
    this.timer = window.setInterval(() => this.measure(), MEASURE_MS);
    this.track.value = track;
    await this.hooks.replaced(track);
    before?.stop();
  }

  private letGo(): void {
    this.stopMeasuring();
    this.track.peek()?.stop();
    this.track.value = null;
  }

  private stopMeasuring(): void {
    window.clearInterval(this.timer);
    this.tap?.close();
    this.clone?.stop();
    this.tap = this.clone = null;
    this.level = this.nothingFor = 0;
    this.loudest = NOTHING_DB;
    this.unheard.value = this.silent.value = this.systemMuted.value = false;
  }

  private measure(): void {
    const db = this.tap?.level() ?? NOTHING_DB;
    const level = meter(db);
    this.level = level > this.level ? level : this.level * 0.8 + level * 0.2;
    this.loudest = Math.max(db, this.loudest - MEASURE_MS / 100);
    this.nothingFor = db > NOTHING_DB ? 0 : this.nothingFor + MEASURE_MS / 1000;
    set(this.silent, this.nothingFor >= SILENT_SECONDS);
    set(this.unheard, this.watch.feed(this.muted, level, MEASURE_MS / 1000));
  }

  /** Pulled out, or stopped by the system: on with the default one, or wait for one to come. */
  private async ended(track: MediaStreamTrack): Promise<void> {
    if (this.track.peek() !== track) return;
    const lost = track.label || "The microphone";
    this.letGo();
    if (await this.request("")) {
      this.hooks.told(`${lost} was unplugged. You now speak through ${this.name}.`);
      return;
    }
    await this.hooks.replaced(null);
    this.waiting = true;
    this.hooks.told(`${lost} was unplugged or stopped. Plug a microphone in to be heard again.`);
  }

  /** Back to the chosen device when it comes back, and to any when there was none. */
  private async devicesChanged(): Promise<void> {
    const track = this.track.peek();
    if (track === null && !this.waiting) return;
    await this.listDevices();
    const back = this.devices.peek().some(({ id }) => id === this.chosen) && track?.getSettings().deviceId !== this.chosen;
    if (!back && track !== null) return;
    if (await this.request(this.chosen)) this.hooks.told(`You now speak through ${this.name}.`);
  }

  private get name(): string {
    return this.track.peek()?.label || "the system's default";
  }

  private async listDevices(): Promise<void> {
    this.devices.value = named(await navigator.mediaDevices.enumerateDevices(), "audioinput", "Microphone");
  }
}

function set(signal: { peek(): boolean; value: boolean }, value: boolean): void {
  if (signal.peek() !== value) signal.value = value;
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
