"""`atrium workflow`: new, check, diagram, simulate, upgrade."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from server.assets import assets_dir
from server.command_line import add_places, settings_of
from server.errors import ServerError
from server.work.definitions import FOLDER, FileFault, check_files, load_definitions, remarks_on
from workflows.definition import Definition
from workflows.diagram import mermaid, picture_of, words_of
from workflows.library import LIBRARY
from workflows.svg import svg

TEMPLATE = Path(__file__).with_name("template.yaml")
FORMATS = ("mermaid", "svg")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


class WorkflowCommandError(ServerError):
    """A command about workflows cannot be carried out; the text says what to do."""

    code = "workflow_command"


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `workflow` to the commands of the command line."""
    workflow = commands.add_parser("workflow", help="write, check, draw, play through and upgrade workflows")
    deeds = workflow.add_subparsers(title="deeds", required=True, metavar="DEED")

    deed = deeds.add_parser("new", help="write a small workflow to start from")
    deed.add_argument("name", help="letters, digits and _")
    deed.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to (default NAME.yaml)")
    deed.set_defaults(run=_new)

    deed = deeds.add_parser("check", help="look for mistakes")
    deed.add_argument("files", nargs="+", type=Path, metavar="FILE")
    add_places(deed)
    deed.set_defaults(run=_check)

    deed = deeds.add_parser("diagram", help="draw a workflow")
    deed.add_argument("file", type=Path, metavar="FILE")
    deed.add_argument("--format", choices=FORMATS, default=FORMATS[0], help=f"(default {FORMATS[0]})")
    deed.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to (default: the screen)")
    deed.set_defaults(run=_diagram)

    deed = deeds.add_parser("simulate", help="play a workflow through with a clock of its own")
    deed.add_argument("file", type=Path, metavar="FILE")
    deed.add_argument("--with", dest="others", type=Path, action="append", default=[], metavar="FILE",
                      help="a workflow that it starts; those that come with Atrium are there already")  # fmt: skip
    deed.add_argument("--data", dest="start_with", metavar="JSON", help="what it starts with (default: made up)")
    way = deed.add_mutually_exclusive_group()
    way.add_argument("--script", type=Path, metavar="FILE", help="who decides what, and when (YAML)")
    way.add_argument("--random", dest="seed", type=int, metavar="SEED", help="go on by chance")
    deed.add_argument("--json", action="store_true", help="print one JSON object")
    deed.set_defaults(run=_simulate)

    deed = deeds.add_parser("upgrade", help="let runs follow the newest version of their workflow")
    deed.add_argument("name", help="of the workflow")
    deed.add_argument("--dry-run", action="store_true", help="only say what would be done")
    deed.add_argument("--map", dest="renamed", type=_renamed, action="append", default=[], metavar="OLD=NEW",
                      help="what a state is called now")  # fmt: skip
    add_places(deed)
    deed.set_defaults(run=_upgrade)


