"""When deadlines end: days end at the office's midnight, whatever its clocks do; instants are absolute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.workflows.core.play import NOW, Play, definition
from workflows.deadlines import running
from workflows.definition import Definition
from workflows.effects import ClearDeadline, SetDeadline
from workflows.parts import Rules

BERLIN = ZoneInfo("Europe/Berlin")
DUE = """
initial: a
states: {a: {on: {set: {do: due = event.due}, ring: b, leave: b}}, b: {on: {back: a}}}
deadlines: {due: {in: a, at: data.due, event: ring}}
"""
RULES = definition(DUE)


def end_of(value: object, zone: tzinfo = BERLIN) -> datetime | None:
    """When a deadline ends that the data sets so."""
    found = running(RULES, {"a"}, {"due": value}, NOW.astimezone(zone))
    return found.get("due")


@pytest.mark.parametrize(
    ("due", "end"),
    [
        ("2026-11-27", "2026-11-27T23:00:00"),
        ("2026-06-27", "2026-06-27T22:00:00"),
        ("2026-03-28", "2026-03-28T23:00:00"),
        ("2026-03-29", "2026-03-29T22:00:00"),  # 23 hours long
        ("2026-10-24", "2026-10-24T22:00:00"),
        ("2026-10-25", "2026-10-25T23:00:00"),  # 25 hours long
        ("2028-02-28", "2028-02-28T23:00:00"),  # a leap year: the 29th follows
        ("2028-02-29", "2028-02-29T23:00:00"),
        ("2038-01-18", "2038-01-18T23:00:00"),
        ("2038-01-19", "2038-01-19T23:00:00"),  # past the last second of 32 bits
        ("2106-02-07", "2106-02-07T23:00:00"),
        ("9999-12-30", "9999-12-30T23:00:00"),
    ],
)
def test_a_due_day_ends_at_midnight_in_the_office(due: str, end: str) -> None:
    assert end_of(due) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_a_day_ends_where_its_midnight_does_not_exist() -> None:
    santiago = ZoneInfo("America/Santiago")  # its clocks go forward at midnight: the day begins at one
    assert end_of("2026-09-05", santiago) == datetime(2026, 9, 6, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "end"),
    [
        ("2026-11-27T10:00:00Z", "2026-11-27T10:00:00"),
        ("2026-11-27T10:00:00+05:30", "2026-11-27T04:30:00"),
        ("2026-11-27T10:00", "2026-11-27T09:00:00"),
        ("2026-03-29T02:30", "2026-03-29T01:30:00"),  # does not exist in Berlin: counted from before the leap
        ("2026-10-25T02:30", "2026-10-25T00:30:00"),  # is there twice: the first of them
        ("2038-01-19T03:14:08Z", "2038-01-19T03:14:08"),
    ],
)
def test_an_instant_is_that_of_its_zone_or_of_the_office(due: str, end: str) -> None:
    assert end_of(due) == datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [None, 5, ["2026-11-27"], "", "soon", "2027-02-29", "9999-12-31", "0001-01-01T00:00:00+12:00"]
)
def test_what_names_no_instant_sets_no_deadline(value: object) -> None:
    assert end_of(value) is None


@given(st.dates(date(1971, 1, 1), date(9999, 12, 29)), st.sampled_from(["Europe/Berlin", "Asia/Tokyo", "UTC"]))
@example(date(2026, 3, 29), "Europe/Berlin")
@example(date(2026, 10, 25), "Europe/Berlin")
def test_the_day_after_begins_at_the_end_of_a_day(day: date, zone: str) -> None:
    end = end_of(day.isoformat(), ZoneInfo(zone))
    assert end is not None
    assert end.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(day + timedelta(1), time())


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1), timezones=st.timezones()),
    st.sampled_from(["Europe/Berlin", "America/Lima"]),
)
def test_an_instant_with_its_zone_means_the_same_everywhere(at: datetime, zone: str) -> None:
    assert end_of(at.isoformat(), ZoneInfo(zone)) == datetime.fromisoformat(at.isoformat())


@pytest.mark.parametrize("active", [set(), {"b"}])
def test_a_deadline_runs_in_its_states_alone(active: set[str]) -> None:
    assert running(RULES, active, {"due": "2026-11-27"}, NOW) == {}


def test_one_that_counts_from_its_beginning_has_no_end_of_its_own() -> None:
    rules = definition(DUE.replace("at: data.due", "after: 5 s"))
    assert running(rules, {"a"}, {}, NOW) == {"due": None}


def test_a_function_may_say_when() -> None:
    def tomorrow(data: Any, now: datetime) -> datetime | None:
        return now + timedelta(days=1) if data else None

    rules = Rules(instants={"tomorrow": tomorrow})
    text = DUE.replace("at: data.due", "at: tomorrow")
    play = Play(definition(text, rules), {"x": 1})
    assert [one.at for one in play.of(SetDeadline)] == [NOW + timedelta(days=1)]
    assert Play(definition(text, rules)).of(SetDeadline) == []


# --- armed and cleared -------------------------------------------------------------------------------------------


def armed(play: Play) -> list[tuple[str, datetime | None]]:
    """Timers that the last event sets, or clears (None), in order."""
    return [
        (one.name, one.at if isinstance(one, SetDeadline) else None)
        for one in play.effects
        if isinstance(one, SetDeadline | ClearDeadline)
    ]


def test_a_deadline_follows_the_data() -> None:
    play = Play(RULES, {"due": "2026-11-27"}, now=NOW.astimezone(BERLIN))
    first = datetime(2026, 11, 27, 23, tzinfo=UTC)
    assert armed(play) == [("due", first)]
    play.send("set", {"due": "2026-11-28"})
    assert armed(play) == [("due", first + timedelta(days=1))]
    play.send("set", {"due": "2026-11-28T23:00:00Z"})
    assert armed(play) == [], "the same instant in other words"
    play.send("set", {"due": None})
    assert armed(play) == [("due", None)]
    play.send("set", {"due": "2026-11-27"})
    play.send("leave")
    assert armed(play) == [("due", None)]


AFTER = """
initial: a
states:
  a: {on: {next: b, again: a, stay: {do: x = event.x}, out: c, ring: c}}
  b: {on: {next: a, ring: c}}
  c: {on: {back: a}}
