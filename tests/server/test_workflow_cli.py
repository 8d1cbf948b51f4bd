"""`atrium workflow`: what is written, checked, drawn, played through and upgraded on the command line."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from server.__main__ import main
from server.assets import assets_dir
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.parts import Rules
from workflows.run import HistoryEntry
from workflows.store import RunFilter
from workflows.written import read_definition

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
OLD = "name: w\ninitial: a\nstates:\n  a: {on: {go: b, end: z}}\n  b: {on: {end: z}}\n  z: {final: true}\n"
NEW = "name: w\ninitial: a\nstates:\n  a: {on: {go: c, end: z}}\n  c: {on: {end: z}}\n  z: {final: true}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("server.command_line.set_up_logging", lambda level: None)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """What a command prints; it has to end with this status."""
    assert main(["workflow", *arguments]) == status
    said = capsys.readouterr()
    return said.err if status == 2 else said.out


# --- new, check, diagram -----------------------------------------------------------------------------------------


def test_what_is_written_anew_has_no_fault_and_is_never_written_over(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "atrium workflow check leave.yaml" in told(capsys, "new", "leave")
    said = told(capsys, "check", "leave.yaml")
    assert re.fullmatch(
        r"leave\.yaml: leave, 5 states, 4 transitions, 1 piece of work, "
        r"ends in approved, rejected, lapsed, withdrawn; version [0-9a-f]{12}\n",
        said,
    )
    (here / "leave.yaml").write_text("mine")
    assert "is there already" in told(capsys, "new", "leave", status=2)
    assert (here / "leave.yaml").read_text() == "mine"
    assert "use letters, digits and _" in told(capsys, "new", "two words", status=2)
    assert "cannot be written" in told(capsys, "new", "x", "-o", "nowhere/x.yaml", status=2)


def test_every_fault_is_told_with_file_line_and_column(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a.yaml").write_text(OLD.replace("end: z", "end: y"))
    (here / "b.yaml").write_text(OLD.replace("final", "finale") + "colour: red\n")
    (here / "c.yaml").write_text(OLD)
    said = told(capsys, "check", "a.yaml", "b.yaml", "c.yaml", "d.yaml", status=1).splitlines()
    assert [re.match(r"[a-d]\.yaml:\d+:\d+: ", line) is not None for line in said] == [True] * 4 + [False, True]
    assert said[0].startswith("a.yaml:4:19: transition a --end--> y: there is no state 'y'")
    assert said[3].startswith("b.yaml:7:1: 'colour' is not known here")
    assert said[4].startswith("c.yaml: w, 3 states")
    assert said[5].startswith("d.yaml:1:1: it cannot be read")


def test_what_is_hardly_meant_is_remarked_and_no_fault(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "w.yaml").write_text(OLD.replace("{on: {end: z}}", "{}"))
    assert "w.yaml:5:3: remark: state b: a run that comes here stays for ever" in told(capsys, "check", "w.yaml")


def test_a_workflow_that_starts_another_is_checked_together_with_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = "  a: {children: {sub: {definition: w}}, on: {done.sub: z}}\n  z: {final: true}\n"
    (here / "parent.yaml").write_text(f"name: parent\ninitial: a\nstates:\n{child}")
    (here / "w.yaml").write_text(OLD)
    said = told(capsys, "check", "parent.yaml", status=1)
    assert said.startswith("parent.yaml:4:24: there is no workflow 'w'")
    told(capsys, "check", "parent.yaml", "w.yaml")
    own = here / "data" / "workflows"
    own.mkdir(parents=True)
    (own / "w.yaml").write_text(OLD)
    told(capsys, "check", "parent.yaml", "--data-dir", str(here / "data"))


def test_a_diagram_goes_to_the_screen_or_into_a_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "w.yaml").write_text(OLD)
    text = told(capsys, "diagram", "w.yaml")
    assert text.startswith("stateDiagram-v2\n")
    assert told(capsys, "diagram", "w.yaml", "-o", "w.mmd") == "w.mmd is drawn.\n"
    assert (here / "w.mmd").read_text() == text
    told(capsys, "diagram", "w.yaml", "--format", "svg", "-o", "w.svg")
    assert ElementTree.parse(here / "w.svg").findtext("{http://www.w3.org/2000/svg}title") == "W"
    assert "cannot be written" in told(capsys, "diagram", "w.yaml", "-o", "nowhere/w.mmd", status=2)
    (here / "w.yaml").write_text("name: [")
    assert "w.yaml:1:8: " in told(capsys, "diagram", "w.yaml", status=2)


# --- simulate ----------------------------------------------------------------------------------------------------


def test_a_workflow_is_played_through_by_first_choices(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "simulate", str(assets_dir() / "workflows" / "onboarding.yaml")).splitlines()
    assert said[0] == "2026-01-05 09:00  onboarding dan starts it  -> contract,buying"
    assert "                  starts computer_purchase: purchase" in said
    assert re.fullmatch(r"onboarding [0-9a-f]{12}: done in settled; no time passed, \d+ events\.", said[-2])
    assert json.loads(said[-1].removeprefix("Data: "))["feels"] == "yes"


def test_chance_and_given_data_are_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(assets_dir() / "workflows" / "purchase.yaml")
    data = json.dumps({"what": "A crane", "amount": 90000, "why": "To build"})
    replies = [told(capsys, "simulate", file, "--random", "7", "--data", data, "--json") for _ in range(2)]
    assert replies[0] == replies[1]
    reply = json.loads(replies[0])
    assert reply["data"]["what"] == "A crane"
    assert reply["steps"][0]["to"] == "two_approve"
    assert reply["fault"] == ""
    assert "it is no JSON" in told(capsys, "simulate", file, "--data", "{", status=2)
    assert "must be a map" in told(capsys, "simulate", file, "--data", "[]", status=2)
    assert "'what' is a required property" in told(capsys, "simulate", file, "--data", "{}", status=2)


def test_a_script_that_does_not_come_true_fails_the_command(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "w.yaml").write_text(OLD)
    script = "steps:\n  - {send: go}\n  - expect: {state: b}\n"
    (here / "s.yaml").write_text(script)
    said = told(capsys, "simulate", "w.yaml", "--script", "s.yaml").splitlines()
    assert said[1] == "2026-01-05 09:00  ben sends go  -> b"
    assert said[-1] == "It waits: nothing is asked."
    (here / "s.yaml").write_text(script.replace("state: b", "state: z"))
    said = told(capsys, "simulate", "w.yaml", "--script", "s.yaml", status=1).splitlines()
    assert said[-1] == "s.yaml:3:5: state is 'b', not 'z' as expected"
    assert "cannot be read" in told(capsys, "simulate", "w.yaml", "--script", "none.yaml", status=2)


def test_a_workflow_without_an_end_is_given_up(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "w.yaml").write_text("name: w\ninitial: a\nstates:\n  a: {on: {go: b}}\n  b: {on: {go: a}}\n")
    assert "no end in 200 steps" in told(capsys, "simulate", "w.yaml", status=2)


# --- upgrade -----------------------------------------------------------------------------------------------------


@pytest.fixture
def office(here: Path) -> Path:
    """The data folder of an office that is closed, with two open runs and one that is over."""
    folder = here / "data"
    (folder / "workflows").mkdir(parents=True)
    (folder / "workflows" / "w.yaml").write_text(NEW)

    async def fill() -> None:
        store = await SqlStore.open(folder / "atrium.db")
        numbers = iter(range(1, 9))
        engine = Engine(
            store,
            timezone=ZoneInfo("UTC"),
            library={"w": read_definition(OLD, Rules())},
            ids=lambda: f"run{next(numbers)}",
        )
        for event in ("", "go", "end"):
            run = (await engine.start("w", {}, key=event, actor="bo", now=NOW)).run
            if event:
                await engine.send(run.id, event, actor="bo", now=NOW)
        await store.close()

    asyncio.run(fill())
    return folder


def standing(folder: Path) -> tuple[dict[str, str], list[HistoryEntry]]:
    """Where the runs stand, and what happened to the second."""

    async def read() -> tuple[dict[str, str], list[HistoryEntry]]:
        store = await SqlStore.open(folder / "atrium.db")
        runs = await store.find(RunFilter())
        history = await store.history("run2")
        await store.close()
        return {run.id: f"{run.state} {run.definition_hash[:4]}" for run in runs}, history

    return asyncio.run(read())


def test_runs_are_upgraded_all_or_none(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = (read_definition(text, Rules()).hash for text in (OLD, NEW))
    before = {"run1": f"a {old[:4]}", "run2": f"b {old[:4]}", "run3": f"z {old[:4]}"}
    where = ("--data-dir", str(office))
    said = told(capsys, "upgrade", "w", *where, status=1)
    assert said == (
        "run2: it stands in b, which the new version does not have; say which state that becomes\n"
        f"1 of 2 runs cannot follow version {new[:12]} of w, so none was changed.\n"
    )
    assert standing(office)[0] == before
    said = told(capsys, "upgrade", "w", *where, "--map", "b=c", "--dry-run")
    assert said == f"run1: a -> a\nrun2: b -> c\n2 runs could follow version {new[:12]} of w.\n"
    assert standing(office)[0] == before
    assert "2 runs now follow" in told(capsys, "upgrade", "w", *where, "--map", "b=c")
    after, history = standing(office)
    assert after == {"run1": f"a {new[:4]}", "run2": f"c {new[:4]}", "run3": f"z {old[:4]}"}
    assert (history[-1].event, history[-1].data["reason"]) == ("$upgrade", "atrium workflow upgrade")
    assert told(capsys, "upgrade", "w", *where) == f"All 2 open runs follow version {new[:12]} of w already.\n"


def test_an_office_that_is_open_or_not_there_is_not_upgraded(
    office: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = asyncio.run(SqlStore.open(office / "atrium.db"))
    assert "stop it first" in told(capsys, "upgrade", "w", "--data-dir", str(office), status=2)
    asyncio.run(opened.close())
    assert "there is no office in" in told(capsys, "upgrade", "w", "--data-dir", str(here / "none"), status=2)
    assert not (here / "none").exists()
    said = told(capsys, "upgrade", "nothing", "--data-dir", str(office), status=2)
    assert "known are onboarding, purchase, w" in said
    (office / "workflows" / "w.yaml").write_text("name: w\n")
    said = told(capsys, "upgrade", "w", "--data-dir", str(office), status=2)
    assert "workflows/w.yaml:1:1: it: initial, states is missing" in said
    with pytest.raises(SystemExit):
        main(["workflow", "upgrade", "w", "--map", "b"])
    assert "is not OLD=NEW" in capsys.readouterr().err


def test_where_nothing_is_under_way_nothing_is_upgraded(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "upgrade", "purchase", "--data-dir", str(office))
    assert said == "There are no open runs of purchase.\n"
