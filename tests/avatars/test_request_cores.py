"""The rules behind requests: words, money, mentions, labels, and how a request is put together."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avatars import labelling
from avatars.mentions import Mention, MentionKind, Surroundings, find
from avatars.money import number, sums
from avatars.recognizer import Present
from avatars.request_cues import PLACES, cues
from avatars.request_text import Piece, pieces, surface
from avatars.requests import REQUESTS, Found, RequestKind, SlotName, assemble

AROUND = Surroundings(
    now=datetime(2026, 11, 18, 10, 0),
    people=tuple(Present(id=name.lower(), name=name) for name in ("Bo", "Lin", "Maria Lopez")),
    rooms=("Birch", "Alder table"),
    workflows={"onboarding": (), "escalation": ("escalate",)},
)
VOCABULARY = """
the bo lin maria lopez birch alder table not and a half hundred thousand twelve four oh double euros $5
1,250.50 €780 5k inv-3 by friday from to monday at three half past two onboarding escalate o'clock lin's 's
"""
SPOKEN = st.lists(st.sampled_from(VOCABULARY.split()), max_size=14).map(" ".join)


def words_of(text: str) -> list[str]:
    return [piece.word for piece in pieces(text)]


def mentioned(text: str) -> dict[MentionKind, tuple[str, str]]:
    words = pieces(text)
    return {
        item.kind: (surface(text, words, item.start, item.end), item.value) for item in find(text, words, AROUND)
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Pay 1,250.50 euros, please!", ["pay", "1,250.50", "euros", "please"]),
        ("Lin's €780", ["lin", "'s", "€780"]),
        ("inv-3302?", ["inv-3302"]),
        ("… -- …", []),
    ],
)
def test_numbers_stay_whole_and_a_possessive_stands_apart(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("said", "value", "currency"),
    [
        ("1,250.50 euros", "1250.50", "EUR"),
        ("1.250,50 euros", "1250.50", "EUR"),
        ("1,250 dollars", "1250", "USD"),
        ("3.5k pounds", "3500.0", "GBP"),
        ("2m dollars", "2000000", "USD"),
        ("€780", "780", "EUR"),
        ("780€", "780", "EUR"),
        ("twelve hundred euros", "1200", "EUR"),
        ("a thousand pounds", "1000", "GBP"),
        ("two and a half thousand dollars", "2500", "USD"),
        ("two hundred and ten euros", "210", "EUR"),
        ("three thousand four hundred and five francs", "3405", "CHF"),
        ("ninety-five euros", "95", "EUR"),
        ("5 hundred euros", "500", "EUR"),
        ("ninety five euros fifty", "95.5", "EUR"),
        ("five euros and twenty cents", "5.2", "EUR"),
        ("five euros and ten people", "5", "EUR"),
        ("five euros 300", "5", "EUR"),
    ],
)
def test_a_sum_is_read(said: str, value: str, currency: str) -> None:
    found = sums(words_of(said))
    assert (found[0].value, found[0].currency) == (Decimal(value), currency)


@pytest.mark.parametrize("said", ["four people", "euros", "a half", "12/7 euros", "€", "$x", "five four"])
def test_what_is_no_sum_is_left_alone(said: str) -> None:
    assert sums(said.split()) == []


@pytest.mark.parametrize(
    ("said", "number_said"),
    [
        ("five four", (1, Decimal(5))),
        ("hundred", None),
        ("five and", (1, Decimal(5))),
        ("", None),
        ("12", (1, Decimal(12))),
    ],
)
def test_a_number_ends_where_another_begins(said: str, number_said: tuple[int, Decimal] | None) -> None:
    assert number(said.split(), 0) == number_said


@pytest.mark.parametrize(
    ("text", "kind", "said", "value"),
    [
        ("take invoice 8123", MentionKind.NUMBER, "8123", "8123"),
        ("take inv-77a", MentionKind.NUMBER, "inv-77a", "INV-77A"),
        ("order six double two one", MentionKind.NUMBER, "six double two one", "6221"),
        ("bill nine oh four", MentionKind.NUMBER, "nine oh four", "904"),
        ("Maria Lopez does it", MentionKind.PERSON, "Maria Lopez", "maria lopez"),
        ("lin's list", MentionKind.PERSON, "lin", "lin"),
        ("is the alder table free", MentionKind.ROOM, "alder table", "Alder table"),
        ("please escalate it", MentionKind.WORKFLOW, "escalate", "escalation"),
        ("all onboardings", MentionKind.WORKFLOW, "onboardings", "onboarding"),
        ("send it by friday", MentionKind.DUE, "by friday", "2026-11-20"),
        ("move it to monday", MentionKind.DUE, "to monday", "2026-11-23"),
        ("call me at three", MentionKind.DUE, "at three", ""),
        ("half past two suits me", MentionKind.DUE, "half past two", ""),
        ("pay 40 euros now", MentionKind.AMOUNT, "40 euros", "40 EUR"),
    ],
)
def test_what_can_be_looked_up_is_found(text: str, kind: MentionKind, said: str, value: str) -> None:
    assert mentioned(text)[kind] == (said, value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pay 40 euros now", MentionKind.NUMBER),
        ("two four", MentionKind.NUMBER),
        ("double it", MentionKind.NUMBER),
        ("come at 10:30 then", MentionKind.NUMBER),
        ("birchwood is a forest", MentionKind.ROOM),
        ("we spoke to her", MentionKind.DUE),
        ("it went from good to bad", MentionKind.DUE),
    ],
)
def test_what_only_looks_like_it_is_not(text: str, kind: MentionKind) -> None:
    assert kind not in mentioned(text)


def test_two_words_of_a_span_get_the_labels_of_a_slot_and_back() -> None:
    found = [Found(name=SlotName.VENDOR, start=1, end=3), Found(name=SlotName.DUE, start=3, end=4)]
    row = labelling.row_of(5, found)
    assert labelling.spans([int(label) for label in row], SURE[:5]) == found


SURE = np.ones((99, labelling.LABELS), dtype=np.float32)
STILL = np.zeros((labelling.LABELS, labelling.LABELS), dtype=np.float32)
"""What stands in front says nothing."""


def test_a_slot_never_goes_on_where_it_has_not_begun() -> None:
    shares = np.full((3, labelling.LABELS), 0.01, dtype=np.float32)
    shares[:, 2] = 0.9  # the inside of the first slot, everywhere
    labels = labelling.best_row(shares, STILL, tuple(SlotName))
    assert labels[0] % 2 == 1 or labels[0] == 0
    assert labelling.best_row(shares[:0], STILL, ()) == []


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 999),
    words=st.integers(1, 8),
    slots=st.sets(st.sampled_from(list(SlotName))),
    pull=st.sampled_from([0.0, 3.0]),
)
def test_whatever_is_likely_a_row_is_possible(seed: int, words: int, slots: set[SlotName], pull: float) -> None:
    chance = np.random.default_rng(seed)
    shares = chance.dirichlet(np.full(labelling.LABELS, 0.2), words).astype(np.float32)
    moves = (pull * chance.normal(size=(labelling.LABELS, labelling.LABELS))).astype(np.float32)
    labels = labelling.best_row(shares, moves, slots)
    found = labelling.spans(labels, shares)
    assert [int(label) for label in labelling.row_of(words, found)] == labels
    assert {item.name for item in found} <= slots


def test_what_usually_stands_behind_decides_where_a_word_does_not() -> None:
    first, inside, other = 1, 2, 3
    moves = labelling.moves_of([np.array([0, first, inside, inside, 0]), np.array([0, other, 0])])
    shares = np.full((2, labelling.LABELS), 0.01, dtype=np.float32)
    shares[0, first], shares[1, inside], shares[1, other] = 0.8, 0.39, 0.4
    open_slots = (labelling.NAMES[0], labelling.NAMES[1])
    assert labelling.best_row(shares, STILL, open_slots) == [first, other]
    assert labelling.best_row(shares, moves, open_slots) == [first, inside]


def test_inputs_hold_the_words_around_and_stop_at_the_edges() -> None:
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    marks = labelling.flags(pieces("clean by monday"), [Mention(kind=MentionKind.DUE, start=1, end=3, value="")])
    shares = np.ones(4, dtype=np.float32)
    table = labelling.inputs(vectors, marks, shares)
    assert table.shape == (3, labelling.width(2, 4))
    assert table[0, : 2 * labelling.NEAR].tolist() == [0.0] * (2 * labelling.NEAR)
    assert marks.sum(axis=1).tolist() == [1.0, 2.0, 2.0], "opens; leads, begins a day; ends, goes on with it"
    assert labelling.flags([], []).shape == (0, labelling.FLAGS)


def test_names_are_the_same_to_the_cues() -> None:
    first, second = (pieces(f"where is {name}") for name in ("bo", "lin"))
    rows = [cues(words, find(" ".join(words_of_pieces(words)), words, AROUND)) for words in (first, second)]
    assert rows[0].shape == (PLACES,)
    assert np.array_equal(rows[0], rows[1])


def words_of_pieces(words: list[Piece]) -> list[str]:
    return [piece.word for piece in words]


def read(text: str, kind: RequestKind, *found: tuple[SlotName, str]) -> dict[SlotName, tuple[str, str]]:
    """Assemble with these words labelled."""
    words = pieces(text)
    plain = words_of(text)
    items = []
    for name, said in found:
        part = said.split()
        start = next(at for at in range(len(plain)) if plain[at : at + len(part)] == part)
        items.append(Found(name=name, start=start, end=start + len(part)))
    request = assemble(text, words, find(text, words, AROUND), kind, 0.9, items)
    return {name: (slot.text, slot.value) for name, slot in request.slots.items()}


def test_a_label_grows_to_the_whole_mention() -> None:
    slots = read("do it by friday", RequestKind.CREATE_TASK, (SlotName.DUE, "friday"), (SlotName.WHAT, "do it"))
    assert slots[SlotName.DUE] == ("by friday", "2026-11-20")
    assert slots[SlotName.WHAT] == ("do it", "do it")


def test_articles_and_politeness_are_cut_off_and_the_first_find_counts() -> None:
    text = "close the Lamp please and the door"
    slots = read(text, RequestKind.CLOSE_TASK, (SlotName.WHAT, "the lamp please"), (SlotName.WHAT, "the door"))
    assert slots == {SlotName.WHAT: ("Lamp", "lamp")}
    assert read("close the", RequestKind.CLOSE_TASK, (SlotName.WHAT, "the")) == {}


def test_a_kind_has_only_its_own_slots() -> None:
    assert read("never mind by friday", RequestKind.CANCEL, (SlotName.DUE, "by friday")) == {}


def test_what_is_named_once_fills_its_slot_unlabelled() -> None:
    assert read("is birch free", RequestKind.FIND_ROOM) == {SlotName.ROOM: ("birch", "Birch")}
    assert read("birch or the alder table", RequestKind.FIND_ROOM) == {}


def test_what_is_denied_or_part_of_another_slot_does_not() -> None:
    assert read("not birch", RequestKind.CORRECTION) == {}
    text = "write slides by friday"
    slots = read(text, RequestKind.CREATE_TASK, (SlotName.WHAT, "write slides by friday"))
    assert set(slots) == {SlotName.WHAT}


def test_an_unresolved_mention_keeps_its_words() -> None:
    slots = read("remind me at Three", RequestKind.REMIND)
    assert slots == {SlotName.DUE: ("at Three", "at three")}


@given(text=st.one_of(st.text(max_size=60), SPOKEN), data=st.data())
def test_no_text_breaks_the_rules_and_spans_lie_inside(text: str, data: st.DataObject) -> None:
    words = pieces(text)
    mentions = find(text, words, AROUND)
    assert all(0 <= item.start < item.end <= len(words) for item in mentions)
    assert labelling.flags(words, mentions).shape == (len(words), labelling.FLAGS)
    cues(words, mentions)
    labels = data.draw(
        st.lists(st.integers(0, labelling.LABELS - 1), min_size=len(words), max_size=len(words)), label="labels"
    )
    for kind in REQUESTS:
        request = assemble(text, words, mentions, kind, 0.5, labelling.spans(labels, SURE[: len(words)]))
        for slot in request.slots.values():
            start, end = slot.span
            assert 0 <= start < end <= len(text)
            assert text[start:end] == slot.text


@pytest.mark.parametrize("word", ["¹", "²nd", "³:00", "q²", "in ² weeks", "the ¹"])
def test_a_raised_figure_is_no_number(word: str) -> None:
    assert find(word, pieces(word), AROUND) == []