def _renamed(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise argparse.ArgumentTypeError(f"{text!r} is not OLD=NEW, as in asked=requested")
    return old, new


# --- new ---------------------------------------------------------------------------------------------------------


def _new(arguments: argparse.Namespace) -> int:
    name: str = arguments.name
    if not _NAME.fullmatch(name):
        raise WorkflowCommandError(f"{name!r} is no name for a workflow; use letters, digits and _")
    path: Path = arguments.output or Path(f"{name}.yaml")
    text = TEMPLATE.read_text(encoding="utf-8").replace("NAME", name).replace("TITLE", words_of(name))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as fault:
        raise WorkflowCommandError(f"{path} is there already; choose another name, or delete it first") from fault
    except OSError as fault:
        raise WorkflowCommandError(f"{path} cannot be written: {fault.strerror}") from fault
    print(f"{path} is written. To look for mistakes: atrium workflow check {path}")
    return 0


# --- check -------------------------------------------------------------------------------------------------------


def _check(arguments: argparse.Namespace) -> int:
    own = settings_of(arguments).data_dir / FOLDER
    known = load_definitions(assets_dir() / "workflows", own, known=LIBRARY).definitions
    names = {*LIBRARY, *(one.name for one in known)}
    bad = 0
    for path in arguments.files:
        others = [other for other in arguments.files if other != path]
        beside = check_files(others, known=names).definitions
        loaded = check_files([path], known={*names, *(one.name for one in beside)})
        for fault in loaded.faults:
            print(fault)
        bad += bool(loaded.faults)
        if not loaded.faults:
            _praise(path, loaded.definitions[0], remarks_on(path, loaded.definitions[0]))
    return 1 if bad else 0


def _praise(path: Path, definition: Definition, remarks: Sequence[FileFault]) -> None:
    """Say what is in a file that has no fault, and what it hardly means."""
    for remark in remarks:
        print(f"{remark.file}:{remark.line}:{remark.column}: remark: {remark.text}")
    ends = [state.name for state in definition.states if state.final and not state.parent]
    work = len(definition.work)
    print(
        f"{path}: {definition.name}, {len(definition.states)} states, {len(definition.transitions)} transitions, "
        f"{work} {'piece' if work == 1 else 'pieces'} of work, ends in {', '.join(ends) or 'nothing'}; "
        f"version {definition.hash[:12]}"
    )


# --- diagram -----------------------------------------------------------------------------------------------------


def _diagram(arguments: argparse.Namespace) -> int:
    definition = _read([arguments.file])[0]
    picture = picture_of(definition)
    title = definition.title or words_of(definition.name)
    text = svg(picture, title=title) if arguments.format == "svg" else mermaid(picture)
    if arguments.output is None:
        print(text, end="")
        return 0
    try:
        arguments.output.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise WorkflowCommandError(f"{arguments.output} cannot be written: {fault.strerror}") from fault
    print(f"{arguments.output} is drawn.")
    return 0


def _read(paths: Sequence[Path]) -> list[Definition]:
    """Give the definitions in some files, and those that come with Atrium after them.

    Raises:
        WorkflowCommandError: a file has a fault; all of them.
    """
    loaded = check_files(paths, known=[*LIBRARY, *_shipped()])
    if loaded.faults:
        raise WorkflowCommandError("\n".join(["there are mistakes:", *map(str, loaded.faults)]))
    names = {one.name for one in loaded.definitions}
    return [*loaded.definitions, *(one for name, one in _shipped().items() if name not in names)]


def _shipped() -> Mapping[str, Definition]:
    folder = assets_dir() / "workflows"
    return {one.name: one for one in load_definitions(folder, folder / "none", known=LIBRARY).definitions}


# --- simulate ----------------------------------------------------------------------------------------------------


def _simulate(arguments: argparse.Namespace) -> int:
    from server.work.simulation import simulate

    definitions = _read([arguments.file, *arguments.others])
    data = None if arguments.start_with is None else _json(arguments.start_with)
    tell = None if arguments.json else print
    simulation = simulate(definitions, data=data, script=arguments.script, seed=arguments.seed, tell=tell)
    if arguments.json:
        print(json.dumps(simulation.as_values(), ensure_ascii=False))
    else:
        print("", *simulation.summary(), sep="\n")
    return 1 if simulation.fault or simulation.stuck else 0


def _json(text: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as fault:
        raise WorkflowCommandError(f"--data: it is no JSON ({fault})") from fault
    if not isinstance(data, dict):
        raise WorkflowCommandError('--data: it must be a map, as in {"what": "Ten chairs"}')
    return data


# --- upgrade -----------------------------------------------------------------------------------------------------


def _upgrade(arguments: argparse.Namespace) -> int:
    from server.work.upgrading import upgrade_office

    settings = settings_of(arguments)
    plan = asyncio.run(
        upgrade_office(settings, arguments.name, renamed=dict(arguments.renamed), dry=arguments.dry_run)
    )
    print(*plan.told(), sep="\n")
    return 1 if plan.refused else 0
