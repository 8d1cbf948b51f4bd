"""Tasks as CSV that a spreadsheet opens cleanly: UTF-8 with a mark, RFC 4180, no formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from server.exports.words import STATE_NAMES, one_line
from workflows.task import Task

COLUMNS = ("Task", "Owner", "Due", "State", "Confidence", "Words it came from", "Noted (UTC)", "Id")
BYTE_ORDER_MARK = "\ufeff"
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the wide forms of the first: some spreadsheets compute them too."""


def tasks_csv(tasks: Iterable[Task]) -> str:
    """Write tasks as a table, one row each under a heading."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for task in tasks:
        writer.writerow(
            [
                guarded(task.text),
                guarded(task.owner_name or ""),
                task.due.isoformat() if task.due else "",
                STATE_NAMES[task.state],
                f"{task.confidence:.2f}",
                guarded(task.source_words),
                f"{task.created_at:%Y-%m-%d %H:%M:%S}",
                task.id,
            ]
        )
    return BYTE_ORDER_MARK + out.getvalue()


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would compute."""
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line
