/** What is heard: the room's track on a plain audio element, a test sound, and the measured output level. */

import { signal } from "@preact/signals";

import { type Device, named, nameOf } from "./devices";
import { LevelTap } from "./level";

export class Playback {
  /** True when the browser waits for a click before it plays anything. */
  readonly blocked = signal(false);
  readonly devices = signal<readonly Device[]>([]);
  readonly testing = signal(false);

  private shared: AudioContext | null = null;
  private readonly element: HTMLAudioElement;
  private tap: LevelTap | null = null;
  /** The loudspeaker that was asked for; "" is whichever the system prefers. */
  private device = "";

  /** `told` gets what happened to the device that the person should know. */
  constructor(private readonly told: (text: string) => void) {
    // A plain element, not Web Audio: only then does the browser cancel its echo from the microphone.
    this.element = document.createElement("audio");
    this.element.autoplay = true;
    this.element.id = "room-sound";
    this.element.hidden = true;
    document.body.append(this.element);
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.devicesChanged());
  }

  /** What the browser plays through, in words, and how loud, 0..1. */
  get outlet(): { name: string; volume: number; playing: boolean } {
    const { volume, paused, srcObject } = this.element;
    return { name: nameOf(this.devices.peek(), this.sink), volume, playing: !paused && srcObject !== null };
  }

  /** How loud the room is, 0..1. */
  set volume(volume: number) {
    this.element.volume = volume;
  }

  /** The one audio context, for meters and the test sound. */
  readonly context = (): AudioContext => {
    this.shared ??= new AudioContext({ sampleRate: 48_000 });
    if (this.shared.state === "suspended") void this.shared.resume();
    return this.shared;
  };

  /** Called from a click: from now on sound may play. */
  unlock(): void {
    void this.context().resume();
    if (this.element.srcObject !== null) void this.play();
  }

  attach(stream: MediaStream): void {
    this.element.srcObject = stream;
    void this.play();
    this.tap?.close();
    this.tap = new LevelTap(this.context(), stream, 2);
  }

  detach(): void {
    this.element.srcObject = null;
    this.tap?.close();
    this.tap = null;
  }

  /** Decibels that come out left and right. */
  levels(): { left: number; right: number } {
    return { left: this.tap?.level(0) ?? -100, right: this.tap?.level(1) ?? -100 };
  }

  async listDevices(): Promise<void> {
    if (navigator.mediaDevices === undefined || !("setSinkId" in this.element)) return;
    this.devices.value = named(await navigator.mediaDevices.enumerateDevices(), "audiooutput", "Loudspeaker");
  }

  /** Another loudspeaker; the sound goes on meanwhile. A device that is not there is used once it comes. */
  async useDevice(device: string): Promise<void> {
    this.device = device;
    await this.route(device);
  }

  private get sink(): string {
    return "sinkId" in this.element ? this.element.sinkId : "";
  }

  private async route(device: string): Promise<void> {
    const context = this.shared as (AudioContext & { setSinkId?(id: string): Promise<void> }) | null;
    try {
      if ("setSinkId" in this.element && this.sink !== device) await this.element.setSinkId(device);
      await context?.setSinkId?.(device);
    } catch (fault) {
      // The chosen one is not plugged in: the system's own serves until it comes.
      if (!(fault instanceof DOMException) || device === "") throw fault;
      await this.route("");
    }
  }

  /** Away from a loudspeaker that was pulled out, and back to it when it is there again. */
  private async devicesChanged(): Promise<void> {
    await this.listDevices();
    if (this.device === "" || this.devices.peek().length === 0) return;
    const there = this.devices.peek().some(({ id }) => id === this.device);
    const used = this.sink === this.device;
    if (there === used) return;
    await this.route(there ? this.device : "");
    const name = nameOf(this.devices.peek(), there ? this.device : "");
    this.told(there ? `You hear through ${name} again.` : "The loudspeaker was unplugged. You now hear through the system's default.");
  }

  /** Three soft notes, left, both, right. */
  async test(): Promise<void> {
    const context = this.context();
    if (this.device !== "") await this.useDevice(this.device);
    this.testing.value = true;
    const start = context.currentTime + 0.05;
    const notes = [
      { frequency: 392, pan: -1 },
      { frequency: 494, pan: 0 },
      { frequency: 587, pan: 1 },
    ];
    notes.forEach(({ frequency, pan }, index) => this.note(frequency, pan, start + index * 0.32));
    window.setTimeout(() => (this.testing.value = false), 1_500);
  }

  private note(frequency: number, pan: number, at: number): void {
    const context = this.context();
    const tone = new OscillatorNode(context, { frequency, type: "sine" });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.22, at + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
    tone.connect(gain).connect(new StereoPannerNode(context, { pan })).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.65);
  }

  private async play(): Promise<void> {
    try {
      await this.element.play();
      this.blocked.value = false;
    } catch (fault) {
      this.blocked.value = fault instanceof DOMException && fault.name === "NotAllowedError";
    }
  }
}
