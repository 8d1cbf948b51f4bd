/** One person's pictures: sharing the screen, the camera, and what of the others' can be seen from here. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";

import type { OfficeClient } from "../net/office";
import type { Moving } from "../net/playing";
import { type VideoKind, VideoPeer } from "../net/video";
import type { ServerMessageOf, VideoSlot } from "../protocol/messages";
import type { Store } from "../state/store";

export type OwnPicture = "off" | "asking" | "on";

/** Somebody's screen or camera that can be seen from here. */
export interface Picture {
  slot: number;
  kind: VideoKind;
  /** What comes in; null while the way for it is not there yet, or lost. */
  moving: Moving | null;
}

/** How long a connection is kept that nothing goes over. */
const IDLE_MS = 20_000;
/** After so long on a line with another owner no picture of the one before is under way any more. */
const FRESH_MS = 250;

const ASK_CAMERA: MediaTrackConstraints = { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 15, max: 15 } };
const ASK_SCREEN: MediaTrackConstraints = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 10 } };

export class OwnVideo {
  readonly state: Readonly<Record<VideoKind, ReturnType<typeof signal<OwnPicture>>>> = { camera: signal<OwnPicture>("off"), screen: signal<OwnPicture>("off") };
  /** One's own camera, to look at oneself. */
  readonly mirror = signal<MediaStream | null>(null);
  /** What can be seen from here now. */
  readonly pictures = signal<readonly Picture[]>([]);
  /** Whose screen is open large. */
  readonly large = signal<number | null>(null);
  readonly peer: VideoPeer;
  private readonly tracks: Record<VideoKind, MediaStreamTrack | null> = { camera: null, screen: null };
  private readonly slots = signal<readonly VideoSlot[]>([]);
  /** Tracks that have shown somebody. */
  private readonly used = new WeakSet<MediaStreamTrack>();
  private epoch: number | null = null;
  private down = false;
  private idle = 0;

  readonly screens = computed(() => this.pictures.value.filter(({ kind }) => kind === "screen"));
  readonly cameras = computed(() => this.pictures.value.filter(({ kind }) => kind === "camera"));
  /** How many see one's screen and one's camera. */
  readonly seenBy = computed(() => {
    const own = this.slots.value.filter(({ slot }) => slot === this.store.you.value?.slot);
    const count = (wanted: VideoKind): number => own.find(({ kind }) => kind === wanted)?.seen_by ?? 0;
    return { camera: count("camera"), screen: count("screen") };
  });

  constructor(
    private readonly store: Store,
    private readonly office: OfficeClient,
    private readonly way: ReadonlySignal<RTCConfiguration>,
  ) {
    this.peer = new VideoPeer({
      offer: (sdp, generation) => void office.send({ t: "video_offer", sdp, generation }),
      close: () => void office.send({ t: "video_close" }),
      state: () => this.look(),
      reachable: () => store.link.peek().kind === "open" && store.officeSound.peek()?.up !== false,
    });
    office.listen({
      welcomed: (welcome) => this.welcomed(welcome),
      soundState: (state) => this.officeSounds(state),
      videoAnswer: ({ sdp, generation }) => void this.peer.answer(sdp, generation).then(() => this.look()),
      videoSlots: ({ slots }) => {
        this.slots.value = slots;
        this.look();
        this.consider();
        // An open screen that can no longer be seen closes by itself; one whose way is lost waits.
        if (!this.screens.peek().some(({ slot }) => slot === this.large.peek())) this.large.value = null;
      },
      failed: ({ code }) => this.failed(code),
    });
    // There are pictures on this path alone.
    this.peer.usePath("direct");
    effect(() => void this.peer.useWay(way.value));
    window.addEventListener("online", () => void this.peer.restart());
  }

  /** Why there are no pictures here, in words; null where there are. */
  readonly unavailable = computed(() =>
    this.store.officeSound.value?.path === "stock"
      ? "This office carries no pictures: it runs on the stock media path. Whoever runs it can start it with --media-path direct."
      : null,
  );

  /** Whether this browser can share a screen at all; those of phones cannot. */
  get canShare(): boolean {
    return navigator.mediaDevices !== undefined && "getDisplayMedia" in navigator.mediaDevices;
  }

  async toggle(kind: VideoKind): Promise<void> {
    const state = this.state[kind].peek();
    if (state === "on") this.end(kind);
    else if (state === "off") await this.begin(kind);
  }

  /** Opens the nearest shared screen large, or closes it. */
  toggleLarge(): void {
    const [first] = this.screens.peek();
    if (this.large.peek() !== null) this.large.value = null;
    else if (first !== undefined) this.large.value = first.slot;
    else this.store.notify("info", "Nobody shares a screen here. A screen is seen in the room of the one who shares it.");
  }

  leave(): void {
    this.end("screen");
    this.end("camera");
    this.peer.forgo();
    this.slots.value = [];
    this.large.value = null;
    this.look();
    this.epoch = null;
  }

