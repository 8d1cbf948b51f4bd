"""What somebody asks of a colleague: the kind of request, and its slots with their words and meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from avatars.mentions import Mention, MentionKind
from avatars.request_text import Piece, surface
from avatars.verbs import word_set


class RequestKind(StrEnum):
    """What is asked for."""

    NONE = "none"
    CREATE_TASK = "create_task"
    CHANGE_TASK = "change_task"
    CLOSE_TASK = "close_task"
    QUERY_TASKS = "query_tasks"
    SUMMARISE = "summarise"
    REMIND = "remind"
    FIND_PERSON = "find_person"
    FIND_ROOM = "find_room"
    SUBMIT_INVOICE = "submit_invoice"
    QUERY_INVOICE = "query_invoice"
    DISPUTE_INVOICE = "dispute_invoice"
    APPROVE_INVOICE = "approve_invoice"
    START_WORKFLOW = "start_workflow"
    QUERY_WORKFLOW = "query_workflow"
    HELP = "help"
    CANCEL = "cancel"
    CORRECTION = "correction"
    SMALL_TALK = "small_talk"


REQUESTS: tuple[RequestKind, ...] = tuple(RequestKind)
"""Order of the outputs of the trained head."""


class SlotName(StrEnum):
    """What a request can carry."""

    OWNER = "owner"
    WHAT = "what"
    DUE = "due"
    AMOUNT = "amount"
    VENDOR = "vendor"
    INVOICE = "invoice"
    ORDER = "order"
    PERSON = "person"
    ROOM = "room"
    WORKFLOW = "workflow"


_INVOICE = (SlotName.VENDOR, SlotName.AMOUNT, SlotName.INVOICE, SlotName.ORDER, SlotName.DUE)
_WORKFLOW = (SlotName.WORKFLOW, SlotName.PERSON, SlotName.DUE)
_TASK = (SlotName.WHAT, SlotName.OWNER, SlotName.DUE)
SLOTS_OF: Mapping[RequestKind, tuple[SlotName, ...]] = {
    RequestKind.CREATE_TASK: _TASK,
    RequestKind.CHANGE_TASK: _TASK,
    RequestKind.CLOSE_TASK: (SlotName.WHAT,),
    RequestKind.QUERY_TASKS: (SlotName.OWNER, SlotName.DUE),
    RequestKind.SUMMARISE: (SlotName.WHAT,),
    RequestKind.REMIND: _TASK,
    RequestKind.FIND_PERSON: (SlotName.PERSON, SlotName.ROOM),
    RequestKind.FIND_ROOM: (SlotName.ROOM, SlotName.DUE),
    RequestKind.SUBMIT_INVOICE: _INVOICE,
    RequestKind.QUERY_INVOICE: _INVOICE,
    RequestKind.DISPUTE_INVOICE: _INVOICE,
    RequestKind.APPROVE_INVOICE: _INVOICE,
    RequestKind.START_WORKFLOW: _WORKFLOW,
    RequestKind.QUERY_WORKFLOW: _WORKFLOW,
    RequestKind.CORRECTION: tuple(name for name in SlotName if name not in (SlotName.WHAT, SlotName.OWNER)),
}
"""Which slots a kind has; a kind that is not listed has none."""

_MENTIONED = {
    SlotName.DUE: MentionKind.DUE,
    SlotName.AMOUNT: MentionKind.AMOUNT,
    SlotName.INVOICE: MentionKind.NUMBER,
    SlotName.ORDER: MentionKind.NUMBER,
    SlotName.OWNER: MentionKind.PERSON,
    SlotName.PERSON: MentionKind.PERSON,
    SlotName.ROOM: MentionKind.ROOM,
    SlotName.WORKFLOW: MentionKind.WORKFLOW,
}
_SURE = {
    SlotName.DUE: MentionKind.DUE,
    SlotName.AMOUNT: MentionKind.AMOUNT,
    SlotName.ROOM: MentionKind.ROOM,
    SlotName.WORKFLOW: MentionKind.WORKFLOW,
}
"""What needs no label where a request names just one."""
_EDGES = word_set("the a an my our to please 's")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One thing that a request says."""

    value: str
    """What it stands for: ISO day, "1250.50 EUR", digits, id or name; else the words themselves, lower case."""
    text: str
    """As it was said."""
    span: tuple[int, int]
    """Character offsets of `text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenRequest:
    """What a colleague is asked for in one utterance, as it was understood."""

    kind: RequestKind
    confidence: float
    """Calibrated, 0..1; of `NONE` where nothing was sure enough: how likely the best kind was."""
    slots: Mapping[SlotName, Slot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Words `start` to `end` (exclusive) that fill a slot."""

    name: SlotName
    start: int
    end: int
    share: float = 1.0
    """How likely that is, 0..1."""


