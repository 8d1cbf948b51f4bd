"""What a model's card says to programs: a few lines between two `---`, above the text for people."""

from __future__ import annotations

from dataclasses import dataclass, fields

import yaml

from server.models.errors import ModelError
from server.models.registry import Kind

_FENCE = "---"
_MOST_LETTERS = 2000
_EXAMPLE = """begin it with
---
model: {kind}
licence: Apache-2.0
data: what it was trained on, from where, under which licence
---"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The lines for programs."""

    model: str
    """The kind of model."""
    licence: str
    data: str


def read_card(text: str, kind: Kind, source: str) -> Card:
    """Read a card.

    Args:
        text: of the whole file.
        kind: what the model's files are.
        source: the file's name, for messages.

    Raises:
        ModelError: a line is missing, unknown or empty, or nothing is said to people; the text says what to write.
    """
    head, body = _parted(text, kind, source)
    try:
        table = yaml.safe_load(head)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"{source}: the lines between the two {_FENCE} are no YAML: {reason}") from error
    names = [one.name for one in fields(Card)]
    if not isinstance(table, dict) or set(table) != set(names):
        raise ModelError(f"{source}: between the two {_FENCE} stand {', '.join(names)}, and nothing else")
    for name, value in table.items():
        if not isinstance(value, str) or not value.strip() or len(value) > _MOST_LETTERS:
            raise ModelError(f"{source}: {name} has to be a text of at most {_MOST_LETTERS} letters")
    card = Card(**{name: " ".join(value.split()) for name, value in table.items()})
    if card.model != kind:
        raise ModelError(f"{source}: it is the card of {card.model}, and the files beside it are of {kind}")
    if not body.strip():
        raise ModelError(f"{source}: below the lines for programs, tell people what the model is for and what not")
    return card


def _parted(text: str, kind: Kind, source: str) -> tuple[str, str]:
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != _FENCE:
        raise ModelError(f"{source}: a card says what it is; {_EXAMPLE.format(kind=kind)}")
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    raise ModelError(f"{source}: the second {_FENCE} is missing; {_EXAMPLE.format(kind=kind)}")
