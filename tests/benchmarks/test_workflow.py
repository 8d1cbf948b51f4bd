"""The benchmark of workflows: what is counted, how it is written, and engines in processes of their own."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import workflow, workflow_parts, workflow_peers
from benchmarks.environments import PeerMissing
from benchmarks.results import Measurement, as_lines, table
from benchmarks.workflow_child import Child, ChildFault, count_syncs
from benchmarks.workflow_dbos import Dbos
from benchmarks.workflow_parts import (
    APPROVAL_P50,
    METRICS,
    NOISY,
    PARKED,
    RUNG,
    SERVING,
    SHORT,
    SYNCS,
    TRANSITIONS,
    TRANSITIONS_POSTGRES,
    Findings,
    verdicts,
)
from benchmarks.workflow_peers import DBOS, PEERS, POSTGRES, RAW, SQLITE, STATEMACHINE, Entrant
from benchmarks.workflow_raw import Raw
from benchmarks.workflow_statemachine import Machines, Purchase
from benchmarks.workflow_subject import EFFECTS, Approving, Complete, Meter, Subject
from benchmarks.workflow_subject import TRANSITIONS as OF_A_PURCHASE
from tests.benchmarks.scripted_engine import ScriptedEngine
from tests.postgres import PostgresMissing, postgres_server

BRIEF = replace(SHORT, warm_seconds=0.0, load_seconds=0.2, ring_in=0.0, idle_seconds=0.05)
SCRIPTED = Entrant(peer=None, module="tests.benchmarks.scripted_engine", callers={SQLITE: 2})


@pytest.fixture
def findings() -> Findings:
    return Findings(lambda text: None)


# --- what is written --------------------------------------------------------------------------------------------


def test_the_lines_have_their_names_in_order() -> None:
    assert [(metric.name, metric.store) for metric in METRICS] == [
        ("transitions_per_second", None),
        ("transitions_per_second", "postgres"),
        ("approval_p50_ms", None),
        ("approval_p99_ms", None),
        ("fsyncs_per_transition", None),
        ("restart_serving_seconds", None),
        ("restart_timers_seconds", None),
        ("parked_rss_mb", None),
        ("virtual_year_seconds", None),
        ("audit_verify_seconds", None),
        ("noisy_neighbour_p95_increase", None),
    ]


def test_atrium_comes_before_its_peers_and_the_median_of_the_rounds_counts(findings: Findings) -> None:
    findings.add(APPROVAL_P50, None, 3.0, 300)
    for peer in reversed((None, *PEERS)):
        for rate in (100.0, 900.0, 200.0):
            findings.add(TRANSITIONS, peer, rate)
    findings.add(TRANSITIONS_POSTGRES, DBOS, 50.0)
    lines = [json.loads(line) for line in as_lines(findings.measurements()).splitlines()]
    assert [line["peer"] for line in lines] == [None, "dbos", "raw", "statemachine", "dbos", None]
    first = {"name": "transitions_per_second", "value": 200.0, "unit": "1/s", "peer": None, "n": 3}
    assert lines[0] == first
    assert lines[4] == {**first, "value": 50.0, "peer": "dbos", "n": 1, "store": "postgres"}
    assert lines[5]["n"] == 300


def test_the_table_keeps_the_two_databases_apart(findings: Findings) -> None:
    findings.add(TRANSITIONS, None, 3000.0)
    findings.add(TRANSITIONS_POSTGRES, None, 700.0)
    _, sqlite, postgres = table(METRICS, findings.measurements()).splitlines()
    assert sqlite.split()[-2:] == ["ok", "3000"]
    assert postgres.split()[-1] == "700"


def of(peer: str | None, rate: float, store: str | None = None) -> Measurement:
    """So many transitions a second."""
    return Measurement(name=TRANSITIONS.name, value=rate, unit="1/s", peer=peer, n=3, store=store)


def test_ratios_to_peers_are_judged() -> None:
    found = [of(None, 4000), of(DBOS, 400), of(RAW, 16000), of(None, 900, POSTGRES), of(DBOS, 500, POSTGRES)]
    assert verdicts(found) == [
        "transitions kept, SQLite: 10 times dbos (goal ≥ 10): ok",
        "transitions kept, SQLite: 0.25 times raw (goal ≥ 0.4): MISSED",
        "the same, PostgreSQL: 1.8 times dbos (goal ≥ 2): MISSED",
    ]


def test_without_atrium_no_ratio_is_judged() -> None:
    assert verdicts([of(DBOS, 400), of(RAW, 16000)]) == []


# --- what is counted --------------------------------------------------------------------------------------------


def test_only_what_is_kept_while_the_window_is_open_counts() -> None:
    times = iter([100.0, 100.9, 101.0, 102.9, 103.0, 103.0])
    meter = Meter(warm=1.0, seconds=2.0, clock=lambda: next(times))
    for _ in range(4):
        meter.moved(3)
    assert meter.over
    assert meter.found()["transitions"] == 6
    assert meter.found()["seconds"] == 2.0


def test_syncs_are_counted_where_they_begin() -> None:
    lines = [
        "4011  99.900000 fsync(3)                = 0",
        "4011  100.000000 fdatasync(4 <unfinished ...>",
        "4012  100.100000 fsync(5)               = 0",
        "4011  100.200000 <... fdatasync resumed>) = 0",
        "100.300000 fdatasync(4)                 = 0",
        "4011  101.000000 fsync(4)               = 0",
        "4011  101.100000 +++ exited with 0 +++",
    ]
    assert count_syncs(lines, 100.0, 101.0) == 3


def test_a_purchase_is_six_effects_an_approval_and_a_timer_for_everybody() -> None:
    purchase = Purchase()
    for event in (*["effect_done"] * EFFECTS, "approve", "ring"):
        purchase.send(event)
    assert purchase.is_terminated
    assert OF_A_PURCHASE == EFFECTS + 3


# --- who takes part ---------------------------------------------------------------------------------------------


def test_what_may_be_chosen_on_the_command_line() -> None:
    chosen = workflow.parser().parse_args(
        ["--peer", "dbos", "--store", "postgres", "--only", "approval", "--short"]
    )
    assert (chosen.peer, chosen.store, chosen.only, chosen.short) == (["dbos"], "postgres", ["approval"], True)


def test_a_missing_peer_is_noted_unless_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Path:
        raise PeerMissing("DBOS could not be installed.")

    monkeypatch.setattr(workflow_peers, "environment", missing)
    monkeypatch.setattr(workflow_peers, "ours", lambda: SCRIPTED)
    found, notes = workflow_peers.entrants(PEERS, chosen=False)
    assert [one.name for one in found] == ["atrium", "raw", "statemachine"]
    assert notes == ["DBOS could not be installed. Measured without it."]
    with pytest.raises(PeerMissing):
        workflow_peers.entrants([DBOS], chosen=True)


def test_without_our_engine_the_peers_are_measured_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow_peers, "OURS", "benchmarks.nowhere")
    found, notes = workflow_peers.entrants([RAW], chosen=True)
    assert [one.peer for one in found] == ["raw"]
    assert "its peers alone" in notes[0]


def test_engines_say_by_what_they_can_do_what_is_measured_of_them() -> None:
    assert isinstance(Machines(), Subject)
    assert not isinstance(Machines(), Approving)
    assert isinstance(Raw(), Approving)
    assert issubclass(Dbos, Approving)
    assert not isinstance(Raw(), Complete)
    assert isinstance(ScriptedEngine(), Complete)


# --- in processes of their own ----------------------------------------------------------------------------------


def test_an_engine_says_what_it_cannot_do_and_goes_on(tmp_path: Path) -> None:
    with Child(
        Entrant(peer=STATEMACHINE, module="benchmarks.workflow_statemachine", callers={SQLITE: 1})
    ) as child:
        with pytest.raises(ChildFault, match="cannot do 'year'"):
            child.ask("year")
        assert child.ask("look") == {"tasks": 1}
        assert child.memory() > 1_000_000
        assert child.threads() >= 1


def test_what_an_engine_said_last_is_in_the_fault() -> None:
    said = r"(?s)raw has ended while it was asked to 'open'.*No module named benchmarks.nowhere"
    nowhere = Entrant(peer=RAW, module="benchmarks.nowhere", callers={})
    with Child(nowhere) as child, pytest.raises(ChildFault, match=said):
        child.ask("open", store="x")


def test_restarts_parked_runs_and_all_else_of_ours_is_measured(tmp_path: Path, findings: Findings) -> None:
    workflow.run(list(workflow.OWN_PARTS), [SQLITE], [SCRIPTED], BRIEF, findings)
    found = {one.name: one.value for one in findings.measurements()}
    assert list(found) == [metric.name for metric in METRICS[5:]]
    assert 0 < found[SERVING.name] <= found[RUNG.name]
    assert found[PARKED.name] < 5
    assert found["virtual_year_seconds"] == 0.25
    assert found["audit_verify_seconds"] == 0.02
    assert found[NOISY.name] == pytest.approx(0.1)
    assert findings.faults == 0


def test_a_fault_of_an_engine_ends_its_part_and_not_the_run(findings: Findings) -> None:
    unable = Entrant(peer=None, module="benchmarks.workflow_statemachine", callers={SQLITE: 1}, approves=False)
    workflow.run(["transitions", "restart", "year"], [SQLITE], [unable], BRIEF, findings)
    assert [one.name for one in findings.measurements()] == ["transitions_per_second"]
    assert findings.faults == 2
    assert findings.notes[-1].startswith("year: not measured: atrium: LookupError: Machines cannot do 'year'")


@pytest.mark.slow
def test_a_short_run_with_cheap_peers_writes_its_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workflow_peers, "ours", lambda: SCRIPTED)
    monkeypatch.setattr(workflow, "SHORT", BRIEF)
    chosen = ["--only", "transitions", "--only", "approval", "--store", "sqlite"]
    assert workflow.main(["--json", "--short", "--peer", "raw", "--peer", "statemachine", *chosen]) == 0
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(line["name"], line["peer"]) for line in lines] == [
        ("transitions_per_second", None),
        ("transitions_per_second", "raw"),
        ("transitions_per_second", "statemachine"),
        ("approval_p50_ms", None),
        ("approval_p50_ms", "raw"),
        ("approval_p99_ms", None),
        ("approval_p99_ms", "raw"),
    ]
    assert all(line["value"] > 0 for line in lines)
    assert "times raw (goal ≥ 0.4)" in err
    assert "raw with a commit for each transition" in err


@pytest.mark.slow
def test_fsyncs_are_counted_from_outside(tmp_path: Path, findings: Findings) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not there")
    workflow_parts.syncs([SCRIPTED], tmp_path, BRIEF, findings)
    # Each round of its loop has one, for 2 purchases.
    assert findings.measurements()[0].name == SYNCS.name
    assert findings.measurements()[0].value == pytest.approx(1 / (2 * OF_A_PURCHASE), rel=0.1)


@pytest.mark.slow
def test_plain_sql_moves_purchases_on_a_postgres_of_its_own(findings: Findings) -> None:
    raw = Entrant(peer=RAW, module="benchmarks.workflow_raw", callers={SQLITE: 32, POSTGRES: 2})
    try:
        with postgres_server(safe=True) as server:
            workflow_parts.transitions(POSTGRES, [raw], lambda _: server.database(), BRIEF, findings)
    except PostgresMissing as missing:
        pytest.skip(str(missing))
    (found,) = findings.measurements()
    assert (found.store, found.peer) == ("postgres", "raw")
    assert found.value > 0
