"""The owner's view of models and glossary, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from server.api.advice import advice
from server.api.speech_view import EngineView, MissingView, ProcessView, SpeechView
from server.models.store import choose, installed
from server.roles import Role
from tests.server.offices import TestOffice, open_office
from tests.server.test_models_store import make_model
from workflows.task import TaskDraft

EMBEDDED = EngineView(name="pocketsphinx", use="working", model="en-us")
WHISPER = EngineView(name="whisper", use="working", model="data/models/small.en", device="cpu")


@dataclass(kw_only=True)
class Desk:
    """An office with its models, and what was told to its recognisers."""

    office: TestOffice
    models: Path
    told: list[tuple[str, ...]]
    view: list[SpeechView]

    @asynccontextmanager
    async def as_(self, role: Role) -> AsyncIterator[httpx.AsyncClient]:
        async with self.office.client(await self.office.person(f"A {role}", role)) as client:
            yield client


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    told: list[tuple[str, ...]] = []
    view = [SpeechView(engines=[EMBEDDED])]

    async def tell(terms: tuple[str, ...]) -> None:
        told.append(terms)

    folder = tmp_path / "models"
    async with open_office(tmp_path, data_dir=tmp_path, models_dir=folder) as office:
        parts = office.app.state.parts
        office.app.state.parts = replace(parts, speech_view=lambda: view[0], on_glossary_changed=tell)
        yield Desk(office=office, models=folder, told=told, view=view)


async def test_the_owner_sees_what_runs_and_what_is_missing(desk: Desk) -> None:
    async with desk.as_(Role.OWNER) as owner:
        body = (await owner.get("/v1/models")).json()
        assert body["speech"]["engines"][0]["name"] == "pocketsphinx"
        (missing,) = body["speech"]["missing"]
        assert missing["command"].startswith("atrium models pull ")
        assert (body["installed"], body["chosen"]) == ([], None)
        assert body["offers"][0]["command"] == "atrium models pull tiny.en"

        make_model(desk.models, "small.en")
        choose(desk.models, "small.en")
        desk.view[0] = SpeechView(engines=[WHISPER, EMBEDDED])
        body = (await owner.get("/v1/models")).json()
        assert body["speech"]["missing"] == []
        assert body["chosen"] == "small.en"
        engine = body["speech"]["engines"][0]
        assert (engine["licence"], engine["revision"], engine["memory_mb"]) == ("MIT", "abc", 900)
        (model,) = body["installed"]
        assert (model["name"], model["chosen"], model["in_use"], model["licence"]) == (
            "small.en",
            True,
            True,
            "MIT",
        )
        assert "small.en" not in [offer["name"] for offer in body["offers"]]


async def test_the_glossary_is_kept_and_told(desk: Desk, tmp_path: Path) -> None:
    async with desk.as_(Role.OWNER) as owner:
        assert (await owner.get("/v1/glossary")).json() == {
            "terms": [],
            "most_terms": 200,
            "most_characters": 40,
        }
        answer = await owner.put("/v1/glossary", json={"terms": ["Zephyr", " Zephyr ", "", "Cedar room"]})
        assert answer.json()["terms"] == ["Zephyr", "Cedar room"]
        assert (await owner.get("/v1/glossary")).json()["terms"] == ["Zephyr", "Cedar room"]
        assert desk.told == [("Zephyr", "Cedar room")]
        refused = await owner.put("/v1/glossary", json={"terms": ["x" * 41]})
        assert (refused.status_code, refused.json()["code"]) == (422, "unacceptable")
        assert len(desk.told) == 1
    assert (tmp_path / "glossary.txt").read_text() == "Zephyr\nCedar room\n"


async def test_nobody_else_sees_or_changes_it(desk: Desk) -> None:
    for role in (Role.FACILITATOR, Role.MEMBER, Role.GUEST):
        async with desk.as_(role) as other:
            for answer in (
                await other.get("/v1/models"),
                await other.get("/v1/glossary"),
                await other.put("/v1/glossary", json={"terms": []}),
            ):
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    async with desk.office.client() as stranger:
        assert (await stranger.get("/v1/models")).status_code == 401
    assert desk.told == []


def commands(view: SpeechView, folder: Path, chosen: str | None = None, cores: int = 8) -> list[str]:
    return [one.command or one.what for one in advice(view, installed(folder), chosen, cores=cores)]


def test_advice_names_the_one_thing_to_do(tmp_path: Path) -> None:
    only = SpeechView(engines=[EMBEDDED])
    assert commands(SpeechView(), tmp_path) == []
    assert commands(only, tmp_path) == ["atrium models pull small.en --use"]
    assert commands(only, tmp_path, cores=2) == ["atrium models pull base.en --use"]
    assert commands(only.model_copy(update={"language": "de"}), tmp_path) == ["atrium models pull small --use"]
    card = ProcessView(index=0, device="cuda:0")
    assert commands(only.model_copy(update={"processes": [card]}), tmp_path) == [
        "atrium models pull large-v3-turbo --use"
    ]
    assert commands(SpeechView(engines=[WHISPER, EMBEDDED]), tmp_path) == []
    assert commands(only, tmp_path, "base.en") == ["atrium models pull base.en"]
    make_model(tmp_path, "base.en")
    assert commands(only, tmp_path, "base.en") == ["A restart, for base.en"]
    said = MissingView(what="The CUDA libraries", command="pip install -e '.[gpu]'")
    assert commands(only.model_copy(update={"missing": [said, said]}), tmp_path) == [said.command]


async def test_the_owner_sees_which_models_understand_and_what_people_made_of_what_was_heard(desk: Desk) -> None:
    tasks, now = desk.office.app.state.parts.tasks, desk.office.app.state.parts.now()
    for number, event in enumerate(("accept", "reject", None)):
        draft = TaskDraft(
            text="Send it", source_words="Bo sends it", confidence=0.9, created_by="ada", proposed=True
        )
        task = (await tasks.add(draft, key=str(number), now=now)).task
        if event is not None:
            await tasks.send(task.id, event, actor="bo", now=now)
    async with desk.as_(Role.OWNER) as owner:
        body = (await owner.get("/v1/understanding")).json()
    assert [(model["kind"], model["promoted_by"]) for model in body["models"]] == [
        ("utterances", "shipped"),
        ("meetings", "shipped"),
    ]
    last = {name: count for name, count in body["weeks"][-1].items() if name != "start"}
    assert last == {"kept": 1, "changed": 0, "rejected": 1, "waiting": 1}
    assert (len(body["weeks"]), body["judged"], body["wrong"], body["scores"]["index"]) == (12, 2, 1, None)


async def test_others_do_not_see_how_understanding_is_doing(desk: Desk) -> None:
    async with desk.as_(Role.FACILITATOR) as facilitator:
        assert (await facilitator.get("/v1/understanding")).status_code == 403
