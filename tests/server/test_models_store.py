"""The folder of models: which count as being there, which one is chosen, and the office's own words."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Unacceptable
from server.models.bar import Bar, in_words, percent
from server.models.errors import DamagedModel, ModelError
from server.models.fetch import Progress
from server.models.glossary import (
    GLOSSARY,
    MOST_CHARACTERS,
    MOST_TERMS,
    clean_terms,
    load_terms,
    save_terms,
)
from server.models.manifest import Format, Manifest, ModelFile, read_manifest, sha256_of
from server.models.store import choose, chosen_model, installed, is_name, look_at, part_folder, remove, verify


def make_model(models_dir: Path, name: str, *, manifest: bool = True) -> Path:
    """Put a whole, tiny model there."""
    folder = models_dir / name
    folder.mkdir(parents=True)
    for path in ("model.bin", "config.json", "tokenizer.json"):
        (folder / path).write_text(f"{name} {path}")
    if manifest:
        files = {
            path.name: ModelFile(size=path.stat().st_size, sha256=sha256_of(path)) for path in folder.iterdir()
        }
        made = Manifest(
            name=name,
            format=Format.CTRANSLATE2,
            repository=f"Systran/faster-whisper-{name}",
            revision="abc",
            licence="MIT",
            fetched_at=1.0,
            files=files,
        )
        (folder / "manifest.json").write_text(made.to_json())
    return folder


def test_whole_models_are_listed_by_name(tmp_path: Path) -> None:
    assert installed(tmp_path / "none") == []
    make_model(tmp_path, "small.en")
    make_model(tmp_path, "by-hand", manifest=False)
    (make_model(tmp_path, "cut") / "model.bin").write_text("")
    (make_model(tmp_path, "lost") / "tokenizer.json").unlink()
    (make_model(tmp_path, "broken") / "manifest.json").write_text("{")
    make_model(tmp_path, ".base.part")
    (tmp_path / "notes.txt").write_text("")
    assert [(model.name, model.manifest is not None) for model in installed(tmp_path)] == [
        ("by-hand", False),
        ("small.en", True),
    ]


def test_nothing_is_chosen_until_somebody_chooses(tmp_path: Path) -> None:
    assert chosen_model(tmp_path / "none") is None
    make_model(tmp_path, "small.en")
    assert chosen_model(tmp_path) is None
    choose(tmp_path, "small.en")
    assert chosen_model(tmp_path) == tmp_path / "small.en"
    choose(tmp_path, None)
    assert chosen_model(tmp_path) is None


def test_a_choice_that_is_gone_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make_model(tmp_path, "small.en")
    choose(tmp_path, "small.en")
    (tmp_path / "small.en" / "model.bin").unlink()
    assert chosen_model(tmp_path) is None
    assert "the chosen model is not here" in caplog.text


@pytest.mark.parametrize("text", ["", "../..", "/etc", "a b", "\0", "x" * 200])
def test_a_spoilt_choice_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "active").write_text(text)
    assert chosen_model(tmp_path) is None


def test_only_what_is_here_can_be_chosen(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing does yet.*atrium models pull small\.en"):
        choose(tmp_path, "small.en")
    make_model(tmp_path, "base")
    with pytest.raises(ModelError, match="there: base"):
        choose(tmp_path, "../base")


def test_verify_reads_every_byte(tmp_path: Path) -> None:
    folder = make_model(tmp_path, "small.en")
    seen: list[str] = []
    assert verify(tmp_path, "small.en", on_file=seen.append) == []
    assert sorted(seen) == ["config.json", "model.bin", "tokenizer.json"]
    (folder / "model.bin").write_text("SMALL.EN model.bin")
    (folder / "config.json").write_text("")
    (folder / "tokenizer.json").unlink()
    assert sorted(verify(tmp_path, "small.en")) == [
        "config.json has 0 bytes and should have 20",
        "model.bin is not what its checksum says",
        "tokenizer.json is missing",
    ]


def test_verify_says_when_there_is_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model small\.en.*pull small\.en"):
        verify(tmp_path, "small.en")
    make_model(tmp_path, "own", manifest=False)
    with pytest.raises(ModelError, match=r"no manifest\.json to compare with"):
        verify(tmp_path, "own")


def test_a_manifest_cannot_reach_outside(tmp_path: Path) -> None:
    folder = make_model(tmp_path, "small.en")
    table = json.loads((folder / "manifest.json").read_text())
    table["files"]["../../secret"] = {"size": 1, "sha256": "0" * 64}
    (folder / "manifest.json").write_text(json.dumps(table))
    with pytest.raises(DamagedModel, match="does not lie inside"):
        read_manifest(folder)
    assert look_at(tmp_path, "small.en") is None


def test_remove_frees_the_model_and_what_is_unfinished(tmp_path: Path) -> None:
    folder = make_model(tmp_path, "small.en")
    size = sum(path.stat().st_size for path in folder.iterdir())
    part_folder(tmp_path, "small.en").mkdir()
    (part_folder(tmp_path, "small.en") / "model.bin.part").write_bytes(b"12345")
    assert remove(tmp_path, "small.en") == size + 5
    assert list(tmp_path.iterdir()) == []
    for name in ("small.en", "../x", ".", ""):
        with pytest.raises(ModelError):
            remove(tmp_path, name)


def test_the_chosen_model_is_not_removed(tmp_path: Path) -> None:
    make_model(tmp_path, "small.en")
    choose(tmp_path, "small.en")
    with pytest.raises(ModelError, match="first choose another"):
        remove(tmp_path, "small.en")


def test_a_linked_model_is_unlinked_not_emptied(tmp_path: Path) -> None:
    kept = make_model(tmp_path / "elsewhere", "mine")
    models = tmp_path / "models"
    models.mkdir()
    (models / "mine").symlink_to(kept)
    assert [model.name for model in installed(models)] == ["mine"]
    remove(models, "mine")
    assert (kept / "model.bin").is_file()


@given(st.text(max_size=40))
def test_a_name_never_leaves_the_folder(name: str) -> None:
    if is_name(name):
        assert (Path("/models") / name).resolve().parent == Path("/models")


# --- the glossary ---------------------------------------------------------------------------------------------


def test_terms_are_kept_one_a_line(tmp_path: Path) -> None:
    assert load_terms(tmp_path) == ()
    kept = save_terms(tmp_path, ["  Zephyr  drive ", "", "Kubernetes", "kubernetes", "Ølåf"])
    assert kept == ("Zephyr drive", "Kubernetes", "Ølåf") == load_terms(tmp_path)
    assert (tmp_path / GLOSSARY).read_text(encoding="utf-8") == "Zephyr drive\nKubernetes\nØlåf\n"
    assert save_terms(tmp_path, []) == () == load_terms(tmp_path)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (["x" * 41], "at most 40 characters"),
        (["42"], "holds no letter"),
        (["a\x07b"], "cannot be shown"),
        ([f"term {n}x" for n in range(MOST_TERMS + 1)], "holds 200 terms, these are 201"),
    ],
)
def test_terms_that_cannot_be_taken_leave_the_old_ones(tmp_path: Path, terms: list[str], words: str) -> None:
    save_terms(tmp_path, ["Old"])
    with pytest.raises(Unacceptable, match=words):
        save_terms(tmp_path, terms)
    assert load_terms(tmp_path) == ("Old",)


def test_a_file_that_somebody_wrote_is_read_as_far_as_it_can_be(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / GLOSSARY).write_bytes(b"\xef\xbb\xbfAtrium\r\n\r\n" + b"y" * 50 + b"\nCedar\n12\n")
    assert load_terms(tmp_path) == ("Atrium", "Cedar")
    assert "left out" in caplog.text


@given(st.lists(st.text(max_size=MOST_CHARACTERS), max_size=30))
def test_cleaning_twice_changes_nothing(terms: list[str]) -> None:
    try:
        once = clean_terms(terms)
    except Unacceptable:
        return
    assert clean_terms(once) == once
    assert len({term.casefold() for term in once}) == len(once)


# --- the progress bar -----------------------------------------------------------------------------------------


def at(done: int, total: int = 487_000_000, fresh: int | None = None) -> Progress:
    return Progress(path="model.bin", done=done, total=total, fresh=done if fresh is None else fresh)


def test_progress_is_said_with_rate_and_rest() -> None:
    line = in_words("small.en", at(210_000_000, fresh=120_000_000), 10.0, bar=True)
    assert line == "small.en  [##########..............]  43 %  210 MB of 487 MB  12 MB/s  23 s left"
    assert in_words("small.en", at(0), 0.0, bar=False) == "small.en    0 %  0 kB of 487 MB"
    assert "min left" in in_words("small.en", at(1_000_000), 1.0, bar=False)
    assert "left" not in in_words("small.en", at(487_000_000), 9.0, bar=False)


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_it_is_a_hundred_only_at_the_end(done: int, total: int) -> None:
    done = min(done, total)
    assert 0 <= percent(at(done, total)) <= 100
    assert (percent(at(done, total)) == 100) == (done == total)


def test_a_terminal_gets_one_line_and_a_log_gets_eleven() -> None:
    now = [0.0]
    terminal, log = io.StringIO(), io.StringIO()
    bars = (
        Bar(terminal, "m", terminal=True, clock=lambda: now[0]),
        Bar(log, "m", terminal=False, clock=lambda: now[0]),
    )
    for done in range(0, 1001):
        now[0] += 0.01
        for bar in bars:
            bar.show(at(done * 1000, total=1_000_000))
    for bar in bars:
        bar.say("Done.")
    assert terminal.getvalue().count("\n") == 2
    assert 80 < terminal.getvalue().count("\r") < 120
    assert len(log.getvalue().splitlines()) == 12
