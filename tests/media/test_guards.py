"""What is not believed, and what must stay: real speech is never taken for an invention."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import SettingsError, ShapeError
from media.guards import GuardSettings, guard, loops, too_quiet
from media.suppression import Reason
from media.transcriber import RATE, Samples, Word, text_of

SECONDS = 30.0


def said(text: str, confidence: float = 0.9) -> list[Word]:
    return [
        Word(text=word, start=0.3 * index, end=0.3 * index + 0.25, confidence=confidence)
        for index, word in enumerate(text.split())
    ]


def after(words: Sequence[Word], seconds: float = SECONDS) -> tuple[str, dict[Reason, int]]:
    kept, suppressed = guard(words, seconds)
    return text_of(kept), {one.reason: one.words for one in suppressed}


def tone(level: float, seconds: float = 1.0) -> Samples:
    """A sine of this RMS."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = level * np.sqrt(2.0) * np.sin(2.0 * np.pi * 200.0 * time)
    return np.asarray(wave, dtype=np.float32)


@pytest.mark.parametrize(
    ("samples", "silent"),
    [
        (np.zeros(0, np.float32), True),
        (np.zeros(RATE, np.float32), True),
        (tone(0.1, 0.09), True),
        (tone(0.1, 0.11), False),
        (tone(0.002), True),
        (tone(0.003), False),
    ],
    ids=["nothing", "zeros", "too short", "just long enough", "a quiet hum", "loud enough"],
)
def test_what_is_too_quiet(samples: Samples, silent: bool) -> None:
    found = too_quiet(samples)
    assert (found is not None) == silent
    if found is not None:
        assert found.reason is Reason.SILENCE
        assert found.seconds == pytest.approx(len(samples) / RATE)


def test_a_word_between_long_pauses_is_not_too_quiet() -> None:
    """Its mean lies under the floor; its loudest tenth of a second does not."""
    samples = np.concatenate([np.zeros(3 * RATE, np.float32), tone(0.004, 0.3), np.zeros(3 * RATE, np.float32)])
    assert float(np.sqrt(np.mean(np.square(samples)))) < 0.0025
    assert too_quiet(samples) is None


def test_a_quiet_microphone_is_heard_where_its_sound_stands_out() -> None:
    hiss = (0.0002 * np.random.default_rng(1).standard_normal(2 * RATE)).astype(np.float32)
    assert too_quiet(hiss) is not None
    hiss[RATE : RATE + RATE // 2] += tone(0.0012, 0.5)
    assert too_quiet(hiss) is None


def test_sound_is_one_row() -> None:
    with pytest.raises(ShapeError):
        too_quiet(np.zeros((2, RATE), np.float32))


@pytest.mark.parametrize(
    "text",
    [
        "Yeah.",
        "Okay.",
        "Okay, okay.",
        "Thank you.",
        "Thank you very much.",
        "Thanks.",
        "Bye.",
        "No no no.",
        "Subtitles by Friday, please.",
        "Please subscribe the team to the list.",
        "The video says thanks for watching at the end.",
        "We were watching the build.",
        "Danke.",
        "Bis zum nächsten Mal.",
        "Merci.",
        "Gracias.",
        "Grazie.",
        "Obrigado.",
        "12",
        "Mm-hm.",
    ],
)
def test_speech_stays(text: str) -> None:
    assert after(said(text)) == (text, {})


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for watching!",
        "Thank you for watching. Thank you for watching.",
        "Please like and subscribe!",
        "Subtitles by the Amara.org community",
        "Transcription by CastingWords",
        "Vielen Dank fürs Zuschauen!",
        "Untertitel im Auftrag des ZDF für funk, 2017",
        "Untertitel der Amara.org-Community",
        "Merci d'avoir regardé cette vidéo !",
        "Sous-titrage ST' 501",
        "Sous-titres réalisés para la communauté d'Amara.org",
        "¡Gracias por ver el video!",
        "Subtítulos realizados por la comunidad de Amara.org",
        "Grazie per aver guardato il video!",
        "Sottotitoli creati dalla comunità Amara.org",
        "Sottotitoli e revisione a cura di QTSS",
        "Obrigado por assistir!",
        "Legendas pela comunidade Amara.org",
        "[Music]",
        "(wind blowing)",
        "♪ ♪",
        "...",
    ],
)
def test_credits_and_marks_alone_go(text: str) -> None:
    assert after(said(text)) == ("", {Reason.PHRASE: len(text.split())})


