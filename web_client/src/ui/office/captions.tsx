/** The last two things said, above the dock; settled words in ink, the rest fainter. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { type CaptionView, latest } from "../../state/captions";
import { useApp } from "../app";

const SHOWN = 2;

export function Captions(): JSX.Element {
  const { store } = useApp();
  const now = useSignal(performance.now());
  useEffect(() => {
    const timer = window.setInterval(() => (now.value = performance.now()), 1000);
    return () => window.clearInterval(timer);
  }, [now]);
  const lines = latest(store.captions.value, Math.max(now.value, performance.now()), SHOWN);
  return (
    <div class="captions" role="log" aria-label="Captions" aria-live="off">
      {lines.map((line) => (
        <CaptionText key={line.id} line={line} />
      ))}
    </div>
  );
}

function CaptionText({ line }: { line: CaptionView }): JSX.Element {
  return (
    <p class="caption" data-final={line.final}>
      <strong>{line.name}</strong>
      {line.kind === "avatar" && <span class="badge badge-ai">AI</span>}{" "}
      <span>{line.text.slice(0, line.settled)}</span>
      <span class="caption-unsettled">{line.text.slice(line.settled)}</span>
    </p>
  );
}
