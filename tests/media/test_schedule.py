"""Who is recognised next: finals first, fair shares, and early captions that give way."""

from __future__ import annotations

import pytest

from media.errors import SettingsError
from media.schedule import Dropped, Job, ScheduleError, Scheduler, ScheduleSettings, Urgency
from tests.media.speakers_model import Jobs

FINAL, LIKELY, PARTIAL = Urgency.FINAL, Urgency.LIKELY, Urgency.PARTIAL


@pytest.fixture
def job() -> Jobs:
    return Jobs()


def used(scheduler: Scheduler, job: Job, now: float, work: float) -> None:
    """Let a job be done alone, at a cost."""
    scheduler.submit(job, now)
    assert scheduler.take(now) == [job]
    scheduler.done([job], now, work)


def test_finals_come_before_likely_ends_and_these_before_early_captions(job: Jobs) -> None:
    scheduler = Scheduler()
    jobs = [job(PARTIAL, "ana"), job(LIKELY, "bo"), job(FINAL, "cem")]
    for one in jobs:
        assert scheduler.submit(one, 0.0) == []
    assert [scheduler.take(0.0) for _ in range(4)] == [[jobs[2]], [jobs[1]], [jobs[0]], []]


def test_what_is_not_for_those_who_are_free_waits_and_the_next_one_goes(job: Jobs) -> None:
    scheduler = Scheduler()
    ana, bo = job(FINAL, "ana"), job(PARTIAL, "bo")
    scheduler.submit(ana, 0.0)
    scheduler.submit(bo, 0.0)

    def may(one: Job) -> bool:
        return one.speaker != "ana"

    assert scheduler.take(0.0, may) == [bo]
    assert scheduler.next_due(0.1, may) is None
    assert scheduler.next_due(0.1) == 0.1
    assert scheduler.take(0.1) == [ana]


@pytest.mark.parametrize(
    ("first", "second", "dropped"),
    [
        (PARTIAL, PARTIAL, "first"),
        (PARTIAL, LIKELY, "first"),
        (PARTIAL, FINAL, "first"),
        (LIKELY, LIKELY, "first"),
        (LIKELY, PARTIAL, "first"),
        (LIKELY, FINAL, "first"),
        (FINAL, PARTIAL, "second"),
        (FINAL, LIKELY, "second"),
    ],
)
def test_what_is_outdated_is_given_up(job: Jobs, first: Urgency, second: Urgency, dropped: str) -> None:
    scheduler = Scheduler()
    one, two = job(first), job(second)
    scheduler.submit(one, 0.0)
    assert scheduler.submit(two, 0.1) == [one if dropped == "first" else two]
    assert scheduler.take(0.1) == [two if dropped == "first" else one]


def test_after_a_final_went_to_work_nothing_else_of_its_utterance_is_wanted(job: Jobs) -> None:
    scheduler = Scheduler()
    scheduler.submit(job(FINAL), 0.0)
    scheduler.take(0.0)
    late = job(PARTIAL)
    assert scheduler.submit(late, 0.1) == [late]


def test_a_speaker_has_one_early_caption_at_work_and_one_that_waits(job: Jobs) -> None:
    scheduler = Scheduler(workers=4)
    first, second, third = job(PARTIAL), job(PARTIAL), job(PARTIAL, stream="ana-2")
    scheduler.submit(first, 0.0)
    assert scheduler.take(0.0) == [first]
    assert scheduler.submit(second, 0.4) == []
    assert scheduler.take(0.4) == []
    assert scheduler.submit(third, 0.8) == [second]
    scheduler.done([first], 0.9, 0.9)
    assert scheduler.take(0.9) == [third]


