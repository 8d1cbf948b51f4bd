"""`atrium train`, as it is typed, over an office's database; and the model process with what it learnt."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from avatars.actions import AssignTask
from avatars.adapters.bert import WIDTH
from avatars.avatar import Avatar
from avatars.intent import Intent, IntentKind
from avatars.meeting_input import Line
from avatars.office_head import OfficeHead
from avatars.recognizer import Context, Present
from avatars.review import LEAST
from avatars.reviewing import KEY, Spoken
from media.utterance import Utterance, UtteranceId
from server import model_process
from server.__main__ import main
from server.adapters import colleague, model_settings
from server.config import DATABASE_FILE, load
from server.models.office_head import OFFICE_HEAD, Kept, encoder_hash, keep, load_kept, office_head_in_use
from server.models.registered import own_dir
from server.records import Records
from server.roles import Role
from server.train import Example, examples_of
from tests.server.offices import LOOK
from workflows.adapters.heard_reader import read_heard
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.task import TaskDraft
from workflows.tasks import TaskList

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
ADA = "avatar-ada"
WORK = [
    f"{who} {does} the {what}"
    for who, does, what in product(
        ("I will", "Lin will", "we have to"), ("send", "check"), ("budget", "report", "contract", "invoice")
    )
]
LEISURE = [
    f"{who} {does}"
    for who, does in product(
        ("I will", "Lin will", "we will"),
        ("play football", "watch the match", "grab a coffee", "go to lunch", "get some air", "make some tea"),
    )
]
Type = Callable[..., int]


class Desk:
    """An office's tasks, and people who look at them."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.tasks = TaskList(Engine(store, timezone=ZoneInfo("UTC")), store)
        self._now = NOW

    async def hear(
        self, words: str, verdict: str = "", *, confidence: float = 0.7, key: str = "", **more: Any
    ) -> str:
        """A colleague hears something; "accept", "edit" or "reject" is what Bo does about it."""
        self._now += timedelta(seconds=1)
        draft = TaskDraft(
            text=words, source_words=words, confidence=confidence, created_by=ADA, **{"proposed": True, **more}
        )
        task = (await self.tasks.add(draft, key=key or f"{words}:{confidence}", now=self._now)).task
        data = {"text": f"{words}, please"} if verdict == "edit" else None
        if verdict:
            await self.tasks.send(task.id, verdict, data, actor="bo", now=self._now)
        return task.id

    async def lived(self) -> None:
        """Bo keeps work, in his words or as it is, and rejects leisure."""
        for place, words in enumerate(WORK):
            await self.hear(words, "edit" if place % 3 == 0 else "accept")
        for words in LEISURE:
            await self.hear(words, "reject")


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Desk]:
    """The office of a data folder, at work."""
    store = await SqlStore.open(folder / DATABASE_FILE)
    try:
        yield Desk(store)
    finally:
        await store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The office's data folder."""
    made = tmp_path / "office"
    made.mkdir()
    return made


