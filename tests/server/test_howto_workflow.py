"""The how-to that builds a workflow from nothing: its commands are run, and what it shows has to be so."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from server.__main__ import main
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.parts import Rules
from workflows.written import read_definition

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = DOCS / "howto" / "build-a-workflow.md"
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
RUNS = ("3c1d7d7ac8e64a31b0f5f7a1e1a0b7c2", "9b2f06c1d5a74c0e8a43e7ffb0d1c6a5")
PART = re.compile(r"```(?P<kind>\w+)(?: file=(?P<file>\S+))?\n(?P<text>.*?)```|<!-- (?P<aside>.*?) -->", re.DOTALL)


async def two_trips(folder: Path) -> None:
    """Two people ask for trips in the office; the second one is approved."""
    trip = read_definition((folder / "workflows" / "trip.yaml").read_text("utf-8"), Rules())
    store = await SqlStore.open(folder / "atrium.db")
    ids = iter(RUNS)
    engine = Engine(store, timezone=ZoneInfo("UTC"), library={"trip": trip}, ids=lambda: next(ids))
    data = {"where": "Oslo", "first": "2026-12-01", "last": "2026-12-03"}
    for who in ("bo", "lin"):
        await engine.start("trip", data, key=who, actor=who, now=NOW)
    (task,) = await store.human_tasks(run=RUNS[1])
    await engine.decide(
        RUNS[1], "approval", "approve", subject=task.subject, actor="kim", roles=["facilitator"], now=NOW
    )
    await store.close()


def ran(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints."""
    words = shlex.split(command)
    if words[0] == "atrium":
        main(words[1:])
        said = capsys.readouterr()
        return said.out + said.err
    command = re.sub(r"^python ", f"{shlex.quote(sys.executable)} ", command)
    paths = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=paths, check=True, timeout=60)
    return done.stdout


def shown(text: str) -> list[tuple[str, str]]:
    """The commands of a part, each with what is shown after it."""
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE)
    assert found, "a part without a command"
    return found


def test_the_page_does_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("server.command_line.set_up_logging", lambda level: None)
    for part in PART.finditer(PAGE.read_text(encoding="utf-8")):
        if part["aside"]:
            asyncio.run(two_trips(tmp_path / "data"))
        elif part["file"]:
            (tmp_path / part["file"]).write_text(part["text"], encoding="utf-8")
        else:
            assert part["kind"] == "console"
            for command, expected in shown(part["text"]):
                pattern = re.escape(expected).replace("…", ".*")
                said = ran(command, capsys)
                assert re.fullmatch(pattern, said), f"$ {command}\n{said}"
    picture = (DOCS / "images" / "trip.svg").read_text(encoding="utf-8")
    assert picture == (tmp_path / "trip.svg").read_text(encoding="utf-8"), "copy trip.svg to docs/images"
