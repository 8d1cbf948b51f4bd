/** Short words from the office, at the top; they go by themselves. */

import type { JSX } from "preact";

import { useApp } from "../app";
import { IconButton } from "../controls";
import { Icon } from "../icons";

export function Notices(): JSX.Element {
  const { store } = useApp();
  return (
    <div class="notices" role="status" aria-live="polite">
      {store.notices.value.map((notice) => (
        <div key={notice.id} class={`notice notice-${notice.level}`}>
          {notice.level !== "info" && <Icon name="alert" size={18} />}
          <p>
            {notice.text} {notice.link && <a href={notice.link.href} target="_blank">{notice.link.label}</a>}
          </p>
          <IconButton label="Close" icon="close" onClick={() => store.dismiss(notice.id)} />
        </div>
      ))}
    </div>
  );
}
