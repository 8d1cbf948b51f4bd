"""Many speakers before few recognisers: everybody gets their words in time, and alike."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from media.schedule import Job, Scheduler, Urgency
from tests.media.speakers_model import Jobs, Model, Speakers, Talk, jain, quantile

Step = tuple[str, int, int, float]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["final", "likely", "partial", "take", "take", "done", "failed", "forget"]),
            st.integers(0, 3),
            st.integers(0, 1),
            st.floats(0.0, 0.7),
        ),
        max_size=40,
    ),
    st.integers(1, 3),
    st.integers(1, 4),
)
def test_each_job_has_one_fate_and_the_rules_hold(steps: list[Step], workers: int, batch: int) -> None:
    job, now = Jobs(), 0.0
    scheduler = Scheduler(workers=workers, batch=batch)
    waiting: dict[int, Job] = {}
    at_work: list[list[Job]] = []
    for what, person, turn, seconds in steps:
        now += seconds
        speaker = f"p{person}"
        if what in ("final", "likely", "partial"):
            one = job(Urgency[what.upper()], speaker, now, stream=f"{speaker}-{turn}")
            waiting[one.id] = one
            for gone in scheduler.submit(one, now):
                assert gone.urgency is not Urgency.FINAL
                del waiting[gone.id]
        elif what == "take" and len(at_work) < workers:
            taken = scheduler.take(now)
            assert len(taken) <= batch
            for one in taken:
                del waiting[one.id]
            kinds = {one.urgency is Urgency.PARTIAL for one in taken}
            assert len(kinds) <= 1, "captions share no batch with others"
            if kinds == {True}:
                assert not any(one.urgency is Urgency.FINAL for one in waiting.values())
                speakers = [one.speaker for b in [*at_work, taken] for one in b if one.urgency is Urgency.PARTIAL]
                assert len(speakers) == len(set(speakers))
            if taken:
                at_work.append(taken)
        elif what == "done" and at_work:
            scheduler.done(at_work.pop(0), now, seconds)
        elif what == "failed" and at_work:
            batch_gone = at_work.pop(0)
            given_up = scheduler.failed(batch_gone, now)
            waiting |= {one.id: one for one in batch_gone if one not in given_up}
        elif what == "forget":
            for gone in scheduler.forget(speaker):
                del waiting[gone.id]
            assert not any(one.speaker == speaker for one in waiting.values())
        depth = scheduler.stats(now).depth
        assert depth == {u: sum(one.urgency is u for one in waiting.values()) for u in Urgency}
        assert scheduler.stats(now).running == sum(map(len, at_work))
    # Whatever was left: a worker that goes on gets all of it.
    for left in at_work:
        scheduler.done(left, now, 0.1)
    while waiting:
        taken = scheduler.take(now)
        if not taken:
            due = scheduler.next_due(now)
            assert due is not None, "it waits, and nothing says until when"
            now = max(due, now + 1e-6)
            continue
        for one in taken:
            del waiting[one.id]
        scheduler.done(taken, now, 0.1)


@settings(max_examples=30)
@given(
    st.integers(1, 12),
    st.integers(1, 3),
    st.integers(1, 4),
    st.floats(0.0, 0.3),
    st.floats(0.0, 0.1),
    st.booleans(),
    st.integers(0, 1000),
)
def test_every_utterance_gets_its_words(
    speakers: int, workers: int, batch: int, per_job: float, per_second: float, ahead: bool, seed: int
) -> None:
    """However many speak and however slow it is, nobody is left out for ever."""
    scheduler = Scheduler(workers=workers, batch=batch)
    model = Model(job=per_job, sound=per_second)
    people = Speakers(scheduler, model, [Talk()] * speakers, workers=workers, ahead=ahead, seed=seed)
    for record in people.play(8.0):
        assert len(record.finals) == record.utterances


def test_64_speakers_on_one_model_that_batches() -> None:
    """A batch costs 50 ms, and 2 ms for each utterance in it: one by one, half of them would be too many."""
    model = Model(batch=0.05, job=0.002, sound=0.0003)
    scheduler = Scheduler(batch=32)
    people = Speakers(scheduler, model, [Talk()] * 64)
    records = people.play(40.0)
    finals = [one for record in records for one in record.finals]
    answers = [one for record in records for one in record.answers]
    captions = [one for record in records for one in record.partials]
    model_time = 0.05 + 32 * 0.002
    # Decoding begins in the pause, so the words are there when it is sure that the utterance is over.
    assert quantile(finals, 0.99) <= 1.2 * model_time
    assert quantile(answers, 0.99) <= 3.0 * model_time, "a batch at work, a moment for others, its own batch"
    assert jain([record.mean_answer for record in records]) >= 0.95
    assert jain([record.captions for record in records]) >= 0.95
    assert min(record.captions for record in records) >= 1.0
    assert quantile(captions, 0.95) <= 0.5


def test_64_speakers_without_decoding_ahead() -> None:
    scheduler = Scheduler(batch=32)
    people = Speakers(scheduler, Model(batch=0.05, job=0.002), [Talk()] * 64, ahead=False)
    records = people.play(30.0)
    answers = [one for record in records for one in record.answers]
    assert quantile(answers, 0.99) <= 2.0 * (0.05 + 32 * 0.002), "the batch at work, then its own"
    assert jain([record.mean_answer for record in records]) >= 0.95


def test_20_speakers_on_two_slow_workers() -> None:
    """Recognition takes an eighth of the time of the sound, and people speak a third of the time."""
    scheduler = Scheduler(workers=2)
    talk = Talk(speech=(1.5, 6.0), silence=(4.0, 12.0))
    people = Speakers(scheduler, Model(job=0.02, sound=0.125), [talk] * 20, workers=2)
    records = people.play(180.0)
    finals = [one for record in records for one in record.finals]
    means = [record.mean_answer for record in records]
    assert quantile(finals, 0.99) <= 2.0
    assert max(means) / quantile(means, 0.5) <= 3.0
    assert jain([record.captions for record in records]) >= 0.9


def test_more_than_can_be_done_makes_captions_rare_and_starves_nobody() -> None:
    scheduler = Scheduler(workers=2)
    people = Speakers(scheduler, Model(job=0.02, sound=0.14), [Talk()] * 20, workers=2)
    records = people.play(60.0)
    means = [record.mean_answer for record in records]
    assert max(means) / quantile(means, 0.5) <= 3.0
    assert all(len(record.finals) == record.utterances for record in records)


def test_a_room_full_of_talkers_does_not_hold_up_a_quiet_one() -> None:
    """Ten hold monologues in the hall; two in the yard say a sentence now and then."""
    talks = [Talk(speech=(10.0, 18.0), silence=(0.7, 1.0))] * 10 + [
        Talk(speech=(1.0, 2.0), silence=(4.0, 8.0))
    ] * 2
    scheduler = Scheduler()
    people = Speakers(scheduler, Model(sound=0.08), talks, room=lambda s: "hall" if s < 10 else "yard")
    records = people.play(180.0)
    monologues = [one for record in records[:10] for one in record.answers]
    sentences = [one for record in records[10:] for one in record.answers]
    assert quantile(sentences, 0.95) <= 0.6 * quantile(monologues, 0.95)
