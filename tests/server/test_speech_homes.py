"""Which process a job is for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from media.schedule import Job, Urgency
from server.speech_homes import Homes
from tests.media.speakers_model import Jobs

FINAL, LIKELY, PARTIAL = Urgency.FINAL, Urgency.LIKELY, Urgency.PARTIAL


@dataclass(eq=False)
class Place:
    jobs: list[Job] = field(default_factory=list)


@pytest.fixture
def job() -> Jobs:
    return Jobs()


@pytest.mark.parametrize(
    ("waits", "home_does", "incremental", "may"),
    [
        (FINAL, PARTIAL, True, False),
        (LIKELY, PARTIAL, True, False),
        (PARTIAL, PARTIAL, True, False),
        (PARTIAL, FINAL, True, False),
        (FINAL, FINAL, True, True),
        (FINAL, LIKELY, True, True),
        (FINAL, None, True, True),
        (PARTIAL, None, True, True),
        (FINAL, PARTIAL, False, True),
        (PARTIAL, PARTIAL, False, True),
    ],
)
def test_what_is_followed_waits_for_its_process_while_that_is_not_long(
    job: Jobs, waits: Urgency, home_does: Urgency | None, incremental: bool, may: bool
) -> None:
    homes, place = Homes[Place](), Place()
    homes.note(job(PARTIAL, "ana"), place)
    place.jobs = [] if home_does is None else [job(home_does, "bo")]
    assert homes.may(job(waits, "ana"), incremental=incremental) is may


def test_nobody_waits_for_a_process_that_knows_nothing_of_them(job: Jobs) -> None:
    homes, place = Homes[Place](), Place()
    homes.note(job(PARTIAL, "ana", stream="first"), place)
    place.jobs = [job(PARTIAL, "bo")]
    assert homes.may(job(FINAL, "ana", stream="second"), incremental=True)
    homes.end("first")
    assert homes.may(job(FINAL, "ana", stream="first"), incremental=True)


def test_an_utterance_goes_on_where_it_was_and_a_person_where_they_were_heard(job: Jobs) -> None:
    homes, one, two, three = Homes[Place](), Place(), Place(), Place()
    assert homes.note(job(PARTIAL, "ana", stream="first"), one) is None
    assert homes.note(job(PARTIAL, "ana", stream="second"), two) is None
    first, new = job(PARTIAL, "ana", stream="first"), job(PARTIAL, "ana", stream="third")
    assert homes.choose(first, [three, two, one]) is one
    assert homes.choose(first, [three, two]) is two
    assert homes.choose(new, [three, one, two]) is two
    assert homes.choose(new, [three]) is three


def test_who_moves_is_followed_at_one_place(job: Jobs) -> None:
    homes, one, two = Homes[Place](), Place(), Place()
    homes.note(job(PARTIAL, "ana"), one)
    assert homes.note(job(FINAL, "ana"), two) is one
    assert homes.note(job(FINAL, "ana"), two) is None


def test_a_process_that_ended_or_a_person_who_left_is_forgotten(job: Jobs) -> None:
    homes, one, two = Homes[Place](), Place(), Place()
    homes.note(job(PARTIAL, "ana", stream="first"), one)
    homes.note(job(PARTIAL, "bo", stream="second"), two)
    homes.gone(one)
    homes.forget("bo")
    assert homes.choose(job(PARTIAL, "ana", stream="first"), [two, one]) is two
    assert homes.choose(job(PARTIAL, "bo", stream="third"), [one, two]) is one
    assert homes.end("first") is None
    assert homes.end("second") is two