def assemble(
    text: str,
    words: Sequence[Piece],
    mentions: Sequence[Mention],
    kind: RequestKind,
    confidence: float,
    found: Sequence[Found],
) -> SpokenRequest:
    """Put a request together; the likeliest find of a slot counts, and only slots that its kind has.

    A day, a sum, a room or a workflow that is named once fills its slot also where no words were found for it.

    Args:
        text: what was said.
        words: its pieces.
        mentions: what of it can be looked up.
        kind: what is asked for.
        confidence: of the kind.
        found: the words that fill slots, in order.
    """
    slots: dict[SlotName, Slot] = {}
    for item in sorted(found, key=lambda item: -item.share):
        if item.name not in SLOTS_OF.get(kind, ()) or item.name in slots:
            continue
        mention = _mention(item, mentions)
        start, end = (mention.start, mention.end) if mention is not None else (item.start, item.end)
        if mention is None:
            start, end = _trimmed(words, start, end)
        if start >= end:
            continue
        said = surface(text, list(words), start, end)
        value = mention.value if mention is not None and mention.value else said.lower()
        slots[item.name] = Slot(value=value, text=said, span=(words[start].start, words[end - 1].end))
    for name, wanted in _SURE.items():
        free = [mention for mention in mentions if mention.kind is wanted and not _denied(words, mention)]
        if (
            name in slots
            or name not in SLOTS_OF.get(kind, ())
            or len(free) != 1
            or _covered(words, free[0], slots)
        ):
            continue
        said = surface(text, list(words), free[0].start, free[0].end)
        span = (words[free[0].start].start, words[free[0].end - 1].end)
        slots[name] = Slot(value=free[0].value or said.lower(), text=said, span=span)
    return SpokenRequest(kind=kind, confidence=confidence, slots=slots)


def _denied(words: Sequence[Piece], mention: Mention) -> bool:
    """ "not Monday"."""
    return mention.start > 0 and words[mention.start - 1].word == "not"


def _covered(words: Sequence[Piece], mention: Mention, slots: Mapping[SlotName, Slot]) -> bool:
    """Whether the mention is part of another slot: "prepare the slides for Monday"."""
    start, end = words[mention.start].start, words[mention.end - 1].end
    return any(slot.span[0] < end and start < slot.span[1] for slot in slots.values())


def _mention(item: Found, mentions: Sequence[Mention]) -> Mention | None:
    """The mention of the slot's kind that shares most words with it."""
    wanted = _MENTIONED.get(item.name)
    alike = [mention for mention in mentions if mention.kind is wanted]
    best = max(alike, key=lambda mention: _shared(item, mention), default=None)
    return best if best is not None and _shared(item, best) > 0 else None


def _shared(item: Found, mention: Mention) -> int:
    return min(item.end, mention.end) - max(item.start, mention.start)


def _trimmed(words: Sequence[Piece], start: int, end: int) -> tuple[int, int]:
    """Without articles in front and politeness behind."""
    while start < end and words[start].word in _EDGES:
        start += 1
    while end > start and words[end - 1].word in _EDGES:
        end -= 1
    return start, end