  private async begin(kind: VideoKind): Promise<void> {
    const trouble = this.unavailable.peek() ?? (kind === "screen" && !this.canShare ? CANNOT_SHARE : null) ?? (navigator.mediaDevices === undefined ? INSECURE : null);
    if (trouble !== null) {
      this.store.notify("warn", trouble);
      return;
    }
    this.state[kind].value = "asking";
    try {
      const stream = await (kind === "screen"
        ? navigator.mediaDevices.getDisplayMedia({ video: ASK_SCREEN, audio: false })
        : navigator.mediaDevices.getUserMedia({ video: ASK_CAMERA }));
      this.adopt(kind, stream.getVideoTracks()[0]!);
    } catch (fault) {
      this.state[kind].value = "off";
      this.store.notify("info", wordsForRefusal(kind, fault instanceof DOMException ? fault.name : ""));
    }
  }

  private adopt(kind: VideoKind, track: MediaStreamTrack): void {
    this.tracks[kind] = track;
    if (kind === "screen") track.contentHint = "detail";
    else this.mirror.value = new MediaStream([track]);
    track.onended = () => {
      if (this.tracks[kind] !== track) return;
      this.end(kind);
      if (kind === "camera") this.store.notify("info", "The camera was unplugged or stopped. Press K to turn it on again.");
    };
    this.state[kind].value = "on";
    void this.peer.use(kind, track);
    this.tell();
    this.consider();
  }

  private end(kind: VideoKind): void {
    const track = this.tracks[kind];
    if (track === null) return;
    this.tracks[kind] = track.onended = null;
    track.stop();
    if (kind === "camera") this.mirror.value = null;
    this.state[kind].value = "off";
    void this.peer.use(kind, null);
    this.tell();
    this.consider();
  }

  private tell(): void {
    this.office.send({ t: "share", screen: this.tracks.screen !== null, camera: this.tracks.camera !== null });
  }

  private welcomed(welcome: ServerMessageOf<"welcome">): void {
    if (this.tracks.screen !== null || this.tracks.camera !== null) this.tell();
    if (!welcome.resumed) this.epoch = null;
    if (!welcome.resumed || this.peer.state === "none") this.peer.redial();
    else if (!this.peer.up) void this.peer.restart();
  }

  private officeSounds(state: ServerMessageOf<"sound_state">): void {
    const fresh = this.epoch !== null && (state.epoch !== this.epoch || this.down);
    this.epoch = state.epoch;
    this.down = !state.up;
    if (this.down) {
      this.peer.pause();
      this.look();
    } else if (fresh) this.peer.redial();
  }

  private failed(code: string): void {
    if (code === "screens_full" || code === "no_video") this.end("screen");
    if (code === "no_video") this.end("camera");
    if (code === "video_offer" || code === "video_restarting") this.peer.refused();
  }

  /** Connects when there is something to send or to see, and hangs up some time after there is nothing. */
  private consider(): void {
    window.clearTimeout(this.idle);
    const own = this.store.you.peek()?.slot;
    const needed = this.tracks.screen !== null || this.tracks.camera !== null || this.slots.peek().some(({ slot }) => slot !== own);
    if (needed && this.unavailable.peek() === null) this.peer.want(this.way.peek());
    else this.idle = window.setTimeout(() => this.peer.forgo(), IDLE_MS);
  }

  /** Puts together what the office says that the lines show with what comes on them. */
  private look(): void {
    const own = this.store.you.peek()?.slot;
    const before = this.pictures.peek();
    const now = this.slots.peek().flatMap(({ mid, slot, kind }): Picture[] => {
      if (slot === own) return [];
      const track = this.peer.track(mid);
      // The same picture keeps its stream, so that nothing that plays it begins anew.
      const known = before.find((one) => one.slot === slot && one.kind === kind && (one.moving?.stream.getTracks()[0] ?? null) === track);
      return [known ?? { slot, kind, moving: track === null ? null : this.movingOn(track) }];
    });
    if (now.length !== before.length || now.some((one, index) => one !== before[index])) this.pictures.value = now;
  }

  private movingOn(track: MediaStreamTrack): Moving {
    const freshAt = this.used.has(track) ? performance.now() + FRESH_MS : 0;
    this.used.add(track);
    return { stream: new MediaStream([track]), freshAt };
  }
}

const INSECURE = "Browsers give the camera and the screen only to pages over HTTPS or on localhost. Ask whoever runs this office to start it with --tls self-signed.";
const CANNOT_SHARE = "This browser cannot share a screen. A browser on a computer can.";

/** What a person can do about each refusal of the browser. */
function wordsForRefusal(kind: VideoKind, name: string): string {
  if (kind === "screen") {
    return name === "NotAllowedError"
      ? "No screen is shared. Press I to choose a window or a screen; if you were not asked, allow screen recording for the browser in your system's settings."
      : "The screen could not be shared. Press I to try again.";
  }
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "The browser does not let this page use the camera. Allow it at the left of the address bar, then press K.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "No camera was found. Plug one in, then press K.";
    default:
      return "The camera could not be opened. Close other programs that use it, then press K.";
  }
}
