/** One person's sound in the office: the call, being muted or deaf, the keys to talk, and how loud they hear whom. */

import { computed, effect, signal } from "@preact/signals";

import { Microphone } from "../audio/microphone";
import { Playback } from "../audio/playback";
import { TalkKeys } from "../input/talkKeys";
import { sentence } from "../net/http";
import type { OfficeClient } from "../net/office";
import { Peer } from "../net/peer";
import { wayWith } from "../net/way";
import type { ServerMessageOf } from "../protocol/messages";
import { withVolume } from "../state/settings";
import type { Store } from "../state/store";

export class OwnSound {
  readonly output: Playback;
  readonly mic: Microphone;
  readonly peer: Peer;
  readonly keys: TalkKeys;
  /** Relays and helpers of the newest message that named them. */
  readonly iceServers = signal<RTCIceServer[]>([]);
  private readonly relayOnly = computed(() => this.store.settings.value.relayOnly);
  /** How a connection may find its way, by the office's relays and this person's choice. */
  readonly way = computed(() => wayWith(this.iceServers.value, this.relayOnly.value));
  private epoch: number | null = null;
  private mutedBefore = false;
  /** Whose volume the office was told since the last welcome. */
  private readonly told = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly office: OfficeClient,
  ) {
    const say = (text: string): void => store.notify("info", text);
    this.output = new Playback(say);
    this.mic = new Microphone({
      context: this.output.context,
      processing: () => store.settings.peek(),
      replaced: async () => this.peer.use(this.sendable()),
      told: say,
    });
    this.peer = new Peer({
      offer: (sdp, generation) => void office.send({ t: "sound_offer", sdp, generation }),
      close: () => void office.send({ t: "sound_close" }),
      heard: (stream) => this.output.attach(stream),
      state: (state) => this.show(state),
      reachable: () => store.link.peek().kind === "open" && store.officeSound.peek()?.up !== false,
    });
    this.keys = new TalkKeys({ wanted: () => this.held && this.mic.track.peek() !== null, changed: (open) => this.setMuted(!open) });
    office.listen({
      welcomed: (welcome) => this.welcomed(welcome),
      soundAnswer: ({ sdp, generation }) => void this.peer.answer(sdp, generation),
      soundError: ({ text }) => {
        this.peer.refused();
        if (store.sound.peek().kind !== "restarting") store.sound.value = { kind: "failed", text: sentence(text) };
      },
      soundState: (state) => this.officeSounds(state),
      iceServers: ({ servers }) => {
        this.iceServers.value = servers as RTCIceServer[];
        void this.peer.useWay(this.way.peek());
      },
    });
    effect(() => {
      this.output.volume = store.settings.value.roomVolume;
    });
    effect(() => this.tellVolumes());
    void this.output.useDevice(store.settings.peek().loudspeaker);
    this.watchNetwork();
  }

  /** One talks by holding a key. */
  get held(): boolean {
    return this.store.settings.peek().talk === "hold";
  }

  /** Mute or unmute; whoever speaks also wants to hear. */
  setMuted(muted: boolean): void {
    const { store, office } = this;
    if (!muted && store.deaf.peek()) {
      if (this.held) return;
      this.hearAgain();
    }
    if (store.muted.peek() === muted) return;
    store.muted.value = muted;
    this.mic.mute(muted);
    office.send({ t: "mute", muted });
  }

  /** Hear nobody and be heard by nobody; again to take both back. */
  toggleDeaf(): void {
    const { store } = this;
    if (store.deaf.peek()) {
      this.hearAgain();
      if (!this.mutedBefore && !this.held) this.setMuted(false);
      return;
    }
    this.mutedBefore = store.muted.peek();
    this.setMuted(true);
    store.deaf.value = true;
    this.office.send({ t: "deafen", deaf: true });
  }

  /** How loud one person is heard, 0..2; remembered on this machine. */
  setVolume(person: string, gain: number): void {
    this.store.set("volumes", withVolume(this.store.settings.peek().volumes, person, gain));
    this.told.add(person);
    this.office.send({ t: "volume", person, gain });
  }

  /** Through a relay only, or by any way; the call goes on meanwhile. */
  setRelayOnly(relayOnly: boolean): void {
    this.store.set("relayOnly", relayOnly);
    void this.peer.useWay(this.way.peek());
  }

  setTalk(talk: "toggle" | "hold"): void {
    this.keys.letGo();
    this.store.set("talk", talk);
    if (talk === "hold") this.setMuted(true);
  }

  /** The sound a person enters with. */
  prepare(): void {
    const { store, mic, output } = this;
    if (this.held) store.muted.value = true;
    mic.mute(store.muted.peek());
    output.unlock();
    // Once more: before the microphone was allowed the browser may have hidden the chosen one.
    void output.useDevice(store.settings.peek().loudspeaker);
  }

  /** From listening only, or from a failed microphone, to speaking; false when there is no microphone. */
  async speakUp(): Promise<boolean> {
    const { store, mic } = this;
    if (!(await this.openMicrophone(store.settings.peek().microphone))) return false;
    store.listenOnly.value = false;
    store.set("listenOnly", false);
    await this.peer.use(this.sendable());
    mic.mute(this.held);
    store.muted.value = this.held;
    this.office.send({ t: "mute", muted: this.held });
    return true;
  }

  /** Another microphone, or the same one with other processing, in the same call. */
  async openMicrophone(device: string): Promise<boolean> {
    const opened = await this.mic.open(device);
    if (!opened) this.store.notify("warn", this.mic.fault.peek() ?? "The microphone could not be opened.");
    return opened;
  }

  /** A new call, as when somebody asks for it. */
  async callAgain(): Promise<void> {
    if (this.store.phase.peek() === "office") await this.peer.start(this.way.peek(), this.sendable());
  }

  leave(): void {
    this.keys.letGo();
    this.peer.stop();
    this.output.detach();
    this.store.deaf.value = false;
    this.epoch = null;
  }

  private hearAgain(): void {
    this.store.deaf.value = false;
    this.office.send({ t: "deafen", deaf: false });
  }

  private sendable(): MediaStreamTrack | null {
    return this.store.listenOnly.peek() ? null : this.mic.track.peek();
  }

  private welcomed(welcome: ServerMessageOf<"welcome">): void {
    this.iceServers.value = welcome.ice_servers as RTCIceServer[];
    this.told.clear();
    this.office.send({ t: "deafen", deaf: this.store.deaf.peek() });
    if (welcome.resumed) {
      void this.peer.resume(this.way.peek(), this.sendable());
      return;
    }
    this.epoch = this.store.officeSound.value = null;
    void this.peer.start(this.way.peek(), this.sendable());
  }

  /** The office's sound stopped, started again, or says how it is. */
  private officeSounds(state: ServerMessageOf<"sound_state">): void {
    const { store, peer } = this;
    const was = store.officeSound.peek();
    const fresh = this.epoch !== null && (state.epoch !== this.epoch || was?.up === false);
    store.officeSound.value = state;
    peer.usePath(state.path);
    if (!state.up) {
      peer.pause();
      store.sound.value = { kind: "restarting" };
    } else if (fresh || store.sound.peek().kind === "restarting") peer.redial();
    this.epoch = state.epoch;
  }

  private show(state: "connecting" | "on" | "lost"): void {
    this.store.sound.value = state === "lost" ? { kind: "failed", text: "The sound was lost and is being called again." } : { kind: state };
  }

  /** Says the remembered volumes of those who are here, once for each welcome. */
  private tellVolumes(): void {
    const { volumes } = this.store.settings.peek();
    const here = [...this.store.participants.value.values()].map(({ id }) => id);
    for (const id of this.told) if (!here.includes(id)) this.told.delete(id);
    for (const id of here) {
      const gain = volumes[id];
      if (gain === undefined || this.told.has(id)) continue;
      this.told.add(id);
      this.office.send({ t: "volume", person: id, gain });
    }
  }

  /** From Wi-Fi to cable, from one network to another: the same call, another way. */
  private watchNetwork(): void {
    window.addEventListener("online", () => void this.peer.restart());
    // Firefox and Safari have no such thing; Chrome's also fires when it thinks anew about the speed.
    const network = (navigator as { connection?: EventTarget & { type?: string } }).connection;
    let type = network?.type;
    network?.addEventListener("change", () => {
      if (network.type === type) return;
      type = network.type;
      void this.peer.restart();
    });
  }
}