def test_a_newer_caption_keeps_the_place_of_the_older(job: Jobs) -> None:
    scheduler = Scheduler()
    used(scheduler, job(PARTIAL, "ana"), 0.0, 1.0)
    scheduler.submit(job(PARTIAL, "ana", 1.0), 1.0)
    scheduler.submit(job(PARTIAL, "bo", 1.5), 1.5)
    newer = job(PARTIAL, "ana", 1.8)
    scheduler.submit(newer, 1.8)
    assert scheduler.take(1.85) == [newer], "overdue since 1.8, whatever she used"


def test_inside_their_deadlines_who_used_less_goes_first(job: Jobs) -> None:
    scheduler = Scheduler(ScheduleSettings(first_cost=0.01))
    used(scheduler, job(FINAL, "ana", stream="ana-0"), 0.0, 0.01)
    earlier, later = job(FINAL, "ana", 1.0), job(FINAL, "bo", 1.2)
    scheduler.submit(earlier, 1.0)
    scheduler.submit(later, 1.2)
    assert scheduler.take(1.3) == [later]
    assert scheduler.take(1.3) == [earlier]


def test_of_rooms_too_and_before_that_of_speakers(job: Jobs) -> None:
    scheduler = Scheduler()
    used(scheduler, job(FINAL, "ana", stream="ana-0", room="hall"), 0.0, 0.05)
    used(scheduler, job(FINAL, "bo", stream="bo-0", room="yard"), 0.0, 0.01)
    hall, yard = job(FINAL, "cem", room="hall"), job(FINAL, "bo", room="yard")
    scheduler.submit(hall, 0.1)
    scheduler.submit(yard, 0.1)
    assert scheduler.take(0.2) == [yard], "nobody has used less than Cem, but his room has used more"


def test_who_would_be_late_goes_first_whatever_the_share(job: Jobs) -> None:
    scheduler = Scheduler()
    used(scheduler, job(FINAL, "ana", stream="ana-0"), 0.0, 0.5)
    waiting = job(FINAL, "ana", 1.0)
    scheduler.submit(waiting, 1.0)
    scheduler.submit(job(FINAL, "bo", 1.5), 1.5)
    assert scheduler.take(1.6) == [waiting], "it takes 0.5 s and is due at 2.0"


def test_among_the_late_the_earliest_deadline_comes_first(job: Jobs) -> None:
    scheduler = Scheduler()
    jobs = [job(FINAL, f"p{number}", due=5.0 - number) for number in range(5)]
    for one in jobs:
        scheduler.submit(one, 0.0)
    assert [scheduler.take(9.0)[0] for _ in jobs] == jobs[::-1]


def test_alone_when_idle_and_together_when_several_wait(job: Jobs) -> None:
    scheduler = Scheduler(batch=3)
    alone = job(PARTIAL, "ana")
    scheduler.submit(alone, 0.0)
    assert scheduler.take(0.0) == [alone], "nothing waits for company while there is time"
    jobs = [job(PARTIAL, f"p{number}") for number in range(4)]
    for one in jobs:
        scheduler.submit(one, 0.1)
    scheduler.done([alone], 0.2, 0.1)
    assert scheduler.take(0.2) == jobs[:3]
    scheduler.done(jobs[:3], 0.4, 0.2)
    assert scheduler.take(0.4) == jobs[3:]


def test_likely_ends_share_the_batch_of_finals_and_early_captions_do_not(job: Jobs) -> None:
    scheduler = Scheduler(batch=3)
    partial, likely, final = job(PARTIAL, "ana"), job(LIKELY, "bo"), job(FINAL, "cem")
    for one in (partial, likely, final):
        scheduler.submit(one, 0.0)
    assert scheduler.take(0.0) == [final, likely]


def test_under_load_captions_wait_a_moment_for_company_and_finals_do_not(job: Jobs) -> None:
    scheduler = Scheduler(ScheduleSettings(batch_window=0.1), batch=8)
    used(scheduler, job(PARTIAL, "ana"), 0.0, 8.0)
    caption = job(PARTIAL, "bo", 1.0)
    scheduler.submit(caption, 1.0)
    assert scheduler.take(1.0) == []
    assert scheduler.next_due(1.0) == pytest.approx(1.1)
    final = job(FINAL, "cem", 1.05)
    scheduler.submit(final, 1.05)
    assert scheduler.take(1.05) == [final]
    assert scheduler.take(1.1) == [caption]
    assert scheduler.next_due(1.1) is None


