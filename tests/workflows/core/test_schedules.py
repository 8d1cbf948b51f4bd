"""When schedules start runs: cron and every so often, over changes of the clock, month ends and downtime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.schedules import (
    MOST_CAUGHT_UP,
    CatchUp,
    Cron,
    Due,
    Every,
    Schedule,
    ScheduleError,
    due,
    first_after,
    rule_of,
    upcoming,
)

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def following(every: str, start: str, count: int, timezone: str = BERLIN) -> list[str]:
    rule = rule_of(every, timezone)
    found = upcoming(rule, first_after(rule, at(start)), count)
    return [one.replace(tzinfo=None).isoformat(" ", "minutes") for one in found]


@pytest.mark.parametrize(
    ("every", "start", "expected"),
    [
        # Workdays at nine in Berlin, over a week-end and the end of summer time.
        ("0 9 * * MON-FRI", "2026-10-23 08:00", ["2026-10-26 08:00", "2026-10-27 08:00"]),
        # 2:30 does not come on 28 March 2027: it fires once, right after the gap.
        ("30 2 * * *", "2027-03-27 00:00", ["2027-03-27 01:30", "2027-03-28 01:00", "2027-03-29 00:30"]),
        # Two times in the gap are one start.
        ("0,30 2 * * *", "2027-03-27 12:00", ["2027-03-28 01:00", "2027-03-29 00:00", "2027-03-29 00:30"]),
        # Those in the gap and right after it are one start.
        ("0 2,3 * * *", "2027-03-27 12:00", ["2027-03-28 01:00", "2027-03-29 00:00", "2027-03-29 01:00"]),
        # 2:30 comes twice on 25 October 2026: it fires the first time only.
        ("30 2 * * *", "2026-10-24 12:00", ["2026-10-25 00:30", "2026-10-26 01:30"]),
        # Begun between the two.
        ("30 2 * * *", "2026-10-25 00:45", ["2026-10-26 01:30"]),
        ("30 2 * * *", "2026-10-25 01:15", ["2026-10-26 01:30"]),
        # A distance follows time as it passes, in both nights.
        ("*/30 * * * *", "2027-03-28 00:15", ["2027-03-28 00:30", "2027-03-28 01:00", "2027-03-28 01:30"]),
        ("*/30 * * * *", "2026-10-24 23:45", [f"2026-10-25 0{h}:{m}" for h in range(3) for m in ("00", "30")]),
        ("15 * * * *", "2026-10-25 00:00", ["2026-10-25 00:15", "2026-10-25 01:15", "2026-10-25 02:15"]),
        # Leap days, month ends, the last Friday.
        ("0 0 29 2 *", "2026-01-01 00:00", ["2028-02-28 23:00", "2032-02-28 23:00"]),
        ("0 12 31 * *", "2026-01-01 00:00", ["2026-01-31 11:00", "2026-03-31 10:00", "2026-05-31 10:00"]),
        ("0 12 L * *", "2026-01-30 00:00", ["2026-01-31 11:00", "2026-02-28 11:00", "2026-03-31 10:00"]),
        ("0 12 LW * *", "2026-05-01 00:00", ["2026-05-29 10:00", "2026-06-30 10:00"]),
        ("0 12 * * 5L", "2026-11-01 00:00", ["2026-11-27 11:00", "2026-12-25 11:00"]),
        # Past the end of 32 bits, and over the end of a year.
        ("14 4 19 1 *", "2038-01-01 00:00", ["2038-01-19 03:14", "2039-01-19 03:14"]),
        ("0 0 1 1 *", "2099-06-01 00:00", ["2099-12-31 23:00", "2100-12-31 23:00"]),
        # A length of time does not care for clocks.
        ("1 day", "2026-10-24 10:00", ["2026-10-25 10:00", "2026-10-26 10:00"]),
        ("1 h 30 min", "2027-03-28 00:00", ["2027-03-28 01:30", "2027-03-28 03:00"]),
    ],
)  # fmt: skip
def test_it_goes_on_as_the_clock_on_the_wall_says(every: str, start: str, expected: list[str]) -> None:
    assert following(every, start, len(expected)) == expected


def test_a_gap_at_midnight_is_passed_too() -> None:
    # In Beirut clocks went from 0:00 to 1:00 on 29 March 2026.
    expected = ["2026-03-27 22:00", "2026-03-28 22:00", "2026-03-29 21:00"]
    assert following("0 0 * * *", "2026-03-27 12:00", 3, "Asia/Beirut") == expected


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["30 2 * * *", "*/7 * * * *", "0,30 1-3 * * *", "59 23 L * *", "5 */2 * * SUN", "90 min"]),
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "UTC"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
)
def test_every_next_start_is_later_and_the_last_one_is_found_again(
    every: str, timezone: str, start: datetime
) -> None:
    rule = rule_of(every, timezone)
    found = upcoming(rule, first_after(rule, start), 40)
    assert all(one < other for one, other in pairwise([start.replace(microsecond=0), *found]))
    assert rule.last(found[0], found[-1], 100) == found
    assert rule.last(found[0], found[-1] + timedelta(seconds=1), 3) == found[-3:]
    assert rule.last(found[0], found[20] - timedelta(seconds=1), 1) == [found[19]]


def test_what_cannot_be_read_is_said() -> None:
    assert rule_of("0  9 * *  1", BERLIN) == Cron("0 9 * * 1", rule_of("0 9 * * 1", BERLIN).zone)  # type: ignore[union-attr]
    assert rule_of("2 h", BERLIN) == Every(7200.0)
    for wrong in ("", "now and then", "0 9 * *", "0 0 9 * * *", "61 * * * *", "0 0 30 2 *", "@daily", "-5 min"):
        with pytest.raises(ScheduleError, match="five fields"):
            rule_of(wrong, BERLIN)
    for often in ("1 s", "59 s", "0 min"):
        with pytest.raises(ScheduleError, match="more than once a minute"):
            rule_of(often, BERLIN)
    for zone in ("Europe/Nowhere", "", "../../etc/passwd", "a\0b"):
        with pytest.raises(ScheduleError, match="time zone"):
            rule_of("0 9 * * *", zone)


def test_where_dates_end_nothing_follows() -> None:
    late = datetime(9998, 12, 31, 23, tzinfo=UTC)
    assert rule_of("100 days", "UTC").after(late) is None
    assert rule_of("0 0 29 2 *", "UTC").after(datetime(9998, 1, 1, tzinfo=UTC)) is None


def test_what_never_comes_is_refused() -> None:
    never = rule_of("0 0 */31 * MON#5", "UTC")  # the first of a month that is its fifth Monday
    assert never.after(at("2026-11-20 10:00")) is None
    assert never.last(at("2026-11-20 10:00"), at("2026-11-21 10:00"), 5) == []
    with pytest.raises(ScheduleError, match="never comes"):
        first_after(never, at("2026-11-20 10:00"))


def scheduled(every: str, next_at: str | None, **more: object) -> Schedule:
    values: dict[str, object] = {"next_at": at(next_at) if next_at else None} | more
    return Schedule(name="s", definition="d", every=every, timezone=BERLIN, data={}, **values)  # type: ignore[arg-type]


def wanted(schedule: Schedule, now: str) -> Due:
    return due(schedule, rule_of(schedule.every, schedule.timezone), at(now))


@pytest.mark.parametrize("every", ["0 * * * *", "1 h"])
def test_in_time_one_run_is_started_whatever_is_done_about_missed_ones(every: str) -> None:
    for policy in CatchUp:
        schedule = scheduled(every, "2026-11-20 10:00", catch_up=policy)
        assert wanted(schedule, "2026-11-20 09:59:59") == Due(starts=(), next_at=at("2026-11-20 10:00"))
        expected = Due(starts=(at("2026-11-20 10:00"),), next_at=at("2026-11-20 11:00"))
        assert wanted(schedule, "2026-11-20 10:00") == expected
        assert wanted(schedule, "2026-11-20 10:01:30.5") == expected


@pytest.mark.parametrize("every", ["0 * * * *", "1 h"])
def test_after_downtime_missed_starts_are_made_up_for_as_was_chosen(every: str) -> None:
    after = at("2026-11-20 14:00")
    hours = [at(f"2026-11-20 {hour}:00") for hour in (10, 11, 12, 13)]
    for policy, starts in ((CatchUp.ONCE, hours[-1:]), (CatchUp.SKIP, []), (CatchUp.ALL, hours)):
        schedule = scheduled(every, "2026-11-20 10:00", catch_up=policy)
        assert wanted(schedule, "2026-11-20 13:30") == Due(starts=tuple(starts), next_at=after)
    skipping = scheduled(every, "2026-11-20 10:00", catch_up=CatchUp.SKIP)
    assert wanted(skipping, "2026-11-20 13:01") == Due(starts=(hours[-1],), next_at=after)


@pytest.mark.parametrize("every", ["* * * * *", "1 min"])
def test_after_a_year_what_is_made_up_for_is_bounded(every: str) -> None:
    found = wanted(scheduled(every, "2025-11-20 10:00", catch_up=CatchUp.ALL), "2026-11-20 10:00:30")
    minutes = [at("2026-11-20 10:00") - timedelta(minutes=back) for back in range(MOST_CAUGHT_UP)]
    assert list(found.starts) == minutes[::-1]
    assert found.next_at == at("2026-11-20 10:01")


def test_paused_or_ended_nothing_is_started() -> None:
    paused = scheduled("1 h", "2026-11-20 10:00", paused=True)
    assert wanted(paused, "2026-11-20 12:00") == Due(starts=(), next_at=at("2026-11-20 10:00"))
    assert wanted(scheduled("1 h", None), "2026-11-20 12:00") == Due(starts=(), next_at=None)


def test_each_instant_has_a_key_of_its_own_however_it_is_written() -> None:
    schedule = scheduled("1 h", None)
    one = at("2026-11-20 10:00")
    assert schedule.key(one) == "schedule:s:2026-11-20T10:00:00+00:00"
    berlin = one.astimezone(rule_of("0 9 * * *", BERLIN).zone)  # type: ignore[union-attr]
    assert schedule.key(berlin) == schedule.key(one)
