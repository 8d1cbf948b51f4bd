/** Which page this is, with the office's picture behind the entry and the office. */

import { effect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { type App, AppContext, useApp } from "./app";
import { Entry } from "./entry/entry";
import { Office } from "./office/office";
import { Notices } from "./office/notices";
import { Picture } from "./picture";

export function Root({ app }: { app: App }): JSX.Element {
  return (
    <AppContext.Provider value={app}>
      <Shell />
    </AppContext.Provider>
  );
}

function Shell(): JSX.Element {
  const { store } = useApp();
  const phase = store.phase.value;
  useEffect(() => dress(store.settings), [store]);
  return (
    <div class={`shell shell-${phase === "office" ? "office" : "entry"}`}>
      <Picture />
      {phase === "office" ? <Office /> : <Entry />}
      <Notices />
    </div>
  );
}

/** Puts theme, motion and how captions look where the style sheets see them. */
export function dress(settings: App["store"]["settings"]): () => void {
  return effect(() => {
    const { theme, motion, captionSize, captionContrast } = settings.value;
    const root = document.documentElement;
    root.dataset["theme"] = theme;
    root.dataset["motion"] = motion;
    root.dataset["captions"] = captionSize;
    root.dataset["contrast"] = captionContrast;
  });
}
