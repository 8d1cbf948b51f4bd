/** Inside the office: the room is the picture, and everything else stands at its edges. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { useApp } from "../app";
import { ListView } from "../list/listView";
import { listenForShortcuts } from "../shortcuts";
import { Announcer, Speakers } from "./announcer";
import { CameraStrip } from "./cameras";
import { Captions } from "./captions";
import { Coach } from "./coach";
import { Dock, SoundHint } from "./dock";
import { Find } from "./find";
import { ItemCards } from "./itemCards";
import { Lost } from "./lost";
import { Minimap } from "./minimap";
import { LargeScreen, ScreenPills } from "./screens";
import { SidePanel } from "./sidePanel";
import { TopBar } from "./topBar";

export function Office(): JSX.Element {
  const app = useApp();
  const { store } = app;
  const list = store.listView.value;
  const away = store.link.value.kind !== "open";

  useEffect(() => listenForShortcuts(app), [app]);
  useEffect(() => {
    if (store.settings.value.listView) store.listView.value = true;
    if (!store.settings.value.coached && !store.listView.value) store.coaching.value = 1;
  }, [store]);

  return (
    <div class={`office${list ? " office-list" : ""}${away ? " office-away" : ""}`}>
      <TopBar />
      {list ? <ListView /> : <SidePanel />}
      <LargeScreen />
      {!list && <CameraStrip />}
      <div class="office-foot">
        {!list && store.settings.value.captions && store.panel.value !== "captions" && <Captions />}
        <ItemCards />
        <SoundHint />
        <ScreenPills />
        <Dock />
      </div>
      {!list && store.settings.value.minimap && <Minimap />}
      {store.finding.value && <Find />}
      {!list && <Coach />}
      <Lost />
      <Announcer />
      {store.settings.value.captions && <Speakers />}
    </div>
  );
}
