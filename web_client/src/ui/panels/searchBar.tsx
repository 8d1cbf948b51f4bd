/** The field that finds words in what was said, with how many there are and the way from one to the next. */

import type { JSX } from "preact";

import { IconButton } from "../controls";
import { Icon } from "../icons";

export function SearchBar({ query, count, current, search, step }: {
  query: string;
  /** How many matches there are. */
  count: number;
  /** Which of them one is at. */
  current: number;
  search: (query: string) => void;
  step: (by: 1 | -1) => void;
}): JSX.Element {
  const searching = query.trim() !== "";
  return (
    <div class="said-search" role="search" aria-label="What was said">
      <Icon name="search" size={16} />
      <input
        type="text"
        enterkeyhint="search"
        aria-label="Search what was said"
        placeholder="Search what was said"
        maxLength={100}
        value={query}
        onInput={(event) => search(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.isComposing) {
            event.preventDefault();
            step(event.shiftKey ? -1 : 1);
          } else if (event.key === "Escape" && query !== "") {
            event.stopPropagation();
            search("");
          }
        }}
      />
      <span class="said-count figures quiet" role="status">
        {searching && (count === 0 ? "Nothing found" : `${current + 1} of ${count}`)}
      </span>
      {searching && (
        <>
          <IconButton label="Previous match" icon="up" keys="Shift+Enter" disabled={count === 0} onClick={() => step(-1)} />
          <IconButton label="Next match" icon="down" keys="Enter" disabled={count === 0} onClick={() => step(1)} />
          <IconButton label="End the search" icon="close" keys="Esc" onClick={() => search("")} />
        </>
      )}
    </div>
  );
}
