"""Due phrases by table, counted from Friday, 2026-11-20, unless a row says another day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars import dates
from avatars.words import WEEKDAYS, norms, tokenise

FRIDAY = datetime(2026, 11, 20, 10, 0)

WORDS = (
    "by", "the", "end", "of", "next", "week", "friday", "in", "two", "a", "month", "third", "december",
    "on", "and",
)  # fmt: skip


RAISED = ("send it by ¹", "on the ¹ of may", "by ¹²", "by the ³rd", "at ²", "by ¹-²-³", "in q² days")


@pytest.mark.parametrize("text", RAISED)
def test_raised_figures_are_no_numbers_and_break_nothing(text: str) -> None:
    assert due(text) is None


def due(text: str, now: datetime = FRIDAY) -> tuple[str | None, str] | None:
    found = dates.strongest(dates.find(norms(tokenise(text)), now))
    return None if found is None else (found.day.isoformat() if found.day else None, found.phrase)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("by friday", "2026-11-27"),
        ("by friday at", "2026-11-27"),
        ("by monday morning", "2026-11-23"),
        ("on thursday", "2026-11-26"),
        ("this friday", "2026-11-20"),
        ("next friday", "2026-11-27"),
        ("next monday", "2026-11-23"),
        ("before wednesday", "2026-11-25"),
        ("until friday", "2026-11-27"),
        ("no later than thursday", "2026-11-26"),
        ("by monday at the latest", "2026-11-23"),
        ("wednesday latest", "2026-11-25"),
        ("by 3 pm on monday", "2026-11-23"),
        ("on monday at three", "2026-11-23"),
        ("by thursday noon", "2026-11-26"),
        ("first thing monday", "2026-11-23"),
        ("by close of business friday", "2026-11-27"),
        ("on tuesday next week", "2026-11-24"),
        ("next week tuesday", "2026-11-24"),
        ("a week from monday", "2026-11-30"),
        ("monday week", "2026-11-30"),
        ("today", "2026-11-20"),
        ("tonight", "2026-11-20"),
        ("this afternoon", "2026-11-20"),
        ("by the end of the day", "2026-11-20"),
        ("by end of day", "2026-11-20"),
        ("by EOD", "2026-11-20"),
        ("by noon", "2026-11-20"),
        ("by five o'clock", "2026-11-20"),
        ("in an hour", "2026-11-20"),
        ("tomorrow", "2026-11-21"),
        ("by tomorrow evening", "2026-11-21"),
        ("by end of day tomorrow", "2026-11-21"),
        ("the day after tomorrow", "2026-11-22"),
        ("this week", "2026-11-20"),
        ("by the end of the week", "2026-11-20"),
        ("next week", "2026-11-27"),
        ("by the end of next week", "2026-11-27"),
        ("early next week", "2026-11-23"),
        ("by the weekend", "2026-11-20"),
        ("over the weekend", "2026-11-22"),
        ("by the end of the month", "2026-11-30"),
        ("end of the month", "2026-11-30"),
        ("by the and of the month", "2026-11-30"),
        ("by the end of november", "2026-11-30"),
        ("next month", "2026-12-31"),
        ("by end of next month", "2026-12-31"),
        ("in december", "2026-12-31"),
        ("by the end of the quarter", "2026-12-31"),
        ("by the end of the year", "2026-12-31"),
        ("by march", "2027-03-01"),
        ("in two weeks", "2026-12-04"),
        ("in to weeks", "2026-12-04"),
        ("within ten days", "2026-11-30"),
        ("in three working days", "2026-11-25"),
        ("in the next two weeks", "2026-12-04"),
        ("in a couple of days", "2026-11-22"),
        ("in a month", "2026-12-20"),
        ("the 27th", "2026-11-27"),
        ("on the twenty seventh", "2026-11-27"),
        ("on the twenty-seventh", "2026-11-27"),
        ("by the fifteenth", "2026-12-15"),
        ("by the twentieth", "2026-11-20"),
        ("by the 3rd of next month", "2026-12-03"),
        ("by the third of december", "2026-12-03"),
        ("by december third", "2026-12-03"),
        ("by december 3rd", "2026-12-03"),
        ("on 3 December 2026", "2026-12-03"),
        ("on the 3rd of january", "2027-01-03"),
        ("by friday the twenty seventh", "2026-11-27"),
        ("on thursday the third of december", "2026-12-03"),
        ("by 2026-12-03", "2026-12-03"),
        ("by 03.12.2026", "2026-12-03"),
        ("buy friday", "2026-11-27"),
        ("next weak", "2026-11-27"),
    ],
)
def test_a_phrase_is_a_day(text: str, day: str) -> None:
    found = due(text)
    assert found is not None
    assert found[0] == day


@pytest.mark.parametrize(
    "text",
    [
        "before the board meeting",
        "as soon as possible",
        "by the next release",
        "before christmas",
        "in the next few days",
        "at some point",
    ],
)
def test_what_cannot_be_resolved_keeps_its_words(text: str) -> None:
    assert due(f"send the budget {text}") == (None, text)


@pytest.mark.parametrize(
    "text",
    [
        "send the budget",
        "prepare the slides for the friday meeting",
        "monday's call",
        "since friday",
        "every friday",
        "last tuesday",
        "from monday on",
        "move the launch to december",
        "the first draft",
        "the one on the table",
        "we may send it",
        "march on",
        "raise it by five percent",
        "like the second floor",
    ],
)
def test_no_deadline_is_made_up(text: str) -> None:
    found = due(text)
    assert found is None


def test_said_on_a_friday_by_friday_is_next_weeks() -> None:
    assert due("by friday", FRIDAY) == ("2026-11-27", "by friday")
    assert due("by friday", FRIDAY - timedelta(days=1)) == ("2026-11-20", "by friday")


def test_next_friday_said_on_a_monday_is_not_this_weeks() -> None:
    assert due("next friday", datetime(2026, 11, 16, 9)) == ("2026-11-27", "next friday")


def test_a_deadline_wins_over_another_date() -> None:
    assert due("present on monday the draft and send it by friday") == ("2026-11-27", "by friday")


def test_for_a_day_belongs_to_the_thing() -> None:
    (found,) = dates.find(["book", "a", "table", "for", "friday"], FRIDAY)
    assert found.binding == 0


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.sampled_from(WEEKDAYS))
def test_a_weekday_is_always_within_the_next_seven_days(today: date, weekday: str) -> None:
    (found,) = dates.find(["by", weekday], datetime(today.year, today.month, today.day, 12))
    assert found.day is not None
    assert 1 <= (found.day - today).days <= 7
    assert found.day.weekday() == WEEKDAYS.index(weekday)


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.integers(1, 28))
def test_a_day_of_the_month_is_the_next_one(today: date, number: int) -> None:
    suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(number, "th")
    (found,) = dates.find(["by", "the", f"{number}{suffix}"], datetime(today.year, today.month, today.day))
    assert found.day is not None
    assert found.day.day == number
    assert 0 <= (found.day - today).days <= 31


@given(st.lists(st.sampled_from(WORDS)))
def test_any_words_are_read_without_a_fault(words: list[str]) -> None:
    for found in dates.find(words, FRIDAY):
        assert 0 <= found.start < found.end <= len(words)


def test_who_follows_a_day_does_not_own_it() -> None:
    (found,) = dates.find(["on", "friday", "@0", "sends", "it"], FRIDAY)
    assert found.day == date(2026, 11, 27)
    assert dates.find(["friday", "@0", "sends", "it"], FRIDAY)[0].day == date(2026, 11, 27)


@pytest.mark.parametrize(
    "text",
    [
        "in the",
        "at",
        "by the",
        "a week from",
        "in five days from",
        "the first after",
        "what was march one like before it all",
        "by h1 of the fiscal kind",
        "on friday every single time",
        "today's friday's twin",
        "it arrived in 3mar shape",
        "by 45-mar",
        "by the 40 of april",
        "a day after",
        "the day before",
        "on day 12 of the fair",
    ],
)
def test_words_that_are_cut_off_or_garbled_are_no_day(text: str) -> None:
    found = due(text)
    assert found is None or found[0] is None
