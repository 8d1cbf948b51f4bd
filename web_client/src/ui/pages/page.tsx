/** The frame of the pages beside the office: title, one sentence, and the way back. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";

import { Mark } from "../icons";

export function Page({ title, sentence, back, children }: {
  title: string;
  sentence: ComponentChildren;
  back?: { href: string; label: string };
  children: ComponentChildren;
}): JSX.Element {
  useEffect(() => {
    document.title = `${title} · Atrium`;
  }, [title]);
  return (
    <div class="page">
      <header class="page-top">
        <a class="page-home" href="/">
          <Mark size={26} /> Atrium
        </a>
        <nav aria-label="Pages">
          {back && <a href={back.href}>{back.label}</a>}
          <a href="/">To the office</a>
        </nav>
      </header>
      <main class="page-body">
        <h1>{title}</h1>
        <p class="page-sentence">{sentence}</p>
        {children}
      </main>
    </div>
  );
}
