"""Who takes it on: a table of short talks, and what holds for any talk."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.adapters.owner_weights import load_owner_weights
from avatars.errors import ModelError
from avatars.meeting_input import ROLES, Line
from avatars.owners import EVERYBODY, LEAST, OwnerWeights, owner, signs_of
from server.assets import assets_dir

WEIGHTS = load_owner_weights(assets_dir() / "models" / "understanding")
TABLE = Path(__file__).with_name("owners.tsv")


def read(talk: str) -> list[Line]:
    """ "A/PM: so | B: yes": speakers, their roles if they have one, and what they say."""
    lines = []
    for at, turn in enumerate(talk.split(" | ")):
        who, _, text = turn.partition(": ")
        speaker, _, role = who.partition("/")
        lines.append(
            Line(id=str(at), speaker=speaker, start=3.0 * at, end=3.0 * at + 2, text=text, role=role or None)
        )
    return lines


def rows() -> list[dict[str, str]]:
    """The rows of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["talk"][:50])
def test_who_takes_it_on(row: dict[str, str]) -> None:
    assert owner(read(row["talk"]), int(row["at"]), WEIGHTS).who == row["owner"]


def test_what_nothing_speaks_for_stays_unclear() -> None:
    talk = read("A: the budget | B: hm | C: hm | D: hm")
    found = owner(talk, 0, OwnerWeights(signs={}, words={}))
    assert found.who is None
    assert found.confidence == pytest.approx(1 / 5)


def test_words_of_a_role_count_only_where_roles_are_known() -> None:
    words = OwnerWeights(signs={}, words={"trends": [0.0, 9.0, 0.0, 0.0, 0.0]})
    assert owner(read("A/PM: trends | B/ME: hm"), 0, words).who == "ME"
    assert owner(read("A: trends | B: hm"), 0, words).who is None


def test_a_role_that_another_names_first_is_asked_before_the_others() -> None:
    signs = signs_of(read("A/PM: the i. d. and the marketing expert do the prototype | B/ME: okay"), 0)
    assert "named first" in signs["ID"]
    assert "named with others" in signs["ME"]


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from([None, *ROLES]), st.text(max_size=30)),
        min_size=1,
        max_size=9,
    ),
    st.data(),
)
def test_any_talk_has_somebody_or_nobody(said: list[tuple[str, str | None, str]], data: st.DataObject) -> None:
    lines = [
        Line(id=str(at), speaker=speaker, start=3.0 * at, end=3.0 * at + 1, text=text, role=role)
        for at, (speaker, role, text) in enumerate(said)
    ]
    found = owner(lines, data.draw(st.integers(0, len(lines) - 1)), WEIGHTS)
    assert 0 < found.confidence <= 1
    assert (found.who is None) == (found.confidence < LEAST)
    assert found.who in {None, EVERYBODY, *ROLES, *(line.speaker for line in lines)}


@pytest.mark.parametrize("text", [None, "no JSON", "[]", '{"signs": {}}'])
def test_a_broken_file_is_named(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "owners.json").write_text(text)
    with pytest.raises(ModelError, match=r"owners\.json"):
        load_owner_weights(tmp_path)