def test_one_worker_is_kept_from_captions_but_a_single_one_is_not(job: Jobs) -> None:
    for workers, captions in ((1, 1), (2, 1), (3, 2)):
        scheduler = Scheduler(workers=workers)
        for number in range(4):
            scheduler.submit(job(PARTIAL, f"p{number}"), 0.0)
        taken = [scheduler.take(0.0) for _ in range(4)]
        assert sum(map(len, taken)) == captions
        final = job(FINAL, "zoe")
        scheduler.submit(final, 0.0)
        assert scheduler.take(0.0) == [final]


def test_a_batch_of_captions_takes_no_longer_than_a_final_can_wait(job: Jobs) -> None:
    scheduler = Scheduler(ScheduleSettings(partial_work=0.5), batch=8)
    used(scheduler, job(PARTIAL, "ana", seconds=1.0), 0.0, 0.2)
    for number in range(8):
        scheduler.submit(job(PARTIAL, f"p{number}", seconds=1.0), 0.5)
    assert len(scheduler.take(0.5)) == 2


def test_captions_are_refused_while_a_final_is_late_but_a_newer_takes_a_place(job: Jobs) -> None:
    scheduler = Scheduler()
    older = job(PARTIAL, "ana")
    scheduler.submit(older, 0.0)
    scheduler.submit(job(FINAL, "bo"), 0.0)
    other, newer = job(PARTIAL, "cem", 1.5), job(PARTIAL, "ana", 1.5)
    assert scheduler.submit(other, 1.5) == [other]
    assert scheduler.submit(newer, 1.5) == [older]
    assert scheduler.stats(1.5).dropped[Dropped.REFUSED] == 1
    assert scheduler.stats(1.5).dropped[Dropped.REPLACED] == 1


def test_more_captions_than_may_wait_are_refused(job: Jobs) -> None:
    scheduler = Scheduler(ScheduleSettings(most_partials=2))
    jobs = [job(PARTIAL, f"p{number}") for number in range(3)]
    assert [scheduler.submit(one, 0.0) for one in jobs] == [[], [], [jobs[2]]]


def test_after_a_failure_finals_stand_where_they_stood_and_the_rest_is_given_up(job: Jobs) -> None:
    scheduler = Scheduler(batch=2)
    first = [job(FINAL, "ana"), job(LIKELY, "bo")]
    for one in first:
        scheduler.submit(one, 0.0)
    assert scheduler.take(0.0) == first
    later = [job(FINAL, "cem", 0.5), job(FINAL, "ana", 0.6, stream="ana-2")]
    for one in later:
        scheduler.submit(one, one.submitted)
    assert scheduler.failed(first, 0.9) == [first[1]]
    assert scheduler.take(2.0) == [first[0], later[0]]
    assert scheduler.stats(2.0).dropped[Dropped.FAILED] == 1


def test_what_is_forgotten_is_gone_even_when_its_work_fails(job: Jobs) -> None:
    scheduler = Scheduler()
    at_work, waiting, other = job(FINAL, stream="ana-1"), job(FINAL, stream="ana-2"), job(FINAL, "bo")
    scheduler.submit(at_work, 0.0)
    scheduler.take(0.0)
    scheduler.submit(waiting, 0.1)
    scheduler.submit(other, 0.2)
    assert scheduler.forget("ana") == [waiting]
    assert scheduler.failed([at_work], 0.3) == [at_work]
    assert scheduler.take(0.3) == [other]
    assert scheduler.stats(0.3).dropped[Dropped.FORGOTTEN] == 2


