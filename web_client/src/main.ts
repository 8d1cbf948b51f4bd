/** Composition root of the browser client: which page this is, and what it is made of. */

import { h, render } from "preact";

import "@fontsource-variable/inter/wght.css";
import "./styles/index.css";

import { exposeDebug } from "./ui/debug";
import { App } from "./ui/app";
import { dress, Root } from "./ui/root";
import { keepSettings } from "./state/settings";

async function start(): Promise<void> {
  const place = document.getElementById("app");
  if (place === null) throw new Error("index.html has no place for the app.");
  const page = /^\/(meetings|models|runs)(?:\/([^/]+))?\/?$/.exec(window.location.pathname);
  if (page !== null) {
    dress(keepSettings(localStorage));
    const [, name, one] = page;
    const { MeetingPage, MeetingsPage, ModelsPage, RunPage, RunsPage } = await import("./ui/pages");
    if (name === "models") render(h(ModelsPage, {}), place);
    else if (one === undefined) render(h(name === "runs" ? RunsPage : MeetingsPage, {}), place);
    else render(h(name === "runs" ? RunPage : MeetingPage, { id: decodeURIComponent(one) }), place);
    return;
  }
  const app = new App();
  exposeDebug(app);
  render(h(Root, { app }), place);
  await app.open();
}

void start();
