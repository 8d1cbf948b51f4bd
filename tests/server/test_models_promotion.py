"""`atrium models evaluate` and `promote`, as they are typed, over the models that are shipped."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from server.__main__ import main
from server.adapters import model_settings
from server.config import load
from server.models.errors import DamagedModel, ModelError
from server.models.examination import Examination, Examiner
from server.models.registered import (
    REGISTRY,
    check_calibrations,
    faults_of,
    ground_of,
    in_use,
    in_use_or_shipped,
    load_registry,
    load_shipped,
    own_dir,
    save_own,
    shipped_dir,
)
from server.models.registry import CARDS, WEIGHTS, Kind, Registry, content_hash, id_of
from server.models.store import installed, is_name

Type = Callable[..., int]
SHIPPED_ID = load_shipped().current(Kind.MEETINGS).id
HEADS_ID = load_shipped().current(Kind.UTTERANCES).id


@pytest.fixture(scope="module", autouse=True)
def examined_once() -> Iterator[None]:
    """The very same weights are examined once for all these tests: it takes seconds each time."""
    known: dict[tuple[Kind, str], Examination] = {}
    real = Examiner.examine

    def examine(self: Examiner, kind: Kind, shared: Path, folder: Path, **options: Any) -> Examination:
        digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in WEIGHTS[kind])).hexdigest()
        if (kind, digest) not in known:
            known[kind, digest] = real(self, kind, shared, folder, **options)
        return known[kind, digest]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Examiner, "examine", examine)
        yield


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Where the office's models lie."""
    return tmp_path / "office" / "models"


@pytest.fixture
def typed(models: Path, capsys: pytest.CaptureFixture[str]) -> Type:
    """Run a deed of `atrium models`; gives its exit status."""

    def run(*words: str) -> int:
        return main(["models", *words, "--data-dir", str(models.parent)])

    return run


def copied(folder: Path, kind: Kind) -> Path:
    """A candidate with the very files of the model that is shipped."""
    folder.mkdir()
    for name in (*WEIGHTS[kind], CARDS[kind]):
        shutil.copy(shipped_dir() / name, folder)
    return folder


def nets(folder: Path, sign: float = 1.0) -> Path:
    """Nets that are no other than those that are shipped, in other bytes; with -1 they tell the opposite."""
    about = json.loads((copied(folder, Kind.MEETINGS) / "meetings.json").read_text())
    for calibration in about["calibrations"].values():
        calibration["slope"] *= sign
        calibration["shift"] *= sign
    (folder / "meetings.json").write_text(json.dumps(about))
    return folder


def heads(folder: Path, sign: float = 1.0) -> Path:
    """Heads that are no other than those that are shipped, in other bytes; with -1 their weights are negated."""
    file = copied(folder, Kind.UTTERANCES) / "heads.npz"
    with np.load(file) as data:
        arrays: dict[str, Any] = {name: data[name] for name in data.files}
    np.savez(file, **{**arrays, "output": arrays["output"] * np.float16(sign)})
    return folder


def left(models: Path) -> set[str]:
    """What lies in the office's folder, but for the lock."""
    folder = own_dir(models)
    return {path.name for path in folder.iterdir()} - {".promotion.lock"} if folder.is_dir() else set()


