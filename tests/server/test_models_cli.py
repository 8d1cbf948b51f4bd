"""`atrium models`, as it is typed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.config import ConfigError
from server.errors import ServerError
from server.models.cli import add_command
from server.models.errors import ModelError
from tests.server.model_hub import Hub, open_hub
from tests.server.test_models_store import make_model

Type = Callable[..., int]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with open_hub() as running:
        yield running


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Run a command in an empty folder; gives its exit status."""
    monkeypatch.chdir(tmp_path)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    parser = argparse.ArgumentParser()
    add_command(parser.add_subparsers(required=True))

    def run(*words: str) -> int:
        arguments = parser.parse_args(["models", *words])
        status: int = arguments.run(arguments)
        return status

    return run


def test_the_way_of_a_model(typed: Type, hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("list") == 0
    said = capsys.readouterr().out
    assert "No models lie in data/models yet." in said
    assert "small.en " in said

    assert typed("pull", "tiny.en", "--url", hub.url, "--use") == 0
    captured = capsys.readouterr()
    assert "tiny.en lies in data/models/tiny.en, 300 kB, checked." in captured.out
    assert "The office uses tiny.en from its next start." in captured.out
    assert "tiny.en  100 %  300 kB of 300 kB" in captured.err
    assert "\r" not in captured.err

    assert typed("list") == 0
    assert "* tiny.en  300 kB  MIT  Systran/faster-whisper-tiny.en 0d3d19a3" in capsys.readouterr().out

    assert typed("verify") == 0
    assert "tiny.en: as it was fetched." in capsys.readouterr().out

    with pytest.raises(ModelError, match="is the chosen model"):
        typed("remove", "tiny.en")
    assert typed("use", "auto") == 0
    assert typed("remove", "tiny.en") == 0
    assert "tiny.en is deleted; 301 kB are free again." in capsys.readouterr().out


def test_damage_is_found_and_repaired(
    typed: Type, hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("pull", "tiny.en", "--url", hub.url)
    model = tmp_path / "data" / "models" / "tiny.en" / "model.bin"
    model.write_bytes(b"X" + model.read_bytes()[1:])
    assert typed("verify", "tiny.en") == 1
    assert "atrium models pull tiny.en" in capsys.readouterr().out
    typed("pull", "tiny.en", "--url", hub.url)
    assert typed("verify", "tiny.en") == 0


def test_from_a_folder_without_a_network(typed: Type, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_model(tmp_path / "stick", "small.en")
    there = ("--models-dir", str(tmp_path / "elsewhere"))
    assert typed("pull", "small.en", "--from", "stick", *there) == 0
    assert typed("use", "small.en", *there) == 0
    capsys.readouterr()
    assert typed("list", "--json", *there) == 0
    table = json.loads(capsys.readouterr().out)
    assert (table["chosen"], [model["name"] for model in table["installed"]]) == ("small.en", ["small.en"])
    assert table["installed"][0]["revision"] == "abc"
    assert "large-v3-turbo" in [offer["name"] for offer in table["offers"]]


def test_verify_all_goes_past_what_it_cannot_check(
    typed: Type, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("verify") == 0
    make_model(tmp_path / "data" / "models", "own", manifest=False)
    (make_model(tmp_path / "data" / "models", "spoilt") / "manifest.json").write_text("[]")
    make_model(tmp_path / "data" / "models", "whole")
    assert typed("verify") == 1
    said = capsys.readouterr().out
    assert "own: not checked." in said
    assert "spoilt: damaged." in said
    assert "whole: as it was fetched." in said


@pytest.mark.parametrize(
    "words",
    [
        ("pull", "smal.en"),
        ("pull", "tiny.en", "--from", "nowhere"),
        ("pull", "tiny.en", "--url", "ftp://example"),
        ("use", "small.en"),
        ("remove", "small.en"),
        ("verify", "small.en"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(typed: Type, words: tuple[str, ...]) -> None:
    with pytest.raises((ServerError, ConfigError)) as refused:
        typed(*words)
    assert len(str(refused.value)) > 20


def test_a_stop_says_how_to_go_on(
    typed: Type, hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("server.models.bar.Bar.show", stop)
    with pytest.raises(KeyboardInterrupt):
        typed("pull", "tiny.en", "--url", hub.url)
    assert "the same command goes on from there" in capsys.readouterr().err