@pytest.fixture
def typed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Run `atrium train` in an office that learns; gives the exit status."""
    monkeypatch.setenv("ATRIUM_LEARN_FROM_CORRECTIONS", "true")
    return lambda *words: main(["train", *words, "--data-dir", str(folder)])


@pytest.fixture
def restored() -> Iterator[None]:
    """Other tests have their own models in this process."""
    before = list(model_process._models)
    yield
    model_process._models[:] = before


def examples(folder: Path) -> list[Example]:
    """What the office would learn from."""
    return examples_of(read_heard(folder / DATABASE_FILE), 0.5)


async def test_kept_and_changed_are_right_rejected_are_wrong_and_the_rest_is_no_example(folder: Path) -> None:
    async with opened(folder) as desk:
        await desk.hear("as it was", "accept")
        await desk.hear("in other words", "edit")
        await desk.hear("no work at all", "reject")
        await desk.hear("nobody looked")
        await desk.hear("published and left alone", proposed=False)
        await desk.hear("published and done", "done", proposed=False)
        by_hand = TaskDraft(text="written by hand", created_by="bo")
        await desk.tasks.add(by_hand, key="hand", now=NOW)
        found = examples(folder)
    assert [(one.words, one.right) for one in found] == [
        ("as it was", True), ("in other words", True), ("no work at all", False), ("published and done", True),
    ]  # fmt: skip


async def test_a_colleague_that_fills_in_and_a_day_that_passes_are_nobody_who_looked(folder: Path) -> None:
    async with opened(folder) as desk:
        task = await desk.hear("published", proposed=False, due=NOW.date())
        await desk.tasks.send(task, "edit", {"owner_name": "Lin"}, actor=ADA, now=NOW)
        await desk.tasks.send(task, "deadline", actor="office", now=NOW + timedelta(days=3))
        assert (await desk.tasks.get(task)).state == "overdue"
        assert examples(folder) == []


async def test_it_learns_from_the_confidence_before_corrections_and_knows_where_it_was_heard(
    folder: Path,
) -> None:
    async with opened(folder) as desk:
        await desk.hear("at once", "accept", confidence=0.9, heard_with=0.6)
        await desk.hear("afterwards", "reject", key=f"{KEY}u1")
        found = examples(folder)
    assert found == [
        Example(words="at once", confidence=0.6, right=True, threshold=0.5),
        Example(words="afterwards", confidence=0.7, right=False, threshold=LEAST),
    ]


async def test_words_of_who_was_erased_are_not_among_them(folder: Path) -> None:
    async with opened(folder) as desk:
        records = Records(desk.store.rows)
        meeting = await records.start_meeting(
            title="Stand-up", room="hq", zone="birch", zone_name="Birch", facilitator="bo", facilitator_name="Bo",
            at=NOW,
        )  # fmt: skip
        for name in ("Zoe", "Bo"):
            await records.put_person(id=name.lower(), name=name, look=LOOK, role=Role.MEMBER, now=NOW)
            await records.append_utterance(
                meeting.id, id=f"u-{name}", speaker_id=name.lower(), speaker_name=name, text=f"{name} said so",
                started_at=NOW, seconds=2.0, engine="test",
            )  # fmt: skip
            await desk.hear(f"{name} said so", "reject", source_utterance=f"u-{name}")
        assert [one.words for one in examples(folder)] == ["Zoe said so", "Bo said so"]
        await desk.store.erase_person("zoe")
        assert [one.words for one in examples(folder)] == ["Bo said so"]


def database_bytes(folder: Path) -> dict[str, bytes]:
    """Of the file and its log."""
    return {file.name: file.read_bytes() for file in folder.glob(f"{DATABASE_FILE}*") if "shm" not in file.name}


async def test_what_people_corrected_is_learnt_while_the_office_is_open(
    folder: Path, typed: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(folder) as desk:
        await desk.lived()
        before = database_bytes(folder)
        assert typed("--from-corrections", "--by", "Ana") == 0
        assert database_bytes(folder) == before
    out = capsys.readouterr().out
    assert "42 tasks that were heard and looked at: 24 right, 18 wrong." in out
    assert "It is not better" not in out
    assert "atrium train --forget" in out
    kept = load_kept(folder / "models", WIDTH)
    assert kept is not None
    assert (kept.by, kept.right, kept.wrong, kept.encoder) == ("Ana", 24, 18, encoder_hash())
    text = (own_dir(folder / "models") / OFFICE_HEAD).read_text()
    assert not any(words in text for words in ("budget", "football"))
    assert [file.name for file in own_dir(folder / "models").iterdir()] == [OFFICE_HEAD]


async def test_the_same_examples_give_the_same_figures_and_head(
    folder: Path, typed: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(folder) as desk:
        await desk.lived()
    told, heads = [], []
    for _ in range(2):
        assert typed("--from-corrections", "--json") == 0
        told.append(json.loads(capsys.readouterr().out))
        heads.append(load_kept(folder / "models", WIDTH))
    assert told[0] == told[1]
    assert heads[0] is not None
    assert heads[1] is not None
    assert heads[0].head == heads[1].head
    assert (told[0]["examples"], told[0]["right"], told[0]["wrong"]) == (42, 24, 18)
    assert told[0]["better"] is True
    assert told[0]["withheld"] == told[0]["before"]["wrong"] - told[0]["after"]["wrong"] > 0
    assert told[0]["after"]["brier"] < told[0]["before"]["brier"]
    assert told[0]["kept"] == str(own_dir(folder / "models") / OFFICE_HEAD)


async def test_what_is_not_better_is_said_and_not_kept_unless_it_is_wished(
    folder: Path, typed: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(folder) as desk:
        for place, words in enumerate(WORK):  # verdicts that have nothing to do with the words
            await desk.hear(words, "reject" if place % 5 == 2 else "accept", confidence=0.8)
    assert typed("--from-corrections") == 1
    out = capsys.readouterr().out
    assert "It is not better" in out
    assert "Nothing was kept" in out
    assert load_kept(folder / "models", WIDTH) is None
    assert typed("--from-corrections", "--json", "--keep") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["better"] is False
    assert load_kept(folder / "models", WIDTH) is not None


async def test_too_few_are_refused_with_numbers(
    folder: Path, typed: Type, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(folder) as desk:
        for place, words in enumerate(WORK[:19]):
            await desk.hear(words, "reject" if place == 0 else "accept")
    assert typed("--from-corrections") == 2
    error = capsys.readouterr().err
    assert "there are 19 tasks that were heard and looked at, 18 kept or changed and 1 rejected; 20 are" in error


def test_without_an_office_it_says_so(folder: Path, typed: Type, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--from-corrections") == 2
    assert "--data-dir" in capsys.readouterr().err


async def test_nothing_is_learnt_where_it_is_not_allowed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ATRIUM_LEARN_FROM_CORRECTIONS", raising=False)
    async with opened(folder) as desk:
        await desk.lived()
    assert main(["train", "--from-corrections", "--data-dir", str(folder)]) == 2
    assert "set learn_from_corrections = true" in capsys.readouterr().err


def plain_head(words: float = 0.0, shift: float = 0.0) -> OfficeHead:
    """A head that only shifts, with weights that are all alike."""
    return OfficeHead(shift=shift, slope=0.0, weights=(words,) * WIDTH)


def laid(folder: Path, head: OfficeHead, encoder: str = "") -> Path:
    """A head that is kept."""
    kept = Kept(head=head, encoder=encoder or encoder_hash(), by="Ana", at=NOW, right=12, wrong=8)
    return keep(folder / "models", kept)


def test_what_was_learnt_can_be_forgotten(folder: Path, typed: Type, capsys: pytest.CaptureFixture[str]) -> None:
    laid(folder, plain_head())
    assert typed("--forget") == 0
    assert "is removed" in capsys.readouterr().out
    assert not list(own_dir(folder / "models").iterdir())
    assert typed("--forget") == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert typed("--forget", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"forgotten": False}


def test_a_head_is_used_where_the_office_learns_and_nowhere_else(folder: Path) -> None:
    head = plain_head(0.25, shift=-1.0)
    laid(folder, head)
    assert model_settings(load({"data_dir": str(folder)}, {})).office_head is None
    learning = {"data_dir": str(folder), "learn_from_corrections": "true"}
    assert model_settings(load(learning, {})).office_head == head
    assert model_settings(load({**learning, "data_dir": str(folder / "other")}, {})).office_head is None


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda file: file.write_text("{"), "holds no head"),
        (lambda file: file.write_bytes(b'{"by": "\xff"}'), "holds no head"),
        (lambda file: file.write_text(file.read_text().replace('"shift":0.0', '"shift":"far"')), "holds no head"),
        (lambda file: file.write_text(file.read_text().replace('"format":1', '"format":2')), "another encoder"),
        (lambda file: (file.unlink(), file.mkdir()), "cannot be read"),
    ],
)
def test_a_head_that_cannot_be_read_is_said_once_and_the_office_works_without(
    folder: Path, damage: Callable[[Path], object], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    damage(laid(folder, plain_head()))
    settings = load({"data_dir": str(folder), "learn_from_corrections": "true"}, {})
    with caplog.at_level(logging.WARNING):
        assert model_settings(settings).office_head is None
    (record,) = caplog.records
    assert words in record.__dict__["fault"]


def test_a_head_for_another_encoder_is_not_used(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    laid(folder, plain_head(), encoder="0" * 64)
    assert office_head_in_use(folder / "models", WIDTH) is None
    laid(folder, plain_head())
    assert office_head_in_use(folder / "models", WIDTH + 1) is None
    assert ["another encoder" in record.__dict__["fault"] for record in caplog.records] == [True, True]


def test_a_head_that_cannot_be_kept_leaves_the_one_before(folder: Path) -> None:
    file = laid(folder, plain_head())
    before = file.read_bytes()
    with pytest.raises(TypeError):
        laid(folder, object())  # type: ignore[arg-type]
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]
    assert msgspec.json.decode(before, type=Kept).by == "Ana"


def understood(text: str, head: OfficeHead | None) -> tuple[Sequence[Intent], int]:
    """What the model process makes of an utterance, and how many tasks a colleague notes of it."""
    model_process.start(
        model_process.ModelSettings(
            understanding_dir=model_settings(load({}, {})).understanding_dir, office_head=head
        )
    )
    utterance = Utterance(
        id=UtteranceId("u1"), speaker="bo", speaker_name="Bo", room="hq", zone="birch", text=text, words=(),
        started_at=NOW, seconds=3.0, engine="known",
    )  # fmt: skip
    context = Context(
        present=(Present(id="bo", name="Bo"), Present(id="lin", name="Lin")), now=NOW, in_meeting=True,
        meeting_id="m",
    )  # fmt: skip
    found = model_process.understand(utterance, context).intents
    actions = Avatar(colleague(), ADA).hear(utterance, found, context, 0.0)
    return found, sum(isinstance(action, AssignTask) for action in actions)


@pytest.mark.usefixtures("restored")
def test_a_clause_has_the_corrected_confidence_and_is_proposed_if_that_is_enough() -> None:
    (heard,), noted = understood("I will send the budget by Friday.", None)
    assert (heard.kind, heard.heard_with, noted) == (IntentKind.ACTION_ITEM, None, 1)
    (less,), noted = understood("I will send the budget by Friday.", plain_head(shift=-1.0))
    assert less.heard_with == heard.confidence
    assert 0.5 < less.confidence < heard.confidence
    assert noted == 1
    (least,), noted = understood("I will send the budget by Friday.", plain_head(shift=-20.0))
    assert least.confidence < 0.5
    assert noted == 0


@pytest.mark.usefixtures("restored")
async def test_what_is_like_rejected_ones_is_withheld_and_other_work_is_not(folder: Path, typed: Type) -> None:
    async with opened(folder) as desk:
        await desk.lived()
        for place in range(4):  # the same again, on other days
            for words in WORK:
                await desk.hear(words, "accept", confidence=0.75 + place / 100)
            for words in LEISURE:
                await desk.hear(words, "reject", confidence=0.75 + place / 100)
    assert typed("--from-corrections") == 0
    kept = load_kept(folder / "models", WIDTH)
    assert kept is not None
    (work,), noted = understood("I will send the slides.", kept.head)
    assert noted == 1
    assert work.heard_with is not None
    (leisure,), noted = understood("I will make some coffee.", kept.head)
    assert leisure.heard_with is not None
    assert leisure.heard_with > 0.5 > leisure.confidence
    assert noted == 0


@pytest.mark.usefixtures("restored")
def test_after_a_meeting_what_falls_too_low_is_not_proposed() -> None:
    said = (
        ("ana", "so what is next"), ("bo", "the budget"),
        ("ana", "okay so for the next meeting you will prepare the budget"),
        ("bo", "yes I will send it to everybody"),
    )  # fmt: skip
    meeting = Spoken(
        lines=tuple(
            Line(id=f"u{at}", speaker=who, start=3.0 * at, end=3.0 * at + 2, text=text)
            for at, (who, text) in enumerate(said)
        ),
        began=NOW,
        names={"ana": "Ana", "bo": "Bo"},
    )
    settings = model_settings(load({}, {}))
    found = []
    for head in (None, plain_head(), plain_head(shift=-20.0)):
        model_process.start(
            model_process.ModelSettings(understanding_dir=settings.understanding_dir, office_head=head)
        )
        found.append(model_process.review(meeting).actions)
    plain, unchanged, withheld = found
    assert plain
    assert [item.line for item in unchanged] == [item.line for item in plain]
    assert [item.heard_with for item in unchanged] == [item.confidence for item in plain]
    assert withheld == ()
