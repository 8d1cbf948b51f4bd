"""House rules that no other tool checks: file length, no package under tests, no swallowed fault."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.console import ROOT

LONGEST = 600
"""Lines; a longer source file holds a second idea."""

TABLES = {Path("avatars/training/wordlists.py")}
"""Lists of words, as long as they have to be."""

SOURCE = {".py", ".ts", ".tsx", ".css"}
SWALLOWED = re.compile(r"except(\s+(Base)?Exception)?\s*:\s*\n\s*pass\b")


def faults(root: Path, files: list[Path]) -> Iterator[str]:
    """Yield one line per broken rule.

    Args:
        root: the checkout.
        files: paths relative to it.
    """
    for file in files:
        if file.parts[0] == "tests" and file.name == "__init__.py":
            yield f"{file}: tests hold no __init__.py, or tests/server would pass for server. Remove it."
        if file.suffix not in SOURCE or not (root / file).is_file():
            continue
        text = (root / file).read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > LONGEST and file not in TABLES:
            yield f"{file}: {lines} lines, {LONGEST} are the most. Move the second idea into a file of its own."
        if file.suffix == ".py" and SWALLOWED.search(text):
            yield f"{file}: an exception is caught and dropped. Name the kind, and say why it may pass."


def tracked(root: Path) -> list[Path]:
    """Return the files git knows or would add, relative to the checkout."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(name) for name in listing.stdout.split("\0") if name]


def main() -> int:
    """Print every fault; return 1 when there is one."""
    found = list(faults(ROOT, tracked(ROOT)))
    print("\n".join(found) if found else "House rules kept.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
