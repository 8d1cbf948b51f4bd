"""`atrium understand`: utterances of meetings in, how likely each agrees on an action, a decision or a problem."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from avatars.adapters.meeting_model import LABELS, Inference, MeetingModel
from avatars.adapters.owner_weights import load_owner_weights
from avatars.meeting_input import Line
from avatars.owners import OwnerWeights, owner
from server.command_line import add_places, settings_of
from server.errors import ServerError
from server.models.registered import in_use, shipped_dir
from server.models.registry import Kind

WRITTEN, RECOGNISED = "text", "asr"


class BadInput(ServerError):
    """A file of utterances cannot be read as such."""

    code = "bad_input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A meeting as the file has it."""

    meeting: str
    lines: Sequence[Line]
    recognised: bool


def read_transcripts(path: Path, field: str | None) -> list[Transcript]:
    """Read a file with an utterance a line.

    Args:
        path: each line an object with id, meeting, speaker, start, end (seconds), "text" or "asr"; perhaps role.
        field: which of the two is read; None: "text" where the file has any, else "asr".

    Raises:
        BadInput: a line is not such an object.
    """
    rows: dict[str, list[Mapping[str, Any]]] = {}
    written = False
    for number, row in _rows(path):
        _check(path, number, row)
        rows.setdefault(row["meeting"], []).append(row)
        written = written or WRITTEN in row
    chosen = field or (WRITTEN if written else RECOGNISED)
    return [
        Transcript(
            meeting=meeting,
            recognised=chosen == RECOGNISED,
            lines=[
                Line(
                    id=row["id"], speaker=row["speaker"], start=float(row["start"]), end=float(row["end"]),
                    text=row.get(chosen) or "", role=row.get("role"),
                )
                for row in sorted(of_it, key=lambda row: row["start"])
            ],
        )
        for meeting, of_it in rows.items()
    ]  # fmt: skip


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    if not path.is_file():
        raise BadInput(f"there is no file {path}")
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise BadInput(f"{path}, line {number}: this is no JSON: {error}") from error


_KINDS = {"id": (str,), "meeting": (str,), "speaker": (str,), "start": (int, float), "end": (int, float)}


def _check(path: Path, number: int, row: Any) -> None:
    if not isinstance(row, dict):
        raise BadInput(f'{path}, line {number}: an object is expected, such as {{"id": …, "meeting": …}}')
    for name, kinds in _KINDS.items():
        if not isinstance(row.get(name), kinds) or isinstance(row.get(name), bool):
            raise BadInput(f"{path}, line {number}: {name} is missing, or is no {kinds[-1].__name__}")
    if not isinstance(row.get("role"), str | None):
        raise BadInput(f"{path}, line {number}: role is no str")
    if not any(isinstance(row.get(name), str) for name in (WRITTEN, RECOGNISED)):
        raise BadInput(f'{path}, line {number}: neither "text" nor "asr" is there')


def predictions(transcript: Transcript, inference: Inference, weights: OwnerWeights) -> Iterator[dict[str, Any]]:
    """The lines of the result: for each utterance and label its confidence, and a 1 where it is worth showing.

    An action that is worth showing has an owner, unless that is unclear.
    """
    for place, told in enumerate(inference.told):
        for label in LABELS:
            taken = owner(transcript.lines, place, weights) if label == "actions" and told.found[label] else None
            yield {
                "id": told.id,
                "task": label,
                "score": round(told.confidence[label], 5),
                "label": int(told.found[label]),
                "meeting": transcript.meeting,
                "model": inference.model,
                "sha256": inference.sha256[:12],
                **({"owner": taken.who} if taken is not None and taken.who is not None else {}),
            }


def understand(
    model: MeetingModel,
    weights: OwnerWeights,
    transcripts: Sequence[Transcript],
    target: TextIO,
    *,
    known: bool,
    say: Callable[[str], None],
) -> None:
    """Read each meeting, and write what came of it."""
    for number, transcript in enumerate(transcripts, start=1):
        what = f"meeting {number} of {len(transcripts)}"

        def progress(done: int, what: str = what, transcript: Transcript = transcript) -> None:
            say(f"{what}: {done} of {len(transcript.lines)} utterances")

        inference = model.read(transcript.lines, recognised=transcript.recognised, known=known, progress=progress)
        for line in predictions(transcript, inference, weights):
            target.write(json.dumps(line) + "\n")


def add_command(commands: Any) -> None:
    """Add `understand` to the command line."""
    parser = commands.add_parser("understand", help="tell what meetings agreed on, from their utterances")
    parser.add_argument(
        "--input", type=Path, required=True, help="JSON lines: id, meeting, speaker, start, end, text"
    )
    parser.add_argument("--output", type=Path, required=True, help="JSON lines to write: id, task, score, label")
    parser.add_argument(
        "--field", choices=(WRITTEN, RECOGNISED), help='default "text" where it is there, else "asr"'
    )
    parser.add_argument("--words-only", action="store_true", help="leave out roles and the place in the meeting")
    add_places(parser)
    parser.add_argument("--models-dir", help="where models lie (default: `models` in the data folder)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    transcripts = read_transcripts(arguments.input, arguments.field)
    if arguments.words_only:
        transcripts = [_without_roles(transcript) for transcript in transcripts]
    folder, nets = shipped_dir(), in_use(settings_of(arguments).models, Kind.MEETINGS)
    model, weights = MeetingModel(folder, nets=nets), load_owner_weights(folder)
    part = arguments.output.with_name(arguments.output.name + ".part")
    with part.open("w", encoding="utf-8") as target:
        understand(model, weights, transcripts, target, known=not arguments.words_only, say=_say)
    part.replace(arguments.output)
    lines = sum(len(transcript.lines) for transcript in transcripts)
    print(f"{lines} utterances of {len(transcripts)} meetings: {arguments.output}", file=sys.stderr)
    return 0


def _without_roles(transcript: Transcript) -> Transcript:
    return replace(transcript, lines=[replace(line, role=None) for line in transcript.lines])


def _say(words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)