def test_what_is_abandoned_does_not_come_back(job: Jobs) -> None:
    scheduler = Scheduler()
    final = job(FINAL)
    scheduler.submit(final, 0.0)
    scheduler.take(0.0)
    scheduler.abandon([final], 1.0)
    assert scheduler.stats(1.0).running == 0
    assert scheduler.take(1.0) == []


def test_what_is_not_at_work_is_passed_over(job: Jobs) -> None:
    scheduler = Scheduler()
    final = job(FINAL)
    scheduler.submit(final, 0.0)
    scheduler.take(0.0)
    scheduler.failed([final], 1.0)
    scheduler.done([final], 1.1, 1.0)
    assert scheduler.take(1.2) == [final], "an answer that came after the failure does not take it away"


def test_the_cadence_grows_with_the_load_and_comes_back(job: Jobs) -> None:
    scheduler = Scheduler()
    assert scheduler.cadence() == 0.4
    for turn in range(20):
        for number in range(10):
            scheduler.submit(job(PARTIAL, f"p{number}", float(turn)), float(turn))
        while batch := scheduler.take(float(turn)):
            scheduler.done(batch, float(turn), 0.1)
    assert 1.0 < scheduler.cadence() <= 3.0
    for number in range(10):
        used(scheduler, job(FINAL, f"p{number}", 30.0), 30.0, 0.0)
    assert scheduler.cadence() == 0.4


def test_late_finals_stretch_the_cadence_at_once(job: Jobs) -> None:
    scheduler = Scheduler()
    for number in range(4):
        scheduler.submit(job(FINAL, f"p{number}"), 0.0)
    for _ in range(4):
        scheduler.take(0.9)
    assert scheduler.cadence() > 0.9


def test_haste_is_in_order_when_finals_are_late_or_will_be(job: Jobs) -> None:
    scheduler = Scheduler()
    used(scheduler, job(FINAL, "ana"), 0.0, 0.3)
    assert not scheduler.hurry(0.0)
    for number in range(3):
        scheduler.submit(job(FINAL, f"p{number}", 1.0), 1.0)
    assert not scheduler.hurry(1.0), "three of 0.3 s are in time"
    scheduler.submit(job(FINAL, "p9", 1.0), 1.0)
    assert scheduler.hurry(1.0)
    while scheduler.take(2.5):
        pass
    assert scheduler.hurry(3.0), "they began too late"
    assert not scheduler.hurry(5.0)


def test_what_is_told_of_it(job: Jobs) -> None:
    scheduler = Scheduler()
    scheduler.submit(job(FINAL, "ana"), 0.0)
    scheduler.submit(job(FINAL, "bo"), 0.1)
    scheduler.submit(job(PARTIAL, "cem"), 0.2)
    scheduler.take(0.3)
    stats = scheduler.stats(0.5)
    assert stats.depth == {FINAL: 1, LIKELY: 0, PARTIAL: 1}
    assert stats.oldest == pytest.approx(0.4)
    assert stats.running == 1
    assert stats.wait_p50 == stats.wait_p99 == pytest.approx(0.3)
    assert stats.load > 0.0
    assert set(stats.dropped) == set(Dropped)


def test_a_job_comes_once(job: Jobs) -> None:
    scheduler = Scheduler()
    final = job(FINAL)
    scheduler.submit(final, 0.0)
    with pytest.raises(ScheduleError, match="id of its own"):
        scheduler.submit(final, 0.0)
    with pytest.raises(ScheduleError):
        job(FINAL, seconds=-1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"final_seconds": 0.0},
        {"least_cadence": 4.0},
        {"planned_load": 1.5},
        {"most_partials": 0},
        {"first_cost": 0.0},
        {"batch_window": -1.0},
        {"reserved": -1},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        ScheduleSettings(**wrong)  # type: ignore[arg-type]
    with pytest.raises(SettingsError):
        Scheduler(workers=0)
    with pytest.raises(SettingsError):
        Scheduler(batch=0)
