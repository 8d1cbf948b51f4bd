"""Requests on the shipped model, and the generator and the sheets they are trained and scored with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avatars import labelling
from avatars.adapters.bert import Encoder
from avatars.adapters.request_model import RequestReader
from avatars.errors import ModelError
from avatars.requests import REQUESTS, RequestKind, SlotName
from avatars.training import requests_train
from avatars.training.channel import Channel
from avatars.training.made_of import code_of, mark
from avatars.training.request_scores import AROUND, compared, read_sheet, score
from avatars.training.requests import Requests
from avatars.training.requests_train import FIRST, SECOND, SHORT, TUNING, WordRows, sheets, shipped, texts
from avatars.training.train import MODELS

ENCODER = Encoder(MODELS)
SHIPPED = RequestReader.load(MODELS, ENCODER)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return ENCODER


@pytest.fixture(scope="module")
def reader() -> RequestReader:
    return SHIPPED


@pytest.mark.parametrize(
    ("text", "kind", "slots"),
    [
        ("could you add a task for lin to call the painter by friday", RequestKind.CREATE_TASK,
         {SlotName.OWNER: "lin", SlotName.DUE: "2026-11-20"}),
        ("please approve the invoice from cedarhill number 6054", RequestKind.APPROVE_INVOICE,
         {SlotName.INVOICE: "6054"}),
        ("please approve invoice 6054", RequestKind.APPROVE_INVOICE, {SlotName.INVOICE: "6054"}),
        ("submit a bill from osterman paints over twelve hundred euros", RequestKind.SUBMIT_INVOICE,
         {SlotName.AMOUNT: "1200 EUR"}),
        ("is the library free on monday", RequestKind.FIND_ROOM,
         {SlotName.ROOM: "library", SlotName.DUE: "2026-11-23"}),
        ("where is priya at the moment", RequestKind.FIND_PERSON, {SlotName.PERSON: "priya"}),
        ("start the onboarding for bo", RequestKind.START_WORKFLOW, {SlotName.WORKFLOW: "onboarding"}),
        ("can you summarise what we discussed", RequestKind.SUMMARISE, {}),
        ("remind me tomorrow to feed the cat", RequestKind.REMIND, {SlotName.DUE: "2026-11-19"}),
        ("thanks a million ada", RequestKind.SMALL_TALK, {}),
        ("the soup in the canteen was rather salty last week", RequestKind.NONE, {}),
    ],
)  # fmt: skip
def test_the_shipped_model_reads(
    reader: RequestReader, text: str, kind: RequestKind, slots: dict[SlotName, str]
) -> None:
    request = reader.read(text, AROUND)
    assert request.kind is kind
    assert {name: request.slots[name].value for name in slots} == slots
    for slot in request.slots.values():
        assert text[slice(*slot.span)] == slot.text


def test_nothing_said_asks_nothing(reader: RequestReader) -> None:
    assert reader.read(" …", AROUND).kind is RequestKind.NONE


def test_below_the_threshold_nothing_is_asked(reader: RequestReader, encoder: Encoder) -> None:
    sure = RequestReader(encoder, reader._intents, reader._labels, reader._moves, 1.01)
    assert sure.read("approve invoice 6054", AROUND).kind is RequestKind.NONE


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    request = SHIPPED.read(text, AROUND)
    assert 0.0 <= request.confidence <= 1.0
    assert all(0 <= slot.span[0] < slot.span[1] <= len(text) for slot in request.slots.values())


def test_weights_survive_a_file_and_others_are_refused(
    reader: RequestReader, encoder: Encoder, tmp_path: Path
) -> None:
    reader.save(tmp_path)
    text = "remind lin on friday about the lamp"
    assert RequestReader.load(tmp_path, encoder).read(text, AROUND) == reader.read(text, AROUND)
    np.savez(tmp_path / "requests.npz", scale=np.ones(3))
    with pytest.raises(ModelError, match="lacks an array"):
        RequestReader.load(tmp_path, encoder)
    with pytest.raises(ModelError, match="cannot be read"):
        RequestReader.load(tmp_path / "nowhere", encoder)
    RequestReader(encoder, reader._intents, reader._labels, np.zeros((2, 2), np.float32), 0.2).save(tmp_path)
    with pytest.raises(ModelError, match="other labels"):
        RequestReader.load(tmp_path, encoder)


def test_the_labeller_learns_from_what_it_will_see() -> None:
    chance = np.random.default_rng(5)
    vectors, marks = ([chance.random((n, wide), np.float32) for n in (1, 3, 2)] for wide in (4, labelling.FLAGS))
    shares = chance.random((3, 6), np.float32)
    whole = np.concatenate([labelling.inputs(*one) for one in zip(vectors, marks, shares, strict=True)])
    rows = WordRows(vectors, marks, shares)
    assert rows.shape == whole.shape
    chosen = np.array([5, 0, 2])
    assert np.array_equal(rows[chosen], whole[chosen])


def test_heads_are_kept_until_what_they_were_learnt_from_changes(
    reader: RequestReader, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[int] = []

    def learn(seed: int, *_: object) -> RequestReader:
        learnt.append(seed)
        return reader

    phrases = tmp_path / "phrases.txt"
    phrases.write_text("== requests help\nhelp\n", encoding="utf-8")
    monkeypatch.setattr(requests_train, "train", learn)
    monkeypatch.setattr(requests_train, "PHRASES", phrases)
    requests_train.made_from.cache_clear()
    text = "remind lin on friday about the lamp"
    for _ in range(2):
        assert requests_train.heads_of(3, encoder, tmp_path).read(text, AROUND) == reader.read(text, AROUND)
    assert learnt == [3]
    phrases.write_text("== requests help\nhelp me\n", encoding="utf-8")
    requests_train.heads_of(3, encoder, tmp_path)
    assert learnt == [3], "what changes while a process runs was not learnt from"
    requests_train.made_from.cache_clear()
    requests_train.heads_of(3, encoder, tmp_path)
    assert learnt == [3, 3]
    requests_train.made_from.cache_clear()


def test_what_heads_are_learnt_from_is_found_by_imports() -> None:
    names = {path.name for path in code_of("avatars.training.requests_train", requests_train.TELLING)}
    assert {"requests_train.py", "channel.py", "labelling.py", "mentions.py", "date_words.py", "train.py"} <= names
    assert not {"request_card.py", "request_scores.py", "gesture.py"} & names


def test_other_words_about_code_make_no_other_heads(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    marks = []
    for text in ('"""One."""\nA = 1\n"""Told."""\n', "A = 1  # two\n", "A = 2\n"):
        file.write_text(text, encoding="utf-8")
        marks.append(mark([file], []))
    assert marks[0] == marks[1] != marks[2]


def test_the_same_seed_asks_the_same_and_every_pattern_is_filled() -> None:
    channel = Channel.load()
    first = Requests(3, channel).examples(400)
    assert first == Requests(3, channel).examples(400)
    assert first != Requests(4, channel).examples(400)
    assert first != Requests(3).examples(400), "nothing was misheard"
    assert {item.kind for item in first} == set(REQUESTS)
    for item in Requests(5, channel).examples(3000):
        assert not set("{}[]<>|⟦⟧") & set(item.text)
        assert all(0 <= start < end <= len(item.text) for start, end in item.slots.values())


def test_the_sheets_are_large_and_apart() -> None:
    parts = sheets()
    kinds = [item.kind for item in parts.held_out]
    assert len(parts.first) >= 400
    assert len(parts.second) >= 190
    assert min(kinds.count(kind) for kind in REQUESTS) >= 30
    for sheet in (parts.first, parts.second):
        assert len(texts((sheet,))) == len(sheet)
        both = texts((sheet,)) & texts((parts.tuning,))
        assert all(len(text.split()) <= SHORT + 1 for text in both), "what everybody says alike may be on both"
    assert all(words in item.text for item in (*parts.tuning, *parts.held_out) for words in item.slots.values())


def test_slots_are_compared_without_what_stands_in_front() -> None:
    assert compared("by the Friday please") == "friday"
    assert len({tuple(item.text for item in read_sheet(path)) for path in (TUNING, FIRST, SECOND)}) == 3


def test_a_wrong_slot_and_a_wrong_kind_count(reader: RequestReader) -> None:
    sheet = [item for item in read_sheet(TUNING) if item.kind is RequestKind.FIND_PERSON][:4]
    good = score(reader, sheet)
    spoilt = [replace(sheet[0], kind=RequestKind.HELP, slots={SlotName.WHAT: "nothing"}), *sheet[1:]]
    bad = score(reader, spoilt)
    assert bad.slot_f1 < good.slot_f1
    assert bad.by_kind["find_person"] <= good.by_kind["find_person"]
    assert len(bad.faults) > len(good.faults)


@pytest.mark.slow
def test_the_shipped_model_is_as_good_as_its_card_says() -> None:
    numbers = shipped()
    report = json.loads((MODELS / "requests-report.json").read_text(encoding="utf-8"))
    run = report["runs"][report["seeds"].index(report["seed"])]
    assert numbers == pytest.approx(run["heldout"], abs=0.003)
    assert requests_train.shipped_seed() == report["seed"]
