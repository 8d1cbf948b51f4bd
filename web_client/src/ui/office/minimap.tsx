/** The floor plan in the corner; a click walks there. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { useApp } from "../app";

const DRAW_MS = 100;

export function Minimap(): JSX.Element | null {
  const { store, world, actions } = useApp();
  const canvas = useRef<HTMLCanvasElement>(null);
  const toWorld = useRef<((x: number, y: number) => { x: number; z: number }) | null>(null);
  const plan = store.plan.value;

  useEffect(() => {
    if (plan === null) return;
    let timer = 0;
    let gone = false;
    void import("../../scene/minimap").then(({ drawMinimap, minimapToWorld }) => {
      if (gone) return;
      toWorld.current = (x, y) => minimapToWorld(canvas.current!, plan, x, y);
      timer = window.setInterval(() => {
        if (canvas.current !== null) drawMinimap(canvas.current, plan, world.shown, store.you.value?.slot ?? -1);
      }, DRAW_MS);
    });
    return () => {
      gone = true;
      window.clearInterval(timer);
    };
  }, [plan, world, store]);

  if (plan === null) return null;
  const click = (event: MouseEvent): void => {
    const box = canvas.current?.getBoundingClientRect();
    const at = box && toWorld.current?.(event.clientX - box.left, event.clientY - box.top);
    if (at) actions.walkTo(at.x, at.z, event.shiftKey);
  };
  return (
    <section class="minimap" aria-label="Map">
      <canvas ref={canvas} width={208} height={143} role="img" aria-label="Map of the office. Click to walk there." onClick={click} />
    </section>
  );
}
