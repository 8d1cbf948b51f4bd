"""Words that settle while somebody speaks: never taken back, never twice, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import SettingsError
from media.streaming import Finished, WordCommitter
from media.transcriber import Word, text_of

PACE = 0.3
"""Each word of a test takes 0.25 s, and 0.05 s pass to the next."""


def said(text: str, *, start: float = 0.0, shift: float = 0.0) -> list[Word]:
    """Words at an even pace: the n-th begins n * 0.3 s after `start`."""
    words: list[Word] = []
    for index, word in enumerate(text.split()):
        begin = start + index * PACE + shift
        words.append(Word(text=word, start=max(0.0, begin), end=begin + 0.25, confidence=0.9))
    return words


def keys(words: Sequence[Word]) -> list[str]:
    return [word.text.lower().strip(".,?!") for word in words]


def test_one_hypothesis_settles_nothing() -> None:
    committer = WordCommitter()
    assert committer.feed(said("we ship on Friday"), 2.0) == []
    assert text_of(committer.tail) == "we ship on Friday"


def test_two_that_agree_settle_what_is_far_enough_from_the_end() -> None:
    committer = WordCommitter(hold_seconds=0.5)
    committer.feed(said("we ship on"), 1.0)
    assert text_of(committer.feed(said("we ship on Friday"), 1.3)) == "we ship"
    assert text_of(committer.settled) == "we ship"
    assert text_of(committer.tail) == "on Friday"


def test_case_and_edge_punctuation_do_not_matter_and_the_newest_is_taken() -> None:
    committer = WordCommitter(hold_seconds=0.0)
    committer.feed(said("well. It's done"), 5.0)
    assert text_of(committer.feed(said("Well, it's Done!"), 5.2)) == "Well, it's Done!"


def test_a_disagreement_stops_there() -> None:
    committer = WordCommitter(hold_seconds=0.0)
    committer.feed(said("we chip on Friday"), 5.0)
    assert text_of(committer.feed(said("we ship on Friday"), 5.4)) == "we"
    assert text_of(committer.feed(said("we ship on Friday"), 5.8)) == "ship on Friday"


def test_three_have_to_agree_where_three_are_asked() -> None:
    committer = WordCommitter(agreement=3, hold_seconds=0.0)
    committer.feed(said("one two"), 5.0)
    assert committer.feed(said("one two"), 5.4) == []
    assert text_of(committer.feed(said("one two"), 5.8)) == "one two"


def test_with_an_agreement_of_one_only_the_hold_counts() -> None:
    committer = WordCommitter(agreement=1, hold_seconds=0.5)
    assert text_of(committer.feed(said("we ship on Friday"), 1.2)) == "we ship"


def test_a_settled_word_stays_when_a_later_hypothesis_thinks_otherwise() -> None:
    committer = WordCommitter(hold_seconds=0.0)
    committer.feed(said("the old bill"), 5.0)
    committer.feed(said("the old bill"), 5.1)
    assert committer.feed(said("the cold bell is here"), 5.2) == []
    assert text_of(committer.settled) == "the old bill"
    assert text_of(committer.tail) == "is here"
    assert text_of(committer.finish(said("the cold bell is here now"))) == "is here now"
    assert text_of(committer.settled) == "the old bill is here now"
    assert committer.tail == ()


@pytest.mark.parametrize(
    ("before", "after", "tail"),
    [
        ("no", "no no no", "no no"),
        ("any more", "anymore today please", "today please"),
        ("we did it", "did it again", "again"),
        ("we did it", "oh we did it again", "again"),
        ("we did it", "", ""),
        ("very very", "very very very good", "very good"),
    ],
)
def test_where_a_hypothesis_goes_on(before: str, after: str, tail: str) -> None:
    """The words stand where they were said; only the text differs."""
    committer = WordCommitter(agreement=1, hold_seconds=0.0)
    committer.feed(said(before), 10.0)
    starts = {"did it again": PACE, "oh we did it again": -PACE, "anymore today please": 0.15}
    committer.feed(said(after, start=starts.get(after, 0.0)), 20.0)
    assert text_of(committer.settled) == f"{before} {tail}".strip()


def test_the_same_word_a_little_later_is_the_same_word() -> None:
    committer = WordCommitter(agreement=1, hold_seconds=0.0)
    committer.feed(said("a new budget"), 10.0)
    committer.feed([*said("some view"), *said("budget please", start=1.1)], 11.0)
    assert text_of(committer.settled) == "a new budget please"


def test_a_word_said_over_and_over_is_counted_though_its_times_shift() -> None:
    committer = WordCommitter(agreement=1, hold_seconds=0.0)
    committer.feed(said("no no", start=1.0), 2.0)
    committer.feed(said("no no no no", start=1.0, shift=-PACE), 3.0)
    assert text_of(committer.settled) == "no no no no"


def test_the_same_words_much_later_were_said_again() -> None:
    committer = WordCommitter(agreement=1, hold_seconds=0.0)
    committer.feed(said("yes"), 1.0)
    committer.feed(said("yes", start=5.0), 6.0)
    assert text_of(committer.settled) == "yes yes"


def test_words_behind_what_is_settled_are_left_out_and_counted() -> None:
    committer = WordCommitter(agreement=1, hold_seconds=0.0)
    committer.feed(said("that is all for today"), 5.0)
    looped = [*said("that is all for today"), *said("that is all", start=0.0)]
    assert committer.feed(looped, 5.4) == []
    assert committer.stale == 3
    committer.feed(said("that is all for today"), 5.8)
    assert committer.stale == 0


def test_times_do_not_go_back_at_the_boundary() -> None:
    committer = WordCommitter(agreement=1, hold_seconds=0.0)
    committer.feed(said("one two three"), 2.0)
    committer.feed(said("one two three four", shift=-0.25), 3.0)
    starts = [word.start for word in committer.settled]
    ends = [word.end for word in committer.settled]
    assert starts == sorted(starts)
    assert ends == sorted(ends)


def test_a_hypothesis_of_less_sound_came_late_and_says_nothing() -> None:
    committer = WordCommitter(hold_seconds=0.0)
    committer.feed(said("we ship on Friday"), 3.0)
    assert committer.feed(said("we ship"), 2.0) == []
    assert text_of(committer.tail) == "we ship on Friday"


def test_after_the_last_one_there_is_no_other() -> None:
    committer = WordCommitter()
    assert text_of(committer.finish(said("done"))) == "done"
    assert committer.finished
    with pytest.raises(Finished, match="new WordCommitter"):
        committer.feed(said("done"), 1.0)
    with pytest.raises(Finished):
        committer.finish(said("done"))


@pytest.mark.parametrize("wrong", [{"agreement": 0}, {"hold_seconds": -0.1}])
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        WordCommitter(**wrong)  # type: ignore[arg-type]


VOCABULARY = ["no", "yes", "the", "budget", "a", "we", "ship", "Friday."]


@st.composite
def consistent(draw: st.DrawFn) -> tuple[list[Word], list[tuple[list[Word], float]]]:
    """A truth, and hypotheses of ever more of it: times a little off, a wrong last word at times."""
    truth = said(" ".join(draw(st.lists(st.sampled_from(VOCABULARY), max_size=25))))
    end = truth[-1].end if truth else 0.5
    hypotheses: list[tuple[list[Word], float]] = []
    for heard in sorted(draw(st.lists(st.floats(0.1, end + 1.0), max_size=12))):
        jitter = draw(st.floats(-0.1, 0.1))
        words = [
            Word(text=w.text, start=max(0.0, w.start + jitter), end=max(0.0, w.end + jitter), confidence=0.5)
            for w in truth
            if w.end <= heard
        ]
        if draw(st.booleans()):
            words.append(Word(text="umbrella", start=max(0.0, heard - 0.2), end=heard, confidence=0.1))
        hypotheses.append((words, heard))
    return truth, hypotheses


@given(consistent(), st.integers(2, 3))
def test_consistent_hypotheses_give_the_truth_word_for_word(
    drawn: tuple[list[Word], list[tuple[list[Word], float]]], agreement: int
) -> None:
    truth, hypotheses = drawn
    committer = WordCommitter(agreement=agreement, hold_seconds=0.3)
    new: list[Word] = []
    for words, heard in hypotheses:
        new += committer.feed(words, heard)
        assert keys(new) == keys(truth)[: len(new)]
        assert keys([*committer.settled, *committer.tail]) == keys(words)
    new += committer.finish(truth)
    assert keys(new) == keys(truth)
    assert tuple(new) == committer.settled


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(VOCABULARY), st.floats(0.0, 8.0), st.floats(-0.2, 1.0)), max_size=12),
        min_size=1,
        max_size=10,
    ),
    st.integers(1, 3),
    st.floats(0.0, 1.0),
)
def test_whatever_comes_nothing_settled_changes_and_times_never_go_back(
    drawn: list[list[tuple[str, float, float]]], agreement: int, hold: float
) -> None:
    """Hypotheses of words thrown together, times in any order."""
    committer = WordCommitter(agreement=agreement, hold_seconds=hold)
    new: list[Word] = []
    for index, hypothesis in enumerate(drawn):
        words = [Word(text=t, start=s, end=s + length, confidence=0.5) for t, s, length in hypothesis]
        before = committer.settled
        heard = 2.0 + index
        fresh = committer.finish(words) if index == len(drawn) - 1 else committer.feed(words, heard)
        new += fresh
        assert committer.settled[: len(before)] == before
        assert list(committer.settled[len(before) :]) == fresh
        shown = [*committer.settled, *committer.tail]
        assert [word.start for word in shown] == sorted(word.start for word in shown)
        assert [word.end for word in shown] == sorted(word.end for word in shown)
        assert all(word.start <= word.end for word in shown)
        assert committer.finished or all(word.end <= heard - hold for word in fresh)
    assert tuple(new) == committer.settled
    assert committer.tail == ()


@given(st.lists(st.sampled_from(VOCABULARY), max_size=20), st.integers(1, 5), st.integers(1, 3))
def test_the_same_hypothesis_again_and_again_is_what_comes_out(
    text: list[str], times: int, agreement: int
) -> None:
    words = said(" ".join(text))
    committer = WordCommitter(agreement=agreement)
    for turn in range(times):
        committer.feed(words, 10.0 + turn)
    committer.finish(words)
    assert committer.settled == tuple(words)


def test_settled_words_are_known_again_however_their_times_have_moved() -> None:
    committer = WordCommitter(agreement=2, hold_seconds=0.0)
    early = [
        Word(text=t, start=0.1 * i, end=0.1 * i + 0.1, confidence=0.9)
        for i, t in enumerate(["the", "invoice", "is", "seventy"])
    ]
    for heard in (2.0, 2.4):
        committer.feed(early, heard)
    assert text_of(committer.settled) == "the invoice is seventy"
    late = [
        Word(text=t, start=2.0 + 0.4 * i, end=2.4 + 0.4 * i, confidence=0.9)
        for i, t in enumerate(["The", "invoice", "is", "seventy", "euros."])
    ]
    committer.finish(late)
    assert text_of(committer.settled) == "the invoice is seventy euros."
