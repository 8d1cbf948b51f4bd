/** The office is greyed while it is out of reach, with the seconds until the next try. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { useApp } from "../app";
import { Button } from "../controls";

export function Lost(): JSX.Element | null {
  const { store, office } = useApp();
  const link = store.link.value;
  const now = useSignal(performance.now());
  useEffect(() => {
    if (link.kind === "open") return;
    now.value = performance.now();
    const timer = window.setInterval(() => (now.value = performance.now()), 250);
    return () => window.clearInterval(timer);
  }, [link.kind]);
  if (link.kind === "open" || link.kind === "idle" || link.kind === "closed") return null;
  const seconds = link.kind === "waiting" ? Math.max(0, Math.ceil((link.until - now.value) / 1000)) : 0;
  const offline = link.kind === "waiting" && link.offline;
  return (
    <div class="lost" role="status">
      <span class="dot dot-clay" aria-hidden="true" />
      <p>
        <strong>{offline ? "This machine is offline" : "Connection lost"}</strong>
        <span class="figures">{seconds > 0 ? ` Reconnecting, ${seconds} s` : " Reconnecting"}</span>
      </p>
      <Button label="Try now" small onClick={() => office.retryNow()} />
    </div>
  );
}
