"""Which recogniser a machine gets, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from media.adapters.cuda import Card
from media.adapters.pocketsphinx import PocketSphinxTranscriber
from media.adapters.wyoming import WyomingTranscriber
from media.errors import ModelMissing
from server.config import Settings
from server.engines import Engine, EnginePlan, Machine, choose, open_engine
from server.models.manifest import NEEDED, Format
from server.models.store import choose as use

CARD = Card(compute_types=frozenset({"float16", "float32", "int8_float16"}))
NO_CARD = Card(why_not="no NVIDIA card")


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    return tmp_path / "hub"


def machine(hub: Path, *, cores: int = 8, card: Card = NO_CARD, torch: str = "") -> Machine:
    return Machine(cores=cores, card=card, torch=torch, cache=hub)


def office(tmp_path: Path, **changes: Any) -> Settings:
    return Settings(data_dir=tmp_path / "data", **changes)


def fetched(settings: Settings, name: str, kind: Format = Format.CTRANSLATE2) -> Path:
    folder = settings.models / name
    folder.mkdir(parents=True)
    for file in NEEDED[kind]:
        (folder / file).write_bytes(b"{}")
    return folder


def cached(hub: Path, name: str) -> Path:
    folder = hub / f"models--Systran--faster-whisper-{name}" / "snapshots" / "1"
    folder.mkdir(parents=True)
    for file in NEEDED[Format.CTRANSLATE2]:
        (folder / file).write_bytes(b"{}")
    return folder


def kinds(plans: list[EnginePlan]) -> list[Engine]:
    return [plan.engine for plan in plans]


def test_with_nothing_else_the_embedded_recogniser_is_used_on_all_cores(tmp_path: Path, hub: Path) -> None:
    (plan,) = choose(office(tmp_path), machine(hub, cores=2))
    assert plan.engine is Engine.EMBEDDED
    assert plan.embedded
    assert plan.label == "PocketSphinx"
    assert plan.processes == 2
    assert "2 cores" in plan.why
    (many,) = choose(office(tmp_path), machine(hub, cores=64))
    assert many.processes == 8
    assert "atrium models pull" in many.why


def test_a_number_of_processes_that_was_set_is_kept(tmp_path: Path, hub: Path) -> None:
    (plan,) = choose(office(tmp_path, speech_processes=3), machine(hub))
    assert plan.processes == 3


@pytest.mark.parametrize(
    ("cores", "wanted", "expected"),
    [
        (2, {}, [Engine.EMBEDDED]),
        (4, {}, [Engine.WHISPER, Engine.EMBEDDED]),
        (2, {"speech_engine": "whisper"}, [Engine.WHISPER, Engine.EMBEDDED]),
        (2, {"speech_device": "cpu"}, [Engine.WHISPER, Engine.EMBEDDED]),
        (2, {"whisper_model": "small.en"}, [Engine.WHISPER, Engine.EMBEDDED]),
        (8, {"speech_engine": "embedded"}, [Engine.EMBEDDED]),
    ],
)
def test_whisper_on_a_processor_needs_cores_or_a_wish(
    tmp_path: Path, hub: Path, cores: int, wanted: dict[str, str], expected: list[Engine]
) -> None:
    cached(hub, "small.en")
    plans = choose(office(tmp_path, **wanted), machine(hub, cores=cores))
    assert kinds(plans) == expected
    if plans[0].engine is Engine.WHISPER:
        assert plans[0].device == "cpu"
        assert plans[0].compute_type == "int8"
        assert 1 <= plans[0].threads < max(2, cores)


def test_a_card_is_used_with_half_precision_and_a_larger_model(tmp_path: Path, hub: Path) -> None:
    small, large = cached(hub, "small.en"), cached(hub, "large-v3")
    plan = choose(office(tmp_path), machine(hub, cores=2, card=CARD))[0]
    assert (plan.model, plan.device, plan.compute_type) == (large, "cuda", "float16")
    assert plan.batch > 1
    assert "graphics card" in plan.why
    plan = choose(office(tmp_path, speech_device="cpu"), machine(hub, card=CARD))[0]
    assert (plan.model, plan.device) == (small, "cpu")


def test_the_chosen_model_goes_before_the_best_and_the_set_one_before_both(tmp_path: Path, hub: Path) -> None:
    settings = office(tmp_path)
    cached(hub, "base")
    tiny, small = fetched(settings, "tiny.en"), fetched(settings, "small.en")
    assert choose(settings, machine(hub))[0].model == small
    use(settings.models, "tiny.en")
    plan = choose(settings, machine(hub, cores=2))[0]
    assert plan.model == tiny
    assert "chosen" in plan.why
    named = choose(office(tmp_path, whisper_model="base"), machine(hub))[0]
    assert named.model is not None
    assert "base" in str(named.model)
    by_path = choose(office(tmp_path, whisper_model=str(small)), machine(hub))[0]
    assert by_path.model == small


def test_a_model_for_another_language_is_no_english_one(tmp_path: Path, hub: Path) -> None:
    cached(hub, "small.en")
    base = cached(hub, "base")
    plans = choose(office(tmp_path, language="de"), machine(hub))
    assert plans[0].model == base
    assert plans[0].language == "de"
    assert "English only" in plans[1].why
    assert choose(office(tmp_path, language="auto"), machine(hub))[0].language == ""


def test_a_server_that_was_set_goes_first(tmp_path: Path, hub: Path) -> None:
    cached(hub, "small.en")
    plans = choose(office(tmp_path, wyoming_stt="10.0.0.7:10300"), machine(hub))
    assert kinds(plans) == [Engine.WYOMING, Engine.EMBEDDED]
    assert "10.0.0.7:10300" in plans[0].why
    asked = choose(office(tmp_path, wyoming_stt="10.0.0.7:10300", speech_engine="whisper"), machine(hub))
    assert kinds(asked) == [Engine.WHISPER, Engine.EMBEDDED]


def test_torch_takes_a_card_that_the_other_does_not_know(tmp_path: Path, hub: Path) -> None:
    settings = office(tmp_path)
    folder = fetched(settings, "whisper-small", Format.TRANSFORMERS)
    plan = choose(settings, machine(hub, torch="cuda"))[0]
    assert (plan.engine, plan.model, plan.device, plan.compute_type) == (Engine.TORCH, folder, "cuda", "float16")
    cached(hub, "small.en")
    assert choose(settings, machine(hub))[0].engine is Engine.WHISPER
    on_cpu = choose(office(tmp_path, speech_engine="torch", speech_device="cpu"), machine(hub))[0]
    assert (on_cpu.engine, on_cpu.device, on_cpu.compute_type) == (Engine.TORCH, "cpu", "float32")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"speech_engine": "whisper"}, "atrium models pull"),
        ({"whisper_model": "huge"}, "huge"),
        ({"speech_engine": "torch"}, "torch"),
        ({"speech_device": "cuda"}, "no NVIDIA card"),
    ],
)
def test_what_was_asked_for_and_is_not_there_is_said(
    tmp_path: Path, hub: Path, wanted: dict[str, str], message: str
) -> None:
    with pytest.raises(ModelMissing, match=message):
        choose(office(tmp_path, **wanted), machine(hub))


def test_plans_are_opened() -> None:
    embedded = open_engine(EnginePlan(engine=Engine.EMBEDDED, why=""))
    assert isinstance(embedded, PocketSphinxTranscriber)
    assert embedded.capabilities.embedded
    server = open_engine(EnginePlan(engine=Engine.WYOMING, why="", address="127.0.0.1:9"))
    assert isinstance(server, WyomingTranscriber)
    for engine in (Engine.WHISPER, Engine.TORCH):
        with pytest.raises(ModelMissing, match="needs a model"):
            open_engine(EnginePlan(engine=engine, why=""))
        with pytest.raises(ModelMissing, match="missing"):
            open_engine(EnginePlan(engine=engine, why="", model=Path("/nowhere")))


def test_this_machine_can_be_looked_at() -> None:
    here = Machine.look()
    assert here.cores >= 1
    assert bool(here.card.compute_types) != bool(here.card.why_not)
