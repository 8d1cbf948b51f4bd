"""What holds of every day that is read, whatever is said around it and whenever."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars import dates
from avatars.amounts import working_days
from avatars.verbs import word_set
from avatars.words import MONTHS, WEEKDAYS, norms, tokenise

_TODAY = st.dates(date(2024, 1, 1), date(2032, 12, 31))
_WEEKDAY = st.sampled_from(WEEKDAYS)
_VOCABULARY = sorted(
    word_set("""
a after again ago agreed an and april at away be before between but by christmas close cob could day days did
do due each early end eod eve every far few first five for fortnight four friday from had half have he hour i
in is it july june last late later latest like made make march may mean mid minutes monday month more my net
next no noon not of off on one or other our over past please q3 quarter second sent she since so sorry start
ten than that the third this three through thursday till time to today tomorrow twenty two until up wait was
we wednesday week weekend weeks will within working year 1 3rd 12/31 15 15th 24.12. 30 2027 2027-03-31 3mar
17:00 5pm
""")
)


def _day(text: str, today: date) -> date | None:
    found = dates.strongest(dates.find(norms(tokenise(text)), datetime.combine(today, time(9))))
    return found.day if found else None


def _talk() -> list[tuple[str, str, str]]:
    with Path(__file__).with_name("date_talk.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["text"], row["moment"], row["zone"]) for row in rows]


@given(st.lists(st.sampled_from(_VOCABULARY), max_size=12), _TODAY)
def test_any_words_give_phrases_in_order_and_no_day_that_is_over(words: list[str], today: date) -> None:
    end = 0
    for found in dates.find(words, datetime.combine(today, time(9))):
        assert end <= found.start < found.end <= len(words)
        assert found.day is None or found.day >= today
        end = found.end


@given(st.sampled_from(_talk()), st.sampled_from(["um", "uh", "er", "hmm"]), st.data())
def test_a_filler_changes_no_day(row: tuple[str, str, str], filler: str, data: st.DataObject) -> None:
    text, moment, zone = row
    now = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
    words = norms(tokenise(text))
    place = data.draw(st.integers(0, len(words)))
    said, plain = dates.find([*words[:place], filler, *words[place:]], now), dates.find(words, now)
    assert [(found.day, found.phrase, found.binding) for found in said] == [
        (found.day, found.phrase, found.binding) for found in plain
    ]


@given(_WEEKDAY, _WEEKDAY, st.sampled_from(["no", "sorry", "i mean", "no wait", "actually", "make that"]), _TODAY)
def test_what_is_said_last_of_a_correction_holds(first: str, last: str, turn: str, today: date) -> None:
    assert _day(f"send it by {first} {turn} {last}", today) == _day(f"send it by {last}", today)


@given(_WEEKDAY, _WEEKDAY, _TODAY)
def test_what_is_denied_is_no_day(denied: str, meant: str, today: date) -> None:
    assert _day(f"not on {denied} but on {meant}", today) == _day(f"on {meant}", today)
    assert _day(f"do it on {meant}, not on {denied}", today) == _day(f"do it on {meant}", today)


@pytest.mark.parametrize(
    "story", ["we sent it", "it broke", "she called", "the server crashed", "I was ill", "he paid"]
)
@given(day=_WEEKDAY, today=_TODAY)
def test_a_day_of_a_story_is_no_deadline(story: str, day: str, today: date) -> None:
    assert _day(f"{story} on {day}", today) is None
    assert _day(f"on {day} {story}", today) is None
    assert _day(f"{story} on {day}, please answer by tomorrow", today) == today + timedelta(days=1)


@given(st.integers(1, 365), _TODAY)
def test_so_many_days_are_counted(number: int, today: date) -> None:
    later = today + timedelta(days=number)
    assert _day(f"in {number} days", today) == later
    assert _day(f"{number} days from today", today) == later
    assert _day(f"net {number} from today", today) == later


@given(st.integers(1, 90), st.integers(1, 28), st.sampled_from(MONTHS), _TODAY)
def test_days_after_a_date_are_counted_from_it(number: int, day: int, month: str, today: date) -> None:
    found = _day(f"it is payable {number} days after {day} {month}", today)
    assert found is not None
    counted_from = found - timedelta(days=number)
    assert (counted_from.day, MONTHS[counted_from.month - 1]) == (day, month)
    assert today <= found < today + timedelta(days=367)


@given(st.integers(1, 40), _TODAY)
def test_working_days_there_and_back_are_as_many(number: int, today: date) -> None:
    there = working_days(today, number)
    assert there.weekday() < 5
    days = (today + timedelta(days=step) for step in range(1, (there - today).days + 1))
    assert sum(day.weekday() < 5 for day in days) == number
    back = working_days(there, -number)
    assert back.weekday() < 5
    assert back <= today


@given(st.integers(1, 28), st.sampled_from(MONTHS), _TODAY)
def test_a_date_of_the_year_is_the_next_one_however_it_is_written(day: int, month: str, today: date) -> None:
    found = _day(f"by {day} {month}", today)
    assert found is not None
    assert (found.day, MONTHS[found.month - 1]) == (day, month)
    assert 0 <= (found - today).days <= 366
    for text in (
        f"by {month} {day}",
        f"by the {day} of {month}",
        f"by {day}-{month[:3]}",
        f"by {found.isoformat()}",
    ):
        assert _day(text, today) == found
