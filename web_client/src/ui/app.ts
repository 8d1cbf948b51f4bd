/** The client's parts put together, and the way in and out of the office. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Microphone } from "../audio/microphone";
import type { Playback } from "../audio/playback";
import { HttpProblem, wordsOf } from "../net/http";
import { readPlan } from "../net/meetings";
import { OfficeClient } from "../net/office";
import { changeMe, type Credential, endSession, forgetCredential, readLobby, readMe, startSession, takeCredential } from "../net/session";
import { keepSettings } from "../state/settings";
import { Store } from "../state/store";
import { Actions } from "./actions";
import { InboxReader } from "./inbox";
import { OwnSound } from "./ownSound";
import { OwnVideo } from "./ownVideo";
import { World } from "./world";

const INSIDE = "atrium.inside";
/** Set once this browser has signed in; the cookie itself cannot be seen from here. */
const KNOWN = "atrium.known";
const PLAN_URL = "/v1/rooms/hq/plan";
const LOBBY_MS = 5_000;

export class App {
  readonly store = new Store(keepSettings(localStorage));
  readonly office = new OfficeClient(this.store);
  readonly sound = new OwnSound(this.store, this.office);
  readonly video = new OwnVideo(this.store, this.office, this.sound.way);
  readonly output: Playback = this.sound.output;
  readonly mic: Microphone = this.sound.mic;
  readonly actions: Actions;
  readonly inbox: InboxReader;
  readonly world: World;
  private credential: Credential | null = null;
  private lobbyTimer = 0;

  constructor() {
    this.world = new World(this.store, this.office, this.video);
    this.actions = new Actions(this);
    this.inbox = new InboxReader(this.store, this.office, () => this.actions.isAsked);
    this.office.listen({ welcomed: () => sessionStorage.setItem(INSIDE, "1") });
  }

  /** Finds out who is here and shows the way in; somebody who reloads inside goes straight back in. */
  async open(): Promise<void> {
    const { store } = this;
    store.listenOnly.value = store.settings.value.listenOnly;
    store.muted.value = store.settings.value.joinMuted;
    this.credential = takeCredential();
    await this.look();
    if (store.phase.value === "entry" && store.session.value !== null && sessionStorage.getItem(INSIDE) === "1") {
      if (!store.listenOnly.value) await this.mic.open(store.settings.value.microphone);
      await this.walkIn();
    }
  }

  /** Looks in from outside: session, people, plan. Looks again while one stands at the door. */
  async look(): Promise<void> {
    const { store } = this;
    window.clearTimeout(this.lobbyTimer);
    try {
      if (store.session.value === null) await this.recognise();
      store.lobby.value = await readLobby(this.credential);
      store.phase.value = "entry";
      store.phaseText.value = "";
    } catch (fault) {
      const status = fault instanceof HttpProblem ? fault.status : 0;
      store.phaseText.value = this.credential !== null || status !== 401 ? wordsOf(fault) : "";
      store.phase.value = status === 401 || status === 403 || status === 404 || status === 410 ? "uninvited" : "unreachable";
    }
    if (store.phase.value !== "unreachable" && store.plan.value === null) await this.loadPlan();
    if (store.phase.value === "entry" || store.phase.value === "unreachable") {
      this.lobbyTimer = window.setTimeout(() => void this.lookAgain(), LOBBY_MS);
    }
  }

  /** Through the door. Throws words to stand beside the name. */
  async walkIn(): Promise<void> {
    const { store } = this;
    const { name, look } = store.settings.value;
    this.sound.prepare();
    store.phase.value = "joining";
    window.clearTimeout(this.lobbyTimer);
    try {
      store.session.value =
        store.session.value === null || this.credential !== null
          ? await startSession(this.credential, name, look)
          : await changeMe(name, look);
      this.credential = null;
      forgetCredential();
      localStorage.setItem(KNOWN, "1");
      if (store.plan.value === null) await this.loadPlan();
      this.office.enter();
    } catch (fault) {
      store.phase.value = "entry";
      this.lobbyTimer = window.setTimeout(() => void this.lookAgain(), LOBBY_MS);
      throw fault;
    }
  }

  /** Out of the door, to the entry. */
  leave(): void {
    sessionStorage.removeItem(INSIDE);
    this.sound.leave();
    this.video.leave();
    this.office.leave();
    this.store.panel.value = null;
    this.store.following.value = null;
    this.store.phaseText.value = "You left the office. Your tasks and minutes are kept.";
    this.store.phase.value = "ended";
  }

  /** Leaves and forgets who one is on this machine. */
  async signOut(): Promise<void> {
    this.leave();
    await endSession().catch(() => null);
    this.store.session.value = null;
  }

  /** Back to the door after leaving. */
  async comeBack(): Promise<void> {
    this.store.phase.value = "loading";
    await this.look();
  }

  private async recognise(): Promise<void> {
    // A first visit by link has no cookie yet; asking would only put a refusal into the browser's log.
    if (this.credential !== null && localStorage.getItem(KNOWN) === null) return;
    try {
      const session = await readMe();
      this.store.session.value = session;
      if (this.store.settings.value.name === "") {
        this.store.set("name", session.name);
        this.store.set("look", session.look);
      }
    } catch (fault) {
      if (!(fault instanceof HttpProblem) || fault.status !== 401) throw fault;
    }
  }

  private async loadPlan(): Promise<void> {
    try {
      this.store.plan.value = await readPlan(PLAN_URL);
    } catch (fault) {
      if (!(fault instanceof HttpProblem)) throw fault;
    }
  }

  private async lookAgain(): Promise<void> {
    const phase = this.store.phase.value;
    if (phase === "entry" || phase === "unreachable") await this.look();
  }
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("The panels stand outside of the app.");
  return app;
}
