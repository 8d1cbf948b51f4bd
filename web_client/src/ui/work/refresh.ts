/** Asks again and again while a page is looked at, and at once when one comes back to it. */

import { useEffect } from "preact/hooks";

/** `load` is never under way twice; `keys` begin it anew. */
export function useRefresh(load: () => Promise<void>, everyMs: number, keys: readonly unknown[]): void {
  useEffect(() => {
    let asking = false;
    let over = false;
    const again = (): void => {
      if (asking || over || document.hidden) return;
      asking = true;
      void load().finally(() => (asking = false));
    };
    again();
    const timer = setInterval(again, everyMs);
    document.addEventListener("visibilitychange", again);
    return () => {
      over = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, keys);
}
