/** The 3D picture: loaded after the first paint, and left out where it cannot be drawn. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { useApp } from "./app";

const NO_WEBGL = "This browser cannot draw in 3D, so you see the list view. Everything works here too.";

export function Picture(): JSX.Element {
  const app = useApp();
  const { store, world } = app;
  const host = useRef<HTMLDivElement>(null);
  const plan = store.plan.value;
  const inside = store.phase.value === "office";
  const { theme, quality, camera, motion } = store.settings.value;
  const hidden = inside && store.listView.value;

  useEffect(() => {
    if (plan !== null) world.usePlan(plan);
  }, [plan, world]);

  useEffect(() => {
    const place = host.current;
    if (plan === null || place === null) return;
    let gone = false;
    const build = async (): Promise<void> => {
      try {
        if (!canDraw()) throw new Error(NO_WEBGL);
        const { Stage } = await import("../scene/stage");
        if (gone) return;
        const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
        const stage = new Stage(place, plan, { reducedMotion: world.reducedMotion, theme: dark ? "dark" : "light", quality });
        stage.onGroundClick((x, z, run) => store.phase.value === "office" && app.actions.walkTo(x, z, run));
        stage.onSeatClick((seat) => store.phase.value === "office" && app.actions.sit(seat));
        stage.onPersonClick((slot) => store.phase.value === "office" && app.actions.goTo(slot));
        stage.onScreenClick((slot) => (app.video.large.value = slot));
        stage.onBoardClick((question) => {
          if (store.phase.value !== "office") return;
          if (question === null) app.actions.open("board");
          else app.actions.showQuestion(question);
        });
        if (!(store.phase.value === "office" && store.listView.value)) stage.start();
        world.stage = stage;
        stage.setMode(store.phase.value === "office" ? store.settings.value.camera : "orbit");
        store.sceneFault.value = null;
      } catch (fault) {
        console.warn("There is no 3D picture:", fault);
        store.sceneFault.value = NO_WEBGL;
        store.listView.value = true;
      }
    };
    void build();
    return () => {
      gone = true;
      world.stage?.dispose();
      world.stage = null;
    };
  }, [plan, theme, quality, motion, world]);

  useEffect(() => world.stage?.setMode(inside ? camera : "orbit"), [inside, camera, world]);

  useEffect(() => {
    if (hidden) world.stage?.stop();
    else world.stage?.start();
  }, [hidden, world]);

  return (
    <div class="picture" hidden={hidden} role={inside ? "main" : "region"} aria-label="The room">
      <div ref={host} class="picture-host" role="img" aria-label="The office in three dimensions. The list view (key L) shows the same as text." />
    </div>
  );
}

function canDraw(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}
