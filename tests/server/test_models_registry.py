"""The registry: what is written is read again, what does not hold together is named; one model is in use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars.gate import Figure
from server.models.errors import DamagedModel, ModelError
from server.models.manifest import ModelFile
from server.models.registry import (
    CARDS,
    SHIPPED,
    WEIGHTS,
    Kind,
    Promotion,
    Registered,
    Registry,
    content_hash,
    fault_of_name,
    from_json,
    id_of,
    is_id,
    joined,
    kind_of,
    listing_hash,
    to_json,
)

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
GROUND, OTHER_GROUND = "e" * 64, "f" * 64
FIGURES = {"names": Figure(value=0.5, of=40)}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def model(text: str, kind: Kind = Kind.MEETINGS, ground: str = GROUND) -> Registered:
    """One whose weights hold this text."""
    files = {name: ModelFile(size=3, sha256=sha256(name + text)) for name in (*WEIGHTS[kind], CARDS[kind])}
    content = content_hash(files, kind)
    return Registered(
        id=id_of(kind, content), kind=kind, sha256=content, ground=ground, files=files,
        licence="Apache-2.0", data="made up",
    )  # fmt: skip


def promotion(of: Registered, by: str = "Ana", minutes: int = 0) -> Promotion:
    return Promotion(
        model=of.id, at=NOON + timedelta(minutes=minutes), by=by, before=None, suite="abc", figures=FIGURES,
        overall=0.5,
    )  # fmt: skip


CARRIED = model("carried")
SHIPPED_ONES = Registry(models=(CARRIED,), promotions=(promotion(CARRIED, SHIPPED),))


def office(*own: Registered, promoted: tuple[Registered, ...] | None = None) -> Registry:
    """An office with models of its own, promoted in this order."""
    events = tuple(promotion(one, minutes=at) for at, one in enumerate(own if promoted is None else promoted))
    return joined(SHIPPED_ONES, Registry(models=own, promotions=events))


@given(
    st.lists(st.tuples(st.text("abc", min_size=1), st.sampled_from(list(Kind))), unique=True, max_size=5),
    st.lists(st.integers(0, 4), max_size=8),
    st.text(min_size=1).filter(lambda name: fault_of_name(name) is None),
)
def test_what_is_written_is_read_again(texts: list[tuple[str, Kind]], order: list[int], by: str) -> None:
    models = [model(text, kind) for text, kind in texts]
    registry = Registry()
    for one in models:
        registry = registry.with_model(one).with_model(one)
    for place in order:
        if place < len(models):
            registry = registry.with_note(promotion(models[place], by))
    assert from_json(to_json(registry), "registry.json") == registry
    assert len(registry.models) == len(models)


@given(st.lists(st.integers(0, 3), max_size=6))
def test_the_last_promotion_counts(order: list[int]) -> None:
    own = [model(text) for text in "abc"]
    every = [CARRIED, *own]
    registry = office(*own, promoted=tuple(every[place] for place in order))
    assert registry.current(Kind.MEETINGS) == every[order[-1] if order else 0]
    assert len(registry.promotions) == len(order) + 1, "nothing of the history is lost"


def test_kinds_do_not_disturb_each_other() -> None:
    heads = model("h", Kind.UTTERANCES)
    registry = office(model("a"), heads)
    assert registry.current(Kind.MEETINGS) == model("a")
    with pytest.raises(ModelError, match="install Atrium again"):
        registry.current(Kind.UTTERANCES)


def test_what_an_earlier_atrium_carried_gives_way_to_what_this_one_carries() -> None:
    registry = office(model("a"), promoted=(model("a"), model("carried before")))
    assert registry.given_way(Kind.MEETINGS) is None
    assert registry.current(Kind.MEETINGS) == CARRIED


def test_a_model_on_other_ground_is_not_used() -> None:
    registry = office(model("a", ground=OTHER_GROUND))
    assert registry.current(Kind.MEETINGS) == CARRIED
    assert registry.last_promotion(Kind.MEETINGS).by == SHIPPED
    assert registry.given_way(Kind.MEETINGS) == model("a").id
    assert office(model("a")).given_way(Kind.MEETINGS) is None
    assert office().given_way(Kind.MEETINGS) is None


def test_a_model_that_is_carried_now_stands_in_the_history_once() -> None:
    registry = office(CARRIED, model("a"))
    assert [one.id for one in registry.of_kind(Kind.MEETINGS)] == [CARRIED.id, model("a").id]


def test_the_hash_is_the_one_of_the_command_line() -> None:
    files = {name: ModelFile(size=1, sha256=sha256(name)) for name in ("b", "a")}
    assert listing_hash(files) == sha256(f"{sha256('a')}  a\n{sha256('b')}  b\n")
    assert content_hash(model("x").files, Kind.MEETINGS) == model("x").sha256


def test_a_card_makes_no_other_model() -> None:
    one = model("x")
    changed = {**one.files, "meetings.md": ModelFile(size=9, sha256=sha256("new"))}
    assert content_hash(changed, Kind.MEETINGS) == one.sha256


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CARRIED.id, True), ("utterances-0123456789ab", True), ("meetings", False), ("meetings-0123", False),
        ("./meetings-0123456789ab", False), ("heads-0123456789ab", False), ("meetings-0123456789AB", False),
    ],
)  # fmt: skip
def test_an_id_is_told_from_a_folder(text: str, expected: bool) -> None:
    assert is_id(text) is expected
    if expected:
        assert text.startswith(kind_of(text))


@pytest.mark.parametrize("by", ["", " ", " Ana", "Ana\n", "x" * 101, "a\tb", "\x1b[1m"])
def test_what_is_no_name_is_not_noted(by: str) -> None:
    assert fault_of_name(by) is not None
    with pytest.raises(ModelError, match="cannot be noted"):
        Registry().with_note(promotion(CARRIED, by))


Change = Callable[[dict[str, Any]], Any]


def spoilt(change: Change) -> str:
    """A registry's text, changed."""
    table = json.loads(to_json(office(model("a"))))
    change(table)
    return json.dumps(table)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.update(format=2), "its format is 2, and this Atrium reads 1"),
        (lambda t: t.pop("format"), "its format is None"),
        (lambda t: t["models"].append(t["models"][0]), "stands in it twice"),
        (lambda t: t["models"][0].pop("licence"), "licence"),
        (lambda t: t["models"][0].update(data=" "), "licence or data is empty"),
        (lambda t: t["models"][0].update(kind="letters"), "letters"),
        (lambda t: t["models"][0].update(ground="x"), "is no SHA-256"),
        (lambda t: t["models"][0].update(sha256="0" * 64), "not that of its files"),
        (lambda t: t["models"][0].update(id="meetings-000000000000"), "not that of its files"),
        (lambda t: t["models"][0]["files"].pop("meetings.md"), "its files have to be"),
        (lambda t: t["models"][0]["files"]["meetings.md"].update(size=-1), "a size is below 0"),
        (lambda t: t["models"][0]["files"]["meetings.onnx"].update(sha256="0" * 64), "not that of its files"),
        (lambda t: t["promotions"][0].update(model="../x"), "written otherwise"),
        (lambda t: t["promotions"][0].update(before="x"), "written otherwise"),
        (lambda t: t["promotions"][0].update(by=""), "a name is missing"),
        (lambda t: t["promotions"][0].update(at="2026-11-27T12:00:00"), "no zone"),
        (lambda t: t["promotions"][0].update(at="yesterday"), "at"),
        (lambda t: t["promotions"][0].update(overall=1.5), "not from 0 to 1"),
        (lambda t: t["promotions"][0].update(figures={}), "not from 0 to 1"),
        (lambda t: t.update(models={}), "array"),
    ],
)
def test_what_does_not_hold_together_is_named_with_what_to_do(change: Change, words: str) -> None:
    with pytest.raises(DamagedModel, match=words) as fault:
        from_json(spoilt(change), "there/registry.json")
    assert str(fault.value).startswith("there/registry.json cannot be read: ")
    assert "Put it back from a backup" in str(fault.value)


@given(st.text(max_size=40) | st.sampled_from(["[]", "{}", "null", '{"format": 1, "models": 3}', "NaN"]))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(DamagedModel):
        from_json(text, "registry.json")


def test_an_empty_registry_is_one() -> None:
    assert from_json('{"format": 1}', "registry.json") == Registry()
    assert replace(Registry(), format=1) == Registry()
