"""Holds a model of understanding to the fixed suite and the labelled sheet, as the office would use it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from avatars.adapters.bert import BertRecognizer
from avatars.adapters.meeting_model import MeetingModel
from avatars.behaviour import Conversation, Label, Result, Suite, Verdict, judge, read_suite
from avatars.errors import AvatarError, ModelError
from avatars.gate import Figure, figures, overall
from avatars.intent import IntentKind
from avatars.meeting_input import Line
from avatars.recognizer import Context, Present
from avatars.sheet import Labelled, LabelScore, read_sheet, score
from media.utterance import Utterance, UtteranceId
from server.assets import asset
from server.models.registry import Kind

SUITE, SHEET = "behaviour.toml", "sheet.tsv"
_MOMENT = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
"""When the made-up meetings are held: a Wednesday."""
_SECONDS = 3.0
"""An utterance begins every so often, and lasts a little less."""


_KINDS: Mapping[IntentKind, Label] = {
    IntentKind.ACTION_ITEM: Label.ACTION,
    IntentKind.DECISION: Label.DECISION,
    IntentKind.QUESTION: Label.QUESTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What came out for one model."""

    suite: str
    """SHA-256 of suite and sheet, the first 12 digits: figures of other ones cannot be compared."""
    results: tuple[Result, ...]
    scores: tuple[LabelScore, ...]

    @property
    def figures(self) -> dict[str, Figure]:
        """By capability."""
        return figures(self.results, self.scores)

    @property
    def overall(self) -> float:
        """The mean of the figures."""
        return overall(self.figures)


class Judge(Protocol):
    """A loaded model, as far as it is examined."""

    labels: frozenset[Label]
    """Those that it tells."""

    def tell(self, conversation: Conversation) -> tuple[Verdict, ...]:
        """Tell the turns that are asked for."""
        ...


class Examiner:
    """Suite and sheet, read once, for as many models as are to be compared."""

    def __init__(self) -> None:
        """Read both.

        Raises:
            ModelError: one of them cannot be read.
            FileNotFoundError: one is missing.
        """
        suite, sheet = (_shipped(name) for name in (SUITE, SHEET))
        self._suite: Suite = read_suite(suite, SUITE)
        self._sheet: tuple[Labelled, ...] = read_sheet(sheet, SHEET)
        self.suite = hashlib.sha256(f"{suite}\0{sheet}".encode()).hexdigest()[:12]

    def examine(
        self, kind: Kind, shared: Path, folder: Path, *, progress: Callable[[int, int], None] | None = None
    ) -> Examination:
        """Examine a model.

        Args:
            kind: what it is.
            shared: the folder with encoder and tokenizer.
            folder: with the model's own files.
            progress: is told how many texts and meetings of how many are done.

        Raises:
            ModelError: it cannot be loaded, does not run, or tells what is no confidence.
        """
        source = folder.name
        try:
            tester = _LOADERS[kind](shared, folder)
            return self._examined(tester, source, progress or (lambda done, of: None))
        except AvatarError:
            raise
        except Exception as error:  # a graph of another shape fails in as many ways as there are shapes
            raise ModelError(source, f"does not run: {error}") from error

    def _examined(self, tester: Judge, source: str, progress: Callable[[int, int], None]) -> Examination:
        texts = self._suite.texts()
        conversations = [self._suite.conversation(text) for text in texts]
        conversations += [meeting.conversation for meeting in self._sheet]
        told: list[tuple[Verdict, ...]] = []
        for conversation in conversations:
            told.append(_sound(tester.tell(conversation), source))
            progress(len(told), len(conversations))
        by_text = {text: verdicts[0] for text, verdicts in zip(texts, told, strict=False)}
        return Examination(
            suite=self.suite,
            results=judge(self._suite, by_text),
            scores=score(self._sheet, told[len(texts) :], tester.labels),
        )


def _shipped(name: str) -> str:
    return asset(f"models/understanding/{name}").read_text(encoding="utf-8")


def _sound(verdicts: tuple[Verdict, ...], source: str) -> tuple[Verdict, ...]:
    for verdict in verdicts:
        if not (math.isfinite(verdict.action) and 0 <= verdict.action <= 1):
            raise ModelError(source, f"tells {verdict.action} as a confidence, which is not from 0 to 1")
    return verdicts


class _Utterances:
    """Clauses with their heads, one utterance at a time."""

    labels = frozenset(Label)

    def __init__(self, shared: Path, folder: Path) -> None:
        self._recognizer = BertRecognizer(shared, heads=folder)

    def tell(self, conversation: Conversation) -> tuple[Verdict, ...]:
        speakers = [turn.speaker for turn in conversation.turns]
        people = tuple(
            Present(id=name.lower(), name=name) for name in dict.fromkeys([*speakers, *conversation.names])
        )
        context = Context(present=people, now=_MOMENT, in_meeting=True)
        return tuple(self._told(conversation, place, context) for place in conversation.asked)

    def _told(self, conversation: Conversation, place: int, context: Context) -> Verdict:
        turn = conversation.turns[place]
        utterance = Utterance(
            id=UtteranceId(str(place)),
            speaker=turn.speaker.lower(),
            speaker_name=turn.speaker,
            room="room",
            zone="table",
            text=turn.text,
            words=(),
            started_at=_MOMENT + timedelta(seconds=_SECONDS * place),
            seconds=_SECONDS - 0.5,
            engine="known",
        )
        intents = self._recognizer.recognize(utterance, context)
        actions = [intent.confidence for intent in intents if intent.kind is IntentKind.ACTION_ITEM]
        found = frozenset(_KINDS[intent.kind] for intent in intents if intent.kind in _KINDS)
        return Verdict(action=max(actions, default=0.0), found=found)


class _Meetings:
    """Utterances with their neighbours: parts read as the office does, whole meetings as `atrium understand`."""

    labels = frozenset({Label.ACTION, Label.DECISION})

    def __init__(self, shared: Path, folder: Path) -> None:
        self._model = MeetingModel(shared, nets=folder)

    def tell(self, conversation: Conversation) -> tuple[Verdict, ...]:
        whole = conversation.whole
        told = self._model.read(_lines(conversation), recognised=not whole, known=whole).told
        return tuple(
            Verdict(
                action=told[place].confidence["actions"],
                found=frozenset(
                    label
                    for label, name in ((Label.ACTION, "actions"), (Label.DECISION, "decisions"))
                    if told[place].found[name]
                ),
            )
            for place in conversation.asked
        )


def _lines(conversation: Conversation) -> Sequence[Line]:
    return [
        Line(
            id=str(place),
            speaker=turn.speaker,
            start=_SECONDS * place,
            end=_SECONDS * (place + 1) - 0.5,
            text=turn.text,
        )
        for place, turn in enumerate(conversation.turns)
    ]


_LOADERS: dict[Kind, Callable[[Path, Path], Judge]] = {Kind.UTTERANCES: _Utterances, Kind.MEETINGS: _Meetings}
