"""Many speakers before few recognisers: everybody gets their words in time, and alike."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from media.schedule import Scheduler
from tests.media.speakers_model import Model, Speakers, Talk, jain, quantile


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
