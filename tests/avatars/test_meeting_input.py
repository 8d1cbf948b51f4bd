"""A meeting laid out for the model: everything in its place, and nothing that must not be known."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from avatars.meeting_input import MOST_WORDS, REACH, ROLE, WINDOW, WORD_PLACES, Line, arrange, word_places

LINES = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.floats(0, 5), st.text(max_size=40), st.sampled_from(["PM", "ME", "X", None])
    ),
    max_size=30,
)


def lines_of(said: list[tuple[str, float, str, str | None]]) -> list[Line]:
    """One after the other, three seconds apart."""
    return [
        Line(id=str(at), speaker=speaker, start=3.0 * at, end=3.0 * at + length, text=text, role=role)
        for at, (speaker, length, text, role) in enumerate(said)
    ]


@given(LINES, st.booleans(), st.booleans())
def test_any_meeting_is_laid_out(said: list[tuple[str, float, str, str | None]], whole: bool, roles: bool) -> None:
    lines = lines_of(said)
    found, count = arrange(lines, whole=whole, roles=roles), len(lines)
    assert {name: array.shape[0] for name, array in found.arrays().items()} == dict.fromkeys(found.arrays(), count)
    assert all(np.isfinite(array).all() for array in (found.moments, found.places))
    assert found.words.shape == (count, MOST_WORDS)
    assert not found.words.size or 0 <= found.words.min() <= found.words.max() <= WORD_PLACES
    assert (found.roles.sum(axis=1) == 1).all()
    assert whole or not found.places.any()
    assert roles or (found.roles[:, ROLE - 1] == 1).all()
    for at in range(count):
        around = found.neighbours[at].tolist()
        assert around == [at + step if 0 <= at + step < count else count for step in range(-REACH, REACH + 1)]
        assert found.same[at].tolist() == [
            float(near < count and lines[near].speaker == lines[at].speaker) for near in around
        ]


def test_what_is_said_later_does_not_change_what_is_known_of_the_words() -> None:
    said = lines_of([("A", 2.0, "send it to Bo", None), ("B", 1.0, "okay", None), ("A", 1.0, "thanks", None)])
    short, long = (arrange(lines, whole=False, roles=False) for lines in (said[:2], said))
    assert (short.words == long.words[:2]).all()
    assert short.neighbours.shape == (2, WINDOW)


def test_words_and_pairs_have_a_place_of_their_own() -> None:
    both = word_places("Send it. Send it")
    assert len(both) == 4, "send, it, send it, it send: each once"
    assert word_places("SEND IT SEND IT") == both
    assert word_places("… 12 %") == []
    assert len(word_places(" ".join(f"w{chr(97 + a)}{chr(97 + b)}" for a in range(9) for b in range(9)))) == 64