def test_what_is_shipped_is_what_its_registry_says(models: Path) -> None:
    registry = load_shipped()
    for model in registry.models:
        assert faults_of(models, model) == [], "run `python -m scripts.shipped_models`"
        assert model.ground == ground_of(model.kind), "run `python -m scripts.shipped_models`"
    assert {model.kind for model in registry.models} == set(Kind)
    assert {one.by for one in registry.promotions} == {"shipped"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_shipped_shows_the_figures_of_its_registry(kind: Kind) -> None:
    examiner = Examiner()
    noted = load_shipped().last_promotion(kind)
    assert noted.suite == examiner.suite, "run `python -m scripts.shipped_models`"
    found = examiner.examine(kind, shipped_dir(), shipped_dir())
    assert found.figures.keys() == noted.figures.keys()
    for name, figure in found.figures.items():
        # int8 products are rounded otherwise on other processors
        assert figure.value == pytest.approx(noted.figures[name].value, abs=0.05), name


@pytest.mark.slow
def test_an_equal_model_is_promoted_and_the_one_before_can_come_back(
    typed: Type, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candidate = nets(tmp_path / "equal")
    assert typed("promote", str(candidate), "--by", "Ana") == 0
    said = capsys.readouterr().out
    assert "Promoted by Ana." in said
    assert f"To go back: atrium models promote {SHIPPED_ID}" in said
    model = load_registry(models).current(Kind.MEETINGS)
    assert model.id != SHIPPED_ID
    assert in_use(models, Kind.MEETINGS) == own_dir(models) / model.id
    assert in_use(models, Kind.UTTERANCES) == shipped_dir()
    assert left(models) == {REGISTRY, model.id}

    assert typed("promote", str(candidate), "--by", "Bo") == 0
    assert "is the model in use already; nothing was changed." in capsys.readouterr().out

    assert typed("promote", SHIPPED_ID, "--by", "Bo", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["promoted"], told["by"], told["compared"]) == (True, "Bo", None)
    assert told["examination"]["overall"] == pytest.approx(
        load_shipped().last_promotion(Kind.MEETINGS).overall, abs=0.05
    )
    assert in_use(models, Kind.MEETINGS) == shipped_dir()

    assert typed("list") == 0
    said = capsys.readouterr().out
    assert f"* {SHIPPED_ID}" in said
    assert f"  {model.id}" in said
    assert re.search(rf"{SHIPPED_ID} +by Bo +came back\n", said)
    assert typed("list", "--json") == 0
    told = json.loads(capsys.readouterr().out)["understanding"]
    assert told["in_use"] == {"utterances": HEADS_ID, "meetings": SHIPPED_ID}
    own = [(one["model"], one["by"], one["before"], one["back"]) for one in told["promotions"] if one["before"]]
    assert own == [(model.id, "Ana", SHIPPED_ID, False), (SHIPPED_ID, "Bo", model.id, True)]

    (own_dir(models) / model.id / "meetings.json").write_text("{}")
    assert typed("verify") == 1
    assert f"{model.id}: meetings.json is not what its checksum says" in capsys.readouterr().out
    assert typed("promote", model.id) == 2
    assert "Put its folder back from a backup" in capsys.readouterr().err


@pytest.mark.slow
def test_a_model_that_tells_the_opposite_is_refused_and_leaves_nothing(
    typed: Type, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("promote", str(nets(tmp_path / "worse", sign=-1.0)), "--by", "Ana") == 1
    said = capsys.readouterr().out
    assert re.search(r"Refused: .*, which stays in use\.\n  \w+: 0\.\d+, and the model in use has 0\.\d+", said)
    assert "at most 0.05 may be lost" in said
    assert "overall: " in said
    assert left(models) == set()
    assert in_use(models, Kind.MEETINGS) == shipped_dir()


@pytest.mark.slow
def test_heads_with_negated_weights_are_refused(
    typed: Type, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("promote", str(heads(tmp_path / "worse", sign=-1.0)), "--by", "Ana", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["promoted"] is False
    assert any(reason.startswith("outright: 0.000") for reason in told["reasons"])
    assert left(models) == set()


@pytest.mark.slow
def test_equal_heads_are_what_the_office_starts_with(typed: Type, models: Path, tmp_path: Path) -> None:
    assert typed("promote", str(heads(tmp_path / "equal")), "--by", "Ana") == 0
    settings = load({"data_dir": models.parent, "timezone": "Europe/Berlin"}, {}, None)
    folder = model_settings(settings).heads_dir
    assert folder is not None
    assert folder.parent == own_dir(models)
    (folder / "heads.npz").write_bytes(b"broken")
    assert model_settings(settings).heads_dir == shipped_dir()
    with pytest.raises(DamagedModel, match="not what its checksum says"):
        in_use(settings.models, Kind.UTTERANCES)


@pytest.mark.slow
def test_a_model_is_examined_without_being_promoted(
    typed: Type, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("evaluate", "meetings") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{SHIPPED_ID}, suite ")
    assert "sheet: decision" in said
    assert "overall" in said
    assert "Failing, the first of each:" in said
    assert typed("evaluate", str(nets(tmp_path / "equal")), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["kind"] == "meetings"
    assert {one["name"] for one in told["capabilities"]} >= {"names", "negation", "sheet: action"}
    assert all(0 <= one["value"] <= 1 and one["of"] >= 15 for one in told["capabilities"])
    assert left(models) == set()


Spoil = Callable[[Path], Any]


def drop(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def cut(name: str) -> Spoil:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:1000])


def write(name: str, content: str) -> Spoil:
    return lambda folder: (folder / name).write_text(content)


@pytest.mark.parametrize(
    ("kind", "spoil", "words"),
    [
        (Kind.MEETINGS, drop("meetings.json"), "lacks meetings.json; a model of meetings is meetings.json, "),
        (Kind.MEETINGS, drop("meetings.md"), "lacks meetings.md"),
        (Kind.UTTERANCES, drop("README.md"), "lacks README.md; a model of utterances is heads.npz, README.md"),
        (Kind.UTTERANCES, drop("heads.npz"), "holds no model: it needs heads.npz, README.md (utterances); or"),
        (Kind.UTTERANCES, write("meetings.json", "{}"), "holds two models: leave the files of one"),
        (Kind.MEETINGS, write("meetings.md", "# Ours"), "meetings.md: a card says what it is"),
        (Kind.MEETINGS, write("encoder.onnx", "another"), "is not the one that is shipped"),
        (Kind.MEETINGS, write("tokenizer.json", "another"), "is not the one that is shipped"),
        (Kind.MEETINGS, write("meetings.json", "{"), "meetings.json: this is no JSON"),
        (Kind.MEETINGS, write("meetings.onnx", "another"), "is not the one that meetings.json was made for"),
        (Kind.UTTERANCES, cut("heads.npz"), "heads.npz is not whole, or none"),
        (Kind.UTTERANCES, write("heads.npz", "nothing"), "heads.npz is not whole, or none"),
    ],
)
def test_what_is_no_model_is_named_with_what_to_do(
    typed: Type,
    models: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: Kind,
    spoil: Spoil,
    words: str,
) -> None:
    candidate = copied(tmp_path / "candidate", kind)
    if kind is Kind.UTTERANCES and (candidate / "heads.npz").exists():
        heads(tmp_path / "other")
        shutil.copy(tmp_path / "other" / "heads.npz", candidate)
    spoil(candidate)
    assert typed("promote", str(candidate), "--by", "Ana") == 2
    assert words in capsys.readouterr().err
    assert left(models) == set()


def test_heads_for_other_inputs_are_named(
    typed: Type, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = copied(tmp_path / "candidate", Kind.UTTERANCES) / "heads.npz"
    with np.load(file) as data:
        arrays: dict[str, Any] = {name: data[name] for name in data.files}
    np.savez(file, **{**arrays, "hidden": arrays["hidden"][:-1]})
    assert typed("promote", str(file.parent), "--by", "Ana") == 2
    assert "train the heads again" in capsys.readouterr().err
    np.savez(file, **{**arrays, "scale": arrays["scale"][:-1]})
    assert typed("promote", str(file.parent), "--by", "Ana") == 2
    assert "does not run: " in capsys.readouterr().err
    assert left(models) == set()


def test_a_graph_of_another_shape_does_not_run(
    typed: Type, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candidate = nets(tmp_path / "candidate")
    shutil.copy(shipped_dir() / "encoder.onnx", candidate / "meetings.onnx")
    about = json.loads((candidate / "meetings.json").read_text())
    about["sha256"] = hashlib.sha256((candidate / "meetings.onnx").read_bytes()).hexdigest()
    (candidate / "meetings.json").write_text(json.dumps(about))
    assert typed("promote", str(candidate), "--by", "Ana") == 2
    assert "does not run: " in capsys.readouterr().err
    assert left(models) == set()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("promote", "nowhere", "--by", "Ana"), "is neither a folder nor the id of a model"),
        (("promote", "meetings-000000000000", "--by", "Ana"), "there is no model meetings-000000000000"),
        (("promote", "nowhere", "--by", "shipped"), "shipped is taken. Give your name with --by"),
        (("promote", "nowhere", "--by", ""), "a name is missing"),
        (("promote", "nowhere", "--by", "Ana\n"), "has spaces around it"),
        (("evaluate", "utterances-000000000000"), "there is no model utterances-000000000000"),
        (("evaluate", "nowhere"), "is neither a folder nor the id of a model"),
        (("use", SHIPPED_ID), f"`atrium models promote {SHIPPED_ID}` has it used"),
        (("remove", SHIPPED_ID), "it is kept, so that one can go back to it"),
    ],
)
def test_what_cannot_be_done_is_said(
    typed: Type, models: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    assert typed(*words) == 2
    assert told in capsys.readouterr().err
    assert left(models) == set()


def test_what_is_in_use_is_not_promoted_again(
    typed: Type, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for wanted in (SHIPPED_ID, str(copied(tmp_path / "same", Kind.MEETINGS))):
        assert typed("promote", wanted, "--by", "Ana") == 0
        assert f"{SHIPPED_ID} is the model in use already" in capsys.readouterr().out
    assert left(models) == set()


def test_one_promotion_runs_at_a_time(
    typed: Type, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_dir(models).mkdir(parents=True)
    with (own_dir(models) / ".promotion.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert typed("promote", SHIPPED_ID, "--by", "Ana") == 2
    assert "a model is being promoted by another command" in capsys.readouterr().err


@pytest.mark.slow
def test_a_promotion_that_cannot_be_noted_did_not_happen(
    typed: Type, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way = own_dir(models) / f".{REGISTRY}.tmp"
    in_the_way.mkdir(parents=True)
    stale = own_dir(models) / ".candidate-cut-off"
    stale.mkdir()
    candidate = str(nets(tmp_path / "equal"))
    assert typed("promote", candidate, "--by", "Ana") == 2
    assert "cannot be read or written" in capsys.readouterr().err
    assert in_use(models, Kind.MEETINGS) == shipped_dir()
    assert not stale.exists()
    in_the_way.rmdir()
    assert typed("promote", candidate, "--by", "Ana") == 0
    assert in_use(models, Kind.MEETINGS).parent == own_dir(models)


def test_a_damaged_registry_is_named_and_the_office_opens_with_what_is_shipped(
    typed: Type, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_dir(models).mkdir(parents=True)
    (own_dir(models) / REGISTRY).write_text("[]")
    for words in (("list",), ("promote", SHIPPED_ID, "--by", "Ana"), ("verify",)):
        assert typed(*words) == 2
        assert "Put it back from a backup" in capsys.readouterr().err
    assert in_use_or_shipped(models, Kind.UTTERANCES) == shipped_dir()
    assert "the model of understanding that was promoted cannot be used" in capsys.readouterr().err


def test_a_model_that_was_made_for_another_atrium_gives_way(
    typed: Type, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = load_shipped()
    files = {name: replace(file, sha256="0" * 64) for name, file in registry.current(Kind.MEETINGS).files.items()}
    content = content_hash(files, Kind.MEETINGS)
    old = replace(
        registry.current(Kind.MEETINGS),
        id=id_of(Kind.MEETINGS, content),
        sha256=content,
        files=files,
        ground="1" * 64,
    )
    noted = replace(registry.last_promotion(Kind.MEETINGS), model=old.id, by="Ana", before=SHIPPED_ID)
    own_dir(models).mkdir(parents=True)
    save_own(models, Registry().with_model(old).with_note(noted))
    assert in_use(models, Kind.MEETINGS) == in_use_or_shipped(models, Kind.MEETINGS) == shipped_dir()
    assert typed("list") == 0
    said = capsys.readouterr()
    assert f"{old.id} was made for another Atrium, and what is shipped stands in" in said.out
    assert f"* {SHIPPED_ID}" in said.out
    folder = own_dir(models) / old.id
    folder.mkdir()
    assert typed("promote", old.id, "--by", "Ana") == 2
    assert "Put its folder back" in capsys.readouterr().err


def test_understanding_is_no_speech_model(typed: Type, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own_dir(models).mkdir(parents=True)
    assert installed(models) == []
    assert not is_name("understanding")
    assert typed("verify") == 0
    said = capsys.readouterr().out
    assert f"{SHIPPED_ID}: as it was registered." in said
    assert "understanding:" not in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.pop("model"), "model and sha256 of the graph"),
        (lambda t: t.update(sha256=3), "model and sha256 of the graph"),
        (lambda t: t.update(calibrations=[]), "calibrations are missing"),
        (lambda t: t["calibrations"].pop("words-recognised-problems"), "words-recognised-problems has to have"),
        (
            lambda t: t["calibrations"]["known-written-actions"].pop("shift"),
            "has to have slope, shift and threshold",
        ),
        (lambda t: t["calibrations"]["known-written-actions"].update(slope="1"), "needs numbers"),
        (lambda t: t["calibrations"]["known-written-actions"].update(slope=True), "needs numbers"),
        (lambda t: t["calibrations"]["known-written-actions"].update(shift=float("nan")), "needs numbers"),
        (lambda t: t["calibrations"]["known-written-actions"].update(threshold=2), "a threshold from 0 to 1"),
    ],
)
def test_a_calibration_that_is_none_is_named(change: Callable[[dict[str, Any]], Any], words: str) -> None:
    text = (shipped_dir() / "meetings.json").read_text()
    check_calibrations(text, "meetings.json")
    table = json.loads(text)
    change(table)
    with pytest.raises(ModelError, match=words):
        check_calibrations(json.dumps(table), "meetings.json")
