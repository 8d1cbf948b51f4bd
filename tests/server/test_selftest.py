"""`atrium selftest durability`: it finds nothing wrong with the office, and would find what is wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from server.__main__ import main
from server.selftest import durability, postgres
from server.selftest.durability import Report
from server.selftest.errors import SelftestError
from server.selftest.points import named
from server.selftest.postgres import borrowed, postgres_server

ROOT = Path(__file__).parents[2]


def selftest(*command: str) -> tuple[int, dict[str, Any], str]:
    """Give the exit status, the printed result, and the progress."""
    done = subprocess.run(
        [sys.executable, *command, "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.slow
def test_an_office_that_dies_anywhere_keeps_its_word() -> None:
    status, result, progress = selftest("-m", "server", "selftest", "durability", "--points", "16", "--twice")
    assert status == 0, progress
    assert {name: result[name] for name in ("lost", "doubled", "stuck", "keys_reused", "audit_faults")} == {
        "lost": 0, "doubled": 0, "stuck": 0, "keys_reused": 0, "audit_faults": 0,
    }  # fmt: skip
    assert result["stores"].keys() == {"sqlite", "postgres"}
    assert all(store["points"] >= 10 and store["again"] >= 5 for store in result["stores"].values())
    assert result["points"] == sum(store["points"] for store in result["stores"].values())
    found = re.findall(r"comes by (\d+) points", progress)
    assert len(found) == 2
    assert all(int(points) > 250 for points in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "at", "kinds"),
    [
        ("hasty", "UPDATE audit_head", {"lost"}),
        # What a repeat does depends on where the run has come to by then.
        ("deaf", "before the note", {"doubled", "lost", "stuck"}),
    ],
)
def test_an_engine_that_breaks_its_word_is_found_out(fault: str, at: str, kinds: set[str]) -> None:
    script = str(Path(__file__).with_name("broken_offices.py"))
    choice = ("--store", "sqlite", "--points", "12", "--at", at)
    status, result, progress = selftest(script, fault, "selftest", "durability", *choice)
    assert status == 1
    found = {kind for kind in kinds if result[kind] > 0}
    assert found, progress
    assert all(f"sqlite: {kind} after a crash " in progress for kind in found)


@pytest.mark.parametrize("url", ["oracle://x/y", "no address", "postgresql://nobody@127.0.0.1:1/none"])
def test_what_is_no_database_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selftest", "durability", "--store", "postgres", "--database-url", url]) == 2
    assert "write postgresql://user@host/database" in capsys.readouterr().err


def test_only_an_empty_database_is_borrowed_and_is_empty_again() -> None:
    with postgres_server() as server:
        url = server.database()
        engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)
        with borrowed(url), engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE run (id int)"))
        assert sa.inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE theirs (id int)"))
        with pytest.raises(SelftestError, match="not empty"), borrowed(url):
            pass
        assert sa.inspect(engine).get_table_names() == ["theirs"]


def test_without_a_server_sqlite_alone_is_tested_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tested = []

    def crash(name: str, *rest: object) -> Report:
        tested.append(name)
        return Report(points=1)

    monkeypatch.setattr(postgres, "SERVER_PROGRAMS", tmp_path)
    monkeypatch.setattr(durability, "crash_everywhere", crash)
    assert main(["selftest", "durability"]) == 0
    assert tested == ["sqlite"]
    assert "postgres is left out: there is no PostgreSQL server here" in capsys.readouterr().err
    assert main(["selftest", "durability", "--store", "postgres"]) == 2
    assert "install Debian's package postgresql" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("INSERT INTO event (run, seq) VALUES (?, ?)", "INSERT event"),
        ("SELECT a, b \nFROM run WHERE run.id = ?", "SELECT run"),
        ("UPDATE request SET status=?", "UPDATE request"),
        ("DELETE FROM timer WHERE run = ?", "DELETE timer"),
        ("BEGIN IMMEDIATE", "BEGIN"),
    ],
)
def test_points_have_the_names_of_their_statements(statement: str, name: str) -> None:
    assert named(statement) == name
