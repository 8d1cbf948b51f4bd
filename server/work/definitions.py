"""Definitions written as files: those that Atrium brings, and the office's own. A wrong one stops nothing."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.work.forms import schema_fault
from workflows.definition import Definition
from workflows.parts import Ask, Call, Child, Rules
from workflows.remarks import remarks
from workflows.written import WrittenWrong, fault_at, places_in, read_definition

logger = logging.getLogger(__name__)

FOLDER = "workflows"
"""Within the data folder: the office's own files."""
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault:
    """Something wrong with a file; what it says is not used."""

    file: str
    """Its name as the owner knows it."""
    line: int
    """Counted from 1."""
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was found in files."""

    definitions: tuple[Definition, ...]
    faults: tuple[FileFault, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    definition: Definition
    file: str
    text: str


def load_definitions(
    shipped: Path, own: Path, *, known: Iterable[str] = (), actions: Iterable[str] | None = None
) -> Loaded:
    """Read every `*.yaml` of two folders; one of the office's own takes the place of a shipped one of its name.

    Args:
        shipped: the folder that comes with Atrium.
        own: the office's; it need not exist.
        known: names that are taken.
        actions: what can be asked for, as `mail.send`; None: that is not looked at.
    """
    faults: list[FileFault] = []
    read: dict[str, _Read] = {}
    taken = frozenset(known)
    for folder, label in ((shipped, ""), (own, f"{FOLDER}/")):
        here: dict[str, _Read] = {}
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
            one = _read(path, f"{label}{path.name}", None if actions is None else frozenset(actions), faults)
            if one is None:
                continue
            name = one.definition.name
            if name in taken or name in here:
                by = here[name].file if name in here else "the office itself"
                faults.append(_at(one, f"name: {name}", f"the name {name!r} is taken by {by}; choose another"))
                continue
            here[name] = one
        read |= here
    names = taken | set(read)
    while lost := [one for one in read.values() if _missing(one, names)]:
        for one in lost:
            child = _missing(one, names)
            faults.append(_at(one, f"definition: {child}", f"there is no workflow {child!r} to start from here"))
            del read[one.definition.name]
            names = taken | set(read)
    for fault in faults:
        place = {"file": fault.file, "line": fault.line, "column": fault.column}
        logger.error("a workflow cannot be used", extra=place | {"fault": fault.text})
    return Loaded(definitions=tuple(one.definition for one in read.values()), faults=tuple(faults))


def check_files(paths: Iterable[Path], *, known: Iterable[str]) -> Loaded:
    """Read files as an office would, each under the name that it is given by.

    Args:
        paths: YAML files.
        known: names of workflows that may be started from them, beside their own.
    """
    faults: list[FileFault] = []
    read = [one for path in paths if (one := _read(path, str(path), None, faults)) is not None]
    names = {*known, *(one.definition.name for one in read)}
    for one in read:
        if child := _missing(one, names):
            text = f"there is no workflow {child!r} to start from here; check its file together with this one"
            faults.append(_at(one, f"definition: {child}", text))
    return Loaded(definitions=tuple(one.definition for one in read), faults=tuple(faults))


def remarks_on(path: Path, definition: Definition) -> list[FileFault]:
    """List what a file that has no fault says but hardly means."""
    places = places_in(path.read_text(encoding="utf-8"))
    found = [fault_at(at, places, text) for at, text in remarks(definition)]
    return [FileFault(file=str(path), line=one.line, column=one.column, text=one.text) for one in found]


def _read(path: Path, file: str, actions: frozenset[str] | None, faults: list[FileFault]) -> _Read | None:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise OSError(f"it has more than {MOST_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
        one = _Read(read_definition(text, Rules(), name=file), file, text)
    except WrittenWrong as wrong:
        faults += [FileFault(file=file, line=f.line, column=f.column, text=f.text) for f in wrong.faults]
        return None
    except (OSError, UnicodeDecodeError) as fault:
        faults.append(FileFault(file=file, line=1, column=1, text=f"it cannot be read: {fault}"))
        return None
    found = [*_schema_faults(one), *([] if actions is None else _action_faults(one, actions))]
    faults += found
    return None if found else one


def _schema_faults(one: _Read) -> list[FileFault]:
    """JSON Schemas that are none: whoever fills them in could not be told what is wrong."""
    forms: Mapping[str, object] = {
        name: ask.form for name, (_, ask) in one.definition.work.items() if isinstance(ask, Ask) and ask.form
    }
    found = []
    if fault := schema_fault(one.definition.data):
        found.append(_at(one, "data:", f"data: {fault}"))
    for name, form in forms.items():
        if isinstance(form, Mapping) and (fault := schema_fault(form)):
            found.append(_at(one, f"{name}:", f"{name}.form: {fault}"))
    return found


def _action_faults(one: _Read, actions: frozenset[str]) -> list[FileFault]:
    """Actions that nothing here can do: a run would only be stuck there."""
    calls = [work for _, work in one.definition.work.values() if isinstance(work, Call)]
    asked = [action for call in calls for action in (call.action, call.undo.action if call.undo else "")]
    known = ", ".join(sorted(actions))
    return [
        _at(one, f"action: {action}", f"there is no action {action!r}; known are {known}")
        for action in dict.fromkeys(asked)
        if action and action not in actions
    ]


def _missing(one: _Read, names: Iterable[str]) -> str:
    """A definition that it would start and that nobody knows; empty: none."""
    for _, work in one.definition.work.values():
        if isinstance(work, Child) and work.definition not in names:
            return work.definition
    return ""


def _at(one: _Read, words: str, text: str) -> FileFault:
    """A fault where these words stand in the file, as far as they can be found as they are."""
    pattern = re.compile(r"\s*".join(re.escape(part) for part in words.split(" ")))
    found = pattern.search(one.text)
    start = found.start() if found else 0
    line = one.text.count("\n", 0, start) + 1
    return FileFault(file=one.file, line=line, column=start - one.text.rfind("\n", 0, start), text=text)
