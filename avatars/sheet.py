"""Made-up meetings with a label at each utterance, and how well a model tells these labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from avatars.behaviour import MOST_SHOWN, Conversation, Label, Turn, Verdict
from avatars.errors import ModelError

TALK = "talk"
"""The label of what is none of `Label`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One meeting of the sheet."""

    conversation: Conversation
    """All its turns are asked for."""
    labels: tuple[Label | None, ...]
    """Of each turn; None: talk."""


def read_sheet(text: str, source: str = "sheet.tsv") -> tuple[Labelled, ...]:
    """Read a sheet.

    Args:
        text: lines of speaker, tab, label, tab, text; a blank line ends a meeting, `#` begins a remark.
        source: the file's name, for messages.

    Raises:
        ModelError: a line is not so, or nobody says anything.
    """
    meetings: list[list[tuple[Turn, Label | None]]] = [[]]
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            continue
        if not line.strip():
            meetings.append([])
            continue
        meetings[-1].append(_line(line, f"{source}, line {number}"))
    filled = [meeting for meeting in meetings if meeting]
    if not filled:
        raise ModelError(source, "holds no utterance")
    people = tuple(dict.fromkeys(turn.speaker for meeting in filled for turn, _ in meeting))
    return tuple(
        Labelled(
            conversation=Conversation(
                turns=tuple(turn for turn, _ in meeting),
                names=people,
                asked=tuple(range(len(meeting))),
                whole=True,
            ),
            labels=tuple(label for _, label in meeting),
        )
        for meeting in filled
    )


def _line(line: str, where: str) -> tuple[Turn, Label | None]:
    parts = [part.strip() for part in line.split("\t")]
    if len(parts) != 3 or not all(parts):
        raise ModelError(where, "has to be speaker, tab, label, tab, text")
    speaker, label, said = parts
    if label not in (*Label, TALK):
        raise ModelError(where, f"{label!r} is no label; these are: {', '.join((*Label, TALK))}")
    return Turn(speaker=speaker, text=said), None if label == TALK else Label(label)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScore:
    """How well one label is told from all else."""

    label: Label
    f1: float
    number: int
    """Utterances with this label."""
    failing: tuple[str, ...]
    """The first of those that were told wrongly."""


def score(
    sheet: Sequence[Labelled], told: Sequence[Sequence[Verdict]], labels: Iterable[Label]
) -> tuple[LabelScore, ...]:
    """Score a model on a sheet.

    Args:
        sheet: the meetings.
        told: for each meeting, what the model tells of each turn.
        labels: those that this model tells; others are talk to it.

    Returns:
        One score a label, in the order of `Label`.

    Raises:
        ValueError: meetings or turns and what is told of them differ in number.
    """
    pairs = [
        (turn, label, verdict)
        for meeting, verdicts in zip(sheet, told, strict=True)
        for turn, label, verdict in zip(meeting.conversation.turns, meeting.labels, verdicts, strict=True)
    ]
    wanted = set(labels)
    return tuple(_score(label, pairs) for label in Label if label in wanted)


def _score(label: Label, pairs: Sequence[tuple[Turn, Label | None, Verdict]]) -> LabelScore:
    hits = sum(label is gold and label in verdict.found for _, gold, verdict in pairs)
    number = sum(label is gold for _, gold, _ in pairs)
    found = sum(label in verdict.found for _, _, verdict in pairs)
    wrong = [
        f'"{turn.text}" {"was not told" if label is gold else "was told, and is not labelled so"}'
        for turn, gold, verdict in pairs
        if (label is gold) != (label in verdict.found)
    ]
    return LabelScore(
        label=label,
        f1=2 * hits / (found + number) if hits else 0.0,
        number=number,
        failing=tuple(wrong[:MOST_SHOWN]),
    )
