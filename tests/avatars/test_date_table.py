"""Every row of the date tables: what is said, the moment and place it is said, and the day it means.

`date_expressions.tsv` has phrases; `date_talk.tsv` whole sentences as people of many trades say and write them,
half of which name no day that anything is due.

The rows marked "unseen" were written after the rules and nobody changed a rule for them, so what they get right is
an honest measure of phrases that nobody thought of.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from avatars import dates
from avatars.words import norms, tokenise

_TABLE = Path(__file__).with_name("date_expressions.tsv")
_TALK = Path(__file__).with_name("date_talk.tsv")
_NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One expression; `day` is an ISO day, or "-" where no date may be given."""

    section: str
    moment: str
    zone: str
    text: str
    day: str

    @property
    def name(self) -> str:
        """The name of its test."""
        return f"{self.moment[:10]} {self.text}"


def _rows(table: Path) -> list[Row]:
    with table.open(encoding="utf-8", newline="") as lines:
        return [Row(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def _read(row: Row) -> str:
    now = datetime.fromisoformat(row.moment).astimezone(ZoneInfo(row.zone))
    found = dates.strongest(dates.find(norms(tokenise(row.text)), now))
    return found.day.isoformat() if found is not None and found.day is not None else _NONE


_ROWS = _rows(_TABLE)
_SPOKEN = _rows(_TALK)


@pytest.mark.parametrize("row", [row for row in _ROWS if row.section == "tuned"], ids=lambda row: row.name)
def test_a_row_is_read_as_meant(row: Row) -> None:
    assert _read(row) == row.day


@pytest.mark.parametrize("moment", sorted({row.moment for row in _SPOKEN}))
def test_talk_is_read_as_meant(moment: str) -> None:
    assert [(row.text, _read(row)) for row in _SPOKEN if row.moment == moment] == [
        (row.text, row.day) for row in _SPOKEN if row.moment == moment
    ]


def test_half_of_the_talk_names_no_day() -> None:
    assert 2 * sum(row.day == _NONE for row in _SPOKEN) >= len(_SPOKEN)
    assert len({(row.moment, row.text) for row in _SPOKEN}) == len(_SPOKEN) > 1800


def test_rows_nobody_tuned_for_are_mostly_read_and_seldom_made_up() -> None:
    unseen = [row for row in _ROWS if row.section == "unseen"]
    wrong = [row for row in unseen if _read(row) != row.day]
    made_up = [row for row in wrong if row.day == _NONE]
    assert 3 * len(unseen) >= len(_ROWS)
    assert 1 - len(wrong) / len(unseen) >= 0.98
    assert len(made_up) <= 1
