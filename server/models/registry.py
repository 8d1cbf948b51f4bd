"""Which models of understanding an office has, and which of them were promoted, when and by whom."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from avatars.gate import Figure
from server.models.errors import DamagedModel, ModelError
from server.models.manifest import ModelFile

FORMAT = 1
SHIPPED = "shipped"
"""Who promoted the models that Atrium carries."""
_ID_DIGITS = 12
_ID = re.compile(r"(utterances|meetings)-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST_LETTERS = 100


class Kind(StrEnum):
    """What a model reads."""

    UTTERANCES = "utterances"
    """Clauses, as they are said: the small heads."""
    MEETINGS = "meetings"
    """Utterances with their neighbours: the nets."""


WEIGHTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.UTTERANCES: ("heads.npz",),
    Kind.MEETINGS: ("meetings.json", "meetings.onnx"),
}
"""The files that make a model what it is, by name."""
CARDS: Mapping[Kind, str] = {Kind.UTTERANCES: "README.md", Kind.MEETINGS: "meetings.md"}
"""The file that tells people of it."""
ENCODER = ("encoder.onnx", "tokenizer.json")
"""What every model stands on; always as shipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A model that can be used."""

    id: str
    """Its kind, and the first digits of its hash."""
    kind: Kind
    sha256: str
    """Of its weights, as `content_hash` has it."""
    ground: str
    """SHA-256 of what it stands on: encoder, tokenizer, and what else it is given beside their vectors."""
    files: Mapping[str, ModelFile]
    """Weights and card, by name."""
    licence: str
    data: str
    """What it was trained on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A model was made the one in use."""

    model: str
    """Its id."""
    at: datetime
    """Aware."""
    by: str
    before: str | None
    """The id of the model that was in use; None for what is shipped."""
    suite: str
    """Of which suite the figures are."""
    figures: Mapping[str, Figure]
    overall: float
    """The mean of the figures."""
    back: bool = False
    """An earlier model came back; that is never refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Models and their history, the oldest first."""

    models: tuple[Registered, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    format: int = field(default=FORMAT)

    def find(self, model: str) -> Registered | None:
        """A model by its id."""
        return next((one for one in self.models if one.id == model), None)

    def of_kind(self, kind: Kind) -> tuple[Registered, ...]:
        """All models of a kind, the oldest first."""
        return tuple(one for one in self.models if one.kind is kind)

    def last_promotion(self, kind: Kind) -> Promotion:
        """The promotion that made the model in use what it is.

        That is the last, while its model is here and stands on the same ground as what is shipped. Else it is the
        one of what is shipped: what an earlier Atrium carried is gone with it, and on other ground a model tells
        nonsense.

        Raises:
            ModelError: nothing is shipped for this kind.
        """
        named = [one for one in self.promotions if kind_of(one.model) is kind]
        shipped = next((one for one in named if one.by == SHIPPED), None)
        base = self.find(shipped.model) if shipped is not None else None
        if shipped is None or base is None:
            raise ModelError(f"no model for {kind} is registered: install Atrium again")
        last = self.find(named[-1].model)
        return named[-1] if last is not None and last.ground == base.ground else shipped

    def current(self, kind: Kind) -> Registered:
        """The model in use.

        Raises:
            ModelError: there is none.
        """
        model = self.last_promotion(kind).model
        return next(one for one in self.models if one.id == model)

    def given_way(self, kind: Kind) -> str | None:
        """The id of the model that was promoted last, where it is here but stands on other ground; else None.

        Raises:
            ModelError: nothing is shipped for this kind.
        """
        last = [one.model for one in self.promotions if kind_of(one.model) is kind][-1:]
        here = bool(last) and self.find(last[0]) is not None
        return last[0] if here and last[0] != self.current(kind).id else None

    def with_model(self, model: Registered) -> Registry:
        """The registry with a model, which is added where it is new."""
        return self if self.find(model.id) else replace(self, models=(*self.models, model))

    def with_note(self, promotion: Promotion) -> Registry:
        """The registry after a promotion.

        Raises:
            ModelError: what is noted is not sound.
        """
        if (fault := _fault_of_promotion(promotion)) is not None:
            raise ModelError(f"the promotion of {promotion.model} cannot be noted: {fault}")
        return replace(self, promotions=(*self.promotions, promotion))


def joined(shipped: Registry, own: Registry) -> Registry:
    """What is shipped and what the office promoted, as one history."""
    theirs = {one.id for one in shipped.models}
    return Registry(
        models=(*shipped.models, *(one for one in own.models if one.id not in theirs)),
        promotions=(*shipped.promotions, *own.promotions),
    )


def listing_hash(files: Mapping[str, ModelFile]) -> str:
    """SHA-256 of the lines which `sha256sum` prints for these files, in the order of names."""
    lines = "".join(f"{file.sha256}  {name}\n" for name, file in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def content_hash(files: Mapping[str, ModelFile], kind: Kind) -> str:
    """SHA-256 of a model's weights, whatever its card says.

    Raises:
        KeyError: a file is missing.
    """
    return listing_hash({name: files[name] for name in WEIGHTS[kind]})


def id_of(kind: Kind, sha256: str) -> str:
    """The id of a model."""
    return f"{kind}-{sha256[:_ID_DIGITS]}"


def is_id(text: str) -> bool:
    """Whether a text is written like an id."""
    return _ID.fullmatch(text) is not None


def kind_of(model: str) -> Kind:
    """The kind in an id.

    Raises:
        ValueError: it is no id.
    """
    return Kind(model.partition("-")[0])


def to_json(registry: Registry) -> str:
    """Write a registry down."""
    plain = msgspec.to_builtins(registry)
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str, source: str) -> Registry:
    """Read a registry.

    Args:
        text: what `to_json` wrote.
        source: the file, for messages.

    Raises:
        DamagedModel: it is no registry, or does not hold together; the text says what to do.
    """
    try:
        table: Any = json.loads(text)
        version = table.get("format") if isinstance(table, dict) else None
        if version != FORMAT:
            raise ValueError(f"its format is {version!r}, and this Atrium reads {FORMAT}")
        registry = msgspec.convert(table, Registry)
        if fault := _fault(registry):
            raise ValueError(fault)
    except (ValueError, msgspec.ValidationError) as fault:
        raise DamagedModel(
            f"{source} cannot be read: {fault}. Put it back from a backup, or move it away to begin again with "
            "the models that are shipped"
        ) from fault
    return registry


def _fault(registry: Registry) -> str | None:
    """What does not hold together; None: all does."""
    seen: set[str] = set()
    for model in registry.models:
        if model.id in seen:
            return f"{model.id} stands in it twice"
        seen.add(model.id)
        if fault := _fault_of_model(model):
            return f"{model.id}: {fault}"
    for promotion in registry.promotions:
        if fault := _fault_of_promotion(promotion):
            return f"the promotion of {promotion.model}: {fault}"
    return None


def _fault_of_model(model: Registered) -> str | None:
    if set(model.files) != {*WEIGHTS[model.kind], CARDS[model.kind]}:
        return f"its files have to be {', '.join((*WEIGHTS[model.kind], CARDS[model.kind]))}"
    if not all(_SHA256.fullmatch(sha256) for sha256 in (model.ground, *(f.sha256 for f in model.files.values()))):
        return "a checksum is no SHA-256"
    if any(file.size < 0 for file in model.files.values()):
        return "a size is below 0"
    if model.sha256 != content_hash(model.files, model.kind) or model.id != id_of(model.kind, model.sha256):
        return "its hash is not that of its files"
    if not model.licence.strip() or not model.data.strip():
        return "licence or data is empty"
    return None


def _fault_of_promotion(promotion: Promotion) -> str | None:
    if not all(is_id(model) for model in (promotion.model, promotion.before) if model is not None):
        return "a model's id is written otherwise"
    if promotion.at.tzinfo is None:
        return "its time has no zone"
    if (fault := fault_of_name(promotion.by)) is not None:
        return fault
    shares = [promotion.overall, *(figure.value for figure in promotion.figures.values())]
    if not promotion.figures or not all(0 <= share <= 1 for share in shares):
        return "its figures are not from 0 to 1"
    return None


def fault_of_name(by: str) -> str | None:
    """What is wrong with the name of somebody who promotes; None: nothing."""
    if not by.strip() or by != by.strip():
        return "a name is missing, or has spaces around it"
    if len(by) > _MOST_LETTERS or not by.isprintable():
        return f"a name has at most {_MOST_LETTERS} letters, and no others than can be shown"
    return None