deadlines: {late: {in: [a, b], after: 1 h, event: ring}}
"""


def test_a_deadline_after_a_while_counts_from_when_the_first_of_its_states_was_entered() -> None:
    play = Play(AFTER)
    assert armed(play) == [("late", NOW + timedelta(hours=1))]
    play.now += timedelta(minutes=30)
    for event, data in (("stay", {"x": 1}), ("next", {}), ("next", {}), ("again", {})):
        play.send(event, data)
        assert armed(play) == [], event
    play.send("out")
    assert armed(play) == [("late", None)]
    play.send("back")
    assert armed(play) == [("late", play.now + timedelta(hours=1))]


def through(*events: str) -> Definition:
    """From `a` out of its states and back again by one event."""
    text = AFTER.replace("back: a}", f"back: a}}, always: {{to: {events[0]}}}")
    return definition(text)


def test_a_deadline_whose_states_were_left_and_entered_again_begins_anew() -> None:
    play = Play(through("b"))
    play.now += timedelta(minutes=30)
    play.send("out")
    assert play.state == "b"
    assert armed(play) == [("late", play.now + timedelta(hours=1))]


def test_an_armed_instant_does_not_depend_on_where_the_office_is() -> None:
    before = Play(AFTER, now=datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN))  # the first half past two
    after = Play(AFTER, now=datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN))
    ((_, first),), ((_, second),) = armed(before), armed(after)
    assert first is not None
    assert second is not None
    assert (first, second - first) == (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), timedelta(hours=1))
    leap = Play(AFTER, now=datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN))
    assert armed(leap) == [("late", datetime(2026, 3, 29, 1, 30, tzinfo=UTC))]
