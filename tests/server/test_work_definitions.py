"""Workflows that are written as files: read at the start, with every fault in its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.assets import assets_dir
from server.work.definitions import Loaded, load_definitions
from workflows.parts import Rules
from workflows.written import read_definition

GOOD = "name: walk\ntitle: Walk\ninitial: out\nstates:\n  out:\n    on: {back: home}\n  home: {final: true}\n"


@pytest.fixture
def shipped() -> Path:
    return assets_dir() / "workflows"


def load(tmp_path: Path, shipped: Path, **files: str) -> Loaded:
    own = tmp_path / "workflows"
    own.mkdir(exist_ok=True)
    for name, text in files.items():
        (own / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_definitions(shipped, own, known=["action_item"])


def places(loaded: Loaded) -> list[tuple[str, int]]:
    return [(fault.file, fault.line) for fault in loaded.faults]


def test_what_atrium_brings_has_no_fault(tmp_path: Path, shipped: Path) -> None:
    loaded = load_definitions(shipped, tmp_path / "none")
    assert {one.name for one in loaded.definitions} == {"onboarding", "purchase"}
    assert loaded.faults == ()
    assert all(one.title and one.data for one in loaded.definitions)


def test_the_offices_own_files_are_read_too(tmp_path: Path, shipped: Path) -> None:
    loaded = load(tmp_path, shipped, walk=GOOD)
    assert {one.name for one in loaded.definitions} == {"onboarding", "purchase", "walk"}


def test_an_own_file_takes_the_place_of_a_shipped_one(tmp_path: Path, shipped: Path) -> None:
    loaded = load(tmp_path, shipped, mine=GOOD.replace("walk", "purchase"))
    (purchase,) = [one for one in loaded.definitions if one.name == "purchase"]
    assert purchase.title == "Walk"
    assert loaded.faults == ()


def test_a_wrong_file_stops_nothing_and_names_file_line_and_column(tmp_path: Path, shipped: Path) -> None:
    lost = GOOD.replace("{back: home}", "{back: nowhere}").replace("walk", "lost")
    broken = "name: broken\ninitial: [\n"
    extra = GOOD.replace("walk", "extra") + "colour: red\n"
    loaded = load(tmp_path, shipped, broken=broken, extra=extra, lost=lost, walk=GOOD)
    assert {one.name for one in loaded.definitions} == {"onboarding", "purchase", "walk"}
    assert places(loaded) == [
        ("workflows/broken.yaml", 3),
        ("workflows/extra.yaml", 8),
        ("workflows/lost.yaml", 6),
    ]
    assert all(fault.column >= 1 for fault in loaded.faults)
    assert "nowhere" in loaded.faults[2].text


def test_names_that_are_taken_and_children_that_nobody_knows_are_faults(tmp_path: Path, shipped: Path) -> None:
    child = (
        "name: parent\ninitial: out\nstates:\n  out:\n    children:\n"
        "      walk: {definition: dance}\n    on: {done.walk: home}\n  home: {final: true}\n"
    )
    loaded = load(tmp_path, shipped, a=GOOD, b=GOOD, parent=child, task=GOOD.replace("walk", "action_item"))
    assert places(loaded) == [
        ("workflows/b.yaml", 1),
        ("workflows/task.yaml", 1),
        ("workflows/parent.yaml", 6),
    ]
    assert "taken by workflows/a.yaml" in loaded.faults[0].text


def test_a_form_that_is_no_schema_is_a_fault_before_anybody_fills_it_in(tmp_path: Path, shipped: Path) -> None:
    ask = (
        "name: ask\ninitial: out\nstates:\n  out:\n    asks:\n"
        "      well:\n        title: Well\n        role: member\n"
        "        form: {type: object, properties: {x: {type: nothing}}}\n"
        "    on: {approve.well: home, reject.well: home}\n  home: {final: true}\n"
    )
    loaded = load(tmp_path, shipped, ask=ask)
    assert places(loaded) == [("workflows/ask.yaml", 6)]
    assert loaded.faults[0].text.startswith("well.form: properties.x.type")
    far = ask.replace("{type: nothing}", "{$ref: 'https://elsewhere.example/x.json'}")
    assert "lies elsewhere" in load(tmp_path, shipped, ask=far).faults[0].text


def test_an_action_that_nothing_can_do_is_a_fault(tmp_path: Path, shipped: Path) -> None:
    post = (
        "name: post\ninitial: out\nstates:\n  out:\n    calls:\n"
        "      letter: {action: mail.send, undo: {action: mail.unsend}}\n"
        "      bird:\n        action: bird.fly\n    on: {done.bird: home}\n  home: {final: true}\n"
    )
    own = tmp_path / "workflows"
    own.mkdir()
    (own / "post.yaml").write_text(post, encoding="utf-8")
    can = ["mail.send", "office.message", "office.task"]
    loaded = load_definitions(shipped, own, actions=can)
    assert places(loaded) == [("workflows/post.yaml", 6), ("workflows/post.yaml", 8)]
    assert loaded.faults[1].text == (
        "there is no action 'bird.fly'; known are mail.send, office.message, office.task"
    )
    assert "post" in {one.name for one in load_definitions(shipped, own).definitions}, (
        "where that is not looked at"
    )
    assert load_definitions(shipped, own, actions=[*can, "mail.unsend", "bird.fly"]).faults == ()


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, shipped: Path) -> None:
    own = tmp_path / "workflows"
    own.mkdir()
    (own / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    loaded = load_definitions(shipped, own)
    assert places(loaded) == [("workflows/bytes.yaml", 1)]


def test_the_examples_in_the_documents_can_be_used() -> None:
    page = Path(__file__).parents[2] / "docs" / "howto" / "workflows.md"
    whole, state = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert read_definition(whole, Rules()).title == "Leave"
    granted = "  granted: {title: Granted, final: true}\n"
    assert granted in whole
    with_calls = read_definition(whole.replace(granted, f"{state}  told: {{final: true}}\n"), Rules())
    assert [call.action for call in with_calls.by_name["granted"].calls] == ["office.task", "mail.send"]