@pytest.mark.parametrize(
    ("text", "kept", "out"),
    [
        ("I am here now " * 3, "", 12),
        ("I am here now " * 3 + "I am", "", 14),
        ("so " + "I am here now " * 4, "so I am here now", 12),
        ("I am here now " * 3 + "and that was it", "I am here now and that was it", 8),
        ("I am here now I am here now", "I am here now I am here now", 0),
        ("no no no no I mean yes yes", "no no no no I mean yes yes", 0),
    ],
)
def test_of_a_loop_one_remains_unless_it_is_all(text: str, kept: str, out: int) -> None:
    assert after(said(text)) == (kept, {Reason.LOOP: out} if out else {})


def test_what_loops() -> None:
    assert loops("I am here now, I am here now. I am here now!")
    assert loops("well then we are all set we are all set we are all set")
    assert not loops("I am here now I am here now")
    assert loops("I am here now I am here now", repeats=2)


def test_words_behind_each_other_and_behind_the_end_go() -> None:
    words = [
        Word(text="we", start=0.0, end=0.4, confidence=0.9),
        Word(text="ship", start=0.4, end=0.9, confidence=0.9),
        Word(text="we", start=0.0, end=0.4, confidence=0.9),
        Word(text="today", start=0.8, end=1.4, confidence=0.9),
        Word(text="maybe", start=3.0, end=3.2, confidence=0.9),
    ]
    kept, suppressed = guard(words, 1.2)
    assert text_of(kept) == "we ship today"
    assert kept[-1].end == 1.2
    assert [(one.reason, one.words, one.seconds) for one in suppressed] == [(Reason.STALE, 2, 1.2)]


def test_words_that_no_one_is_sure_of_go_and_one_good_word_keeps_them() -> None:
    assert after(said("a b c", confidence=0.01)) == ("", {Reason.UNSURE: 3})
    assert after([*said("a b", confidence=0.01), Word(text="c", start=1.0, end=1.2, confidence=0.5)]) == (
        "a b c",
        {},
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"least_seconds": -1.0},
        {"quiet_rms": 0.1},
        {"stands_out": 0.5},
        {"repeats": 1},
        {"least_confidence": 1.5},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        GuardSettings(**wrong)  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["we", "I", "am", "now", "Okay.", "...", ""]),
            st.floats(0.0, 10.0),
            st.floats(-1.0, 2.0),
            st.floats(0.0, 1.0),
        ),
        max_size=30,
    ),
    st.floats(0.0, 8.0),
)
def test_every_word_is_kept_or_accounted_for(drawn: list[tuple[str, float, float, float]], seconds: float) -> None:
    words = [Word(text=t, start=s, end=s + length, confidence=c) for t, s, length, c in drawn]
    kept, suppressed = guard(words, seconds)
    assert len(kept) + sum(one.words for one in suppressed) == len(words)
    assert all(0.0 <= word.start <= word.end <= seconds for word in kept)
    assert [word.start for word in kept] == sorted(word.start for word in kept)
    assert len({one.reason for one in suppressed}) == len(suppressed)
    assert guard(kept, seconds) == (kept, ()), "what was believed once is believed again"


@given(st.lists(st.sampled_from(["the", "budget", "is", "fine", "now", "we", "ship"]), max_size=12, unique=True))
def test_words_in_order_without_repetition_pass_unchanged(text: list[str]) -> None:
    words = said(" ".join(text))
    assert guard(words, SECONDS) == (tuple(words), ())


def test_words_of_no_length_at_one_moment_are_all_kept() -> None:
    words = [
        Word(text="send", start=0.0, end=0.5, confidence=0.9),
        Word(text="it", start=0.5, end=0.5, confidence=0.9),
        Word(text="to", start=0.5, end=0.5, confidence=0.9),
        Word(text="Bo", start=0.5, end=0.9, confidence=0.9),
    ]
    kept, suppressed = guard(words, 1.0)
    assert (text_of(kept), suppressed) == ("send it to Bo", ())
