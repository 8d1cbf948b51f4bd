"""What counts in the benchmark of speech: whose words, when they came, what is missing, and who speaks when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import speech, speech_gpu
from benchmarks.recordings import HANGOVER
from benchmarks.speech_lines import LINES, Turn, alternating, meeting, overlap, overlapping, rounds
from benchmarks.speech_model import TEXT, Shape, write
from benchmarks.speech_parts import METRICS, Findings
from benchmarks.speech_score import (
    Caption,
    Heard,
    Said,
    attribute,
    errors,
    first_words,
    lost_and_doubled,
    marks,
    match,
    starvation,
    waits,
)
from benchmarks.speech_sounds import NOISES, Clip, noise, timeline, voiced_frames, word_ends, words_in_phones
from media.adapters.cuda import Card
from media.adapters.whisper import WhisperTranscriber
from media.transcriber import Hypothesis, Request

WORDS = "please send the budget to ana"


def clip(frames: int, text: str = WORDS) -> Clip:
    packets = tuple(b"%d" % k for k in range(frames + HANGOVER))
    return Clip(text=text, voice="flite:rms", packets=packets, voiced=frames, ends=())


def said(start: float = 100.0, text: str = WORDS, person: int = 0, seconds: float = 3.0) -> Said:
    count = len(text.split())
    ends = tuple(start + seconds * (k + 1) / count for k in range(count))
    return Said(person=person, text=text, voice="flite:rms", start=start, end=start + seconds, word_ends=ends)


def caption(text: str, arrived: float, *, id: str = "u1", began: float = 99.7, final: bool = False) -> Caption:
    return Caption(id=id, slot=0, began=began, text=text, final=final, arrived=arrived)


# --- whose words ------------------------------------------------------------------------------------------------


def test_only_words_that_one_person_alone_says_tell_who_it_was() -> None:
    assert marks({0: ["The budget is tight, it breaks."], 1: ["The train is late.", "The budget? A break."]}) == {
        "tight": 0,
        "train": 1,
        "late": 1,
    }


def test_words_under_somebody_else_are_wrong_and_those_nobody_said_do_not_count() -> None:
    spoken = [said(text="invoice payment"), said(text="passport airport", person=1)]
    score = attribute(
        spoken,
        {
            0: [caption("invoice airport elephant invoice", 104.0, final=True)],
            1: [caption("passport", 104.0, final=True)],
        },
    )
    assert (score.right, score.wrong, score.misheard, score.spoken, score.recalled) == (3, 1, 0, 4, 2)
    assert score.share == 0.75
    assert score.recall == 0.5


def test_a_word_that_somebody_else_says_at_another_time_was_misheard() -> None:
    spoken = [said(text="invoice payment"), said(200.0, text="passport airport", person=1)]
    score = attribute(spoken, {0: [caption("airport payment", 104.0, final=True)]})
    assert (score.right, score.wrong, score.misheard) == (1, 0, 1)
    assert score.foreign == ("'airport' in 'airport payment'",)


def test_without_a_word_there_is_no_share() -> None:
    assert math.isnan(attribute([said(text="invoice")], {}).share)


def test_each_of_the_eight_has_words_of_their_own_in_every_sentence() -> None:
    owner = marks(dict(enumerate(LINES)))
    for person, lines in enumerate(LINES):
        for line in lines:
            mine = [word for word in line.lower().strip(".").split() if owner.get(word) == person]
            assert len(mine) >= 2, line


# --- when -------------------------------------------------------------------------------------------------------


def test_a_final_is_late_from_the_end_of_the_pause_on() -> None:
    heard = Heard(said=said(), captions=[caption("Please send", 102.0), caption(WORDS, 103.9, final=True)])
    assert heard.delay == pytest.approx(0.3)


def test_an_utterance_that_was_cut_in_two_is_there_with_its_last_part() -> None:
    parts = [
        caption("please send", 102.0, final=True),
        caption("the budget to ana", 104.0, id="u2", began=101.0, final=True),
    ]
    heard = Heard(said=said(), captions=parts)
    assert heard.delay == pytest.approx(0.4)
    assert heard.text == WORDS
    assert errors([heard]) == (0, 6)


def test_a_word_counts_from_its_end_to_the_first_caption_that_has_it() -> None:
    heard = Heard(
        said=said(),
        captions=[
            caption("Please", 101.0),
            caption("Please sent", 101.5),
            caption("Please send the budget", 102.6),
            caption("Please send the budget for Ana.", 103.9, final=True),
        ],
    )
    # Said at 100.5, 101, 101.5, 102, 102.5 and 103; "to" never came.
    assert first_words(heard) == pytest.approx([0.5, 1.6, 1.1, 0.6, 0.9])


def test_words_of_which_the_end_is_not_known_are_left_out() -> None:
    unknown = Said(person=0, text=WORDS, voice="x", start=100, end=103, word_ends=(math.nan,) * 6)
    assert first_words(Heard(said=unknown, captions=[caption(WORDS, 104.0, final=True)])) == []


def test_captions_find_their_sentence_by_person_and_by_when_they_began() -> None:
    first, second, other = said(100.0), said(104.1), said(100.0, person=1)
    late = caption(WORDS, 110.0, id="a", began=99.8, final=True)
    split = caption("to ana", 110.0, id="b", began=102.9, final=True)
    next_one = caption(WORDS, 110.0, id="c", began=103.8, final=True)
    stray = caption("hm", 200.0, id="d", began=199.0)
    heard, strays = match([first, second, other], {0: [late, split, next_one, stray], 1: []})
    assert [[c.id for c in entry.captions] for entry in heard] == [["a", "b"], ["c"], []]
    assert strays == [stray]


def test_who_waits_much_longer_than_the_others_starves() -> None:
    def one(person: int, delay: float) -> Heard:
        final = caption(WORDS, 103.6 + delay, final=True)
        return Heard(said=said(person=person), captions=[final])

    found = waits([one(0, 0.2), one(0, 0.4), one(1, 0.2), one(2, 1.2), Heard(said=said(person=3))])
    assert found == pytest.approx({0: 0.3, 1: 0.2, 2: 1.2})
    assert starvation(found) == pytest.approx(4.0)
    assert math.isnan(starvation({}))


# --- what is missing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("finals", "expected"),
    [
        ([], (1, 0)),
        ([""], (1, 0)),
        ([WORDS], (0, 0)),
        (["please send the", "budget to ana"], (0, 0)),
        ([WORDS, "Please send the budget to Hanna."], (0, 1)),
    ],
    ids=["nothing", "taken back", "once", "in two parts", "twice"],
)
def test_each_sentence_has_to_come_once(finals: Sequence[str], expected: tuple[int, int]) -> None:
    captions = [caption(text, 104.0 + k, id=f"u{k}", final=True) for k, text in enumerate(finals)]
    assert lost_and_doubled([Heard(said=said(), captions=captions)]) == expected


# --- what is said when ------------------------------------------------------------------------------------------


def test_the_talk_of_eight_overlaps_for_two_fifths_of_the_time() -> None:
    order = rounds(8, 4)
    turns = overlapping([(person, clip(100 + 7 * (k % 11))) for k, person in enumerate(order)])
    assert overlap(turns)[0] == pytest.approx(0.4, abs=0.03)
    assert all(order.count(person) == 4 for person in range(8))
    assert all(one != other for one, other in pairwise(order))


@given(seed=st.integers(0, 10_000), lengths=st.lists(st.integers(40, 250), min_size=4, max_size=4))
def test_nobody_in_a_meeting_speaks_into_their_own_words(seed: int, lengths: list[int]) -> None:
    turns = meeting(range(4), lambda person, _: clip(lengths[person]), seconds=30.0, seed=seed)
    for person in range(4):
        own = [turn for turn in turns if turn.person == person]
        assert all(later.start - turn.end >= 50 for turn, later in pairwise(own))


def test_a_microphone_gives_a_sign_of_life_now_and_then_between_sentences() -> None:
    one = clip(30)
    (turn,) = alternating([one])
    sent = timeline([(turn.start, one)], 120, b"quiet")
    assert sent[:2] == [b"quiet", b"q"]
    assert sent[turn.start : turn.start + 40] == list(one.packets)
    assert all(packet is None for packet in sent[turn.start + 40 : turn.start + 60])
    assert sent[80:82] == [b"quiet", b"q"]


def test_a_pause_of_alternating_sentences_ends_an_utterance() -> None:
    first, second = alternating([clip(50), clip(60)])
    assert second.start - first.end == 45
    assert Turn(person=0, start=second.start, clip=second.clip).end == second.start + 60


# --- where words and voices end ---------------------------------------------------------------------------------


def test_words_end_with_the_last_of_their_phones() -> None:
    phones = [
        ("pau", 0.2),
        ("ay", 0.3),
        ("g", 0.4),
        ("ow", 0.6),
        ("pau", 0.8),
        ("n", 0.9),
        ("aw", 1.2),
        ("pau", 1.4),
    ]
    assert words_in_phones(phones, [1, 2, 2]) == (0.3, 0.6, 1.2)


@pytest.mark.parametrize("counts", [[1, 2, 1], [0, 3, 2]], ids=["a phone is left over", "a word has none"])
def test_no_end_is_guessed_when_phones_do_not_add_up(counts: list[int]) -> None:
    phones = [("ay", 0.3), ("g", 0.4), ("ow", 0.6), ("n", 0.9), ("aw", 1.2)]
    assert all(math.isnan(end) for end in words_in_phones(phones, counts))


def test_words_end_where_the_next_one_begins() -> None:
    assert word_ends((0.0, 0.4, 0.9), 1.5) == (0.4, 0.9, 1.5)


def test_the_voice_ends_with_the_last_frame_that_is_louder_than_a_hundredth() -> None:
    sound = np.zeros(48_000, np.float32)
    sound[100], sound[9_600 + 959], sound[20_000] = 0.5, 0.006, 0.004
    assert voiced_frames(sound) == 11


@pytest.mark.parametrize("kind", NOISES)
def test_every_noise_is_as_long_as_asked(kind: str) -> None:
    assert len(noise(kind, 3, 0.5)) == 25


# --- the load of a card, and the command line -------------------------------------------------------------------


def test_a_model_of_random_weights_says_one_text_whatever_it_hears(tmp_path: Path) -> None:
    shape = Shape(width=64, layers=1, heads=2, vocabulary=1500)
    transcriber = WhisperTranscriber(write(tmp_path / "model", shape, compute="int8"))
    chance = np.random.default_rng(2)
    requests = [Request(samples=chance.normal(0, 0.05, 32_000).astype(np.float32)) for _ in range(2)]
    texts = [
        " ".join(word.text for word in outcome.words)
        for outcome in transcriber.transcribe(requests)
        if isinstance(outcome, Hypothesis)
    ]
    transcriber.close()
    assert texts[0] == texts[1]
    assert texts[0].endswith("will pay.")
    assert set(texts[0].split()) <= set(TEXT.split())


async def test_without_a_card_nothing_is_said_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_gpu, "look_at_card", lambda: Card(why_not="no NVIDIA card"))
    findings = Findings(lambda text: None)
    people, count = await speech_gpu.measure(findings)
    assert math.isnan(people)
    assert count == 0
    assert findings.notes == ["gpu: not measured: no NVIDIA card."]


def test_the_table_has_its_rows_in_order() -> None:
    assert [metric.name for metric in METRICS] == [
        "attribution", "invented_words_per_hour", "final_p50_ms", "final_p99_ms", "first_word_p50_ms",
        "final_p99_ms_20_speakers", "starvation_ratio", "gpu_live_speakers", "model_kill_recovery_seconds",
        "segments_lost", "word_error_rate",
    ]  # fmt: skip


def test_parts_may_be_chosen() -> None:
    chosen = speech.parser().parse_args(["--only", "kill", "--only", "gpu", "--short"])
    assert chosen.only == ["kill", "gpu"]
    assert chosen.short
