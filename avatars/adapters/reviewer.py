"""Reads a meeting that is over: what was agreed in it and nobody noted, what it was about, and its main lines."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from avatars import dates
from avatars.adapters.bert import Encoder
from avatars.adapters.meeting_model import MeetingModel
from avatars.adapters.owner_weights import load_owner_weights
from avatars.review import Item, clean, strongest_lines, taker, unnoted
from avatars.reviewing import ACTIONS, DECISIONS, Digest, Passage, Review, Spoken
from avatars.summary import summary
from avatars.topics import topics
from avatars.words import norms, tokenise


class Reviewer:
    """Shares its encoder with whoever reads single utterances. Blocking: it runs in a model process."""

    def __init__(self, folder: Path, encoder: Encoder, *, nets: Path | None = None) -> None:
        """Load what is needed beside the encoder.

        Args:
            folder: with the model that is shipped.
            encoder: to share.
            nets: the folder of other nets for that encoder; None: those that are shipped.

        Raises:
            ModelError: a file is missing or does not fit.
        """
        self._model = MeetingModel(folder, nets=nets, encoder=encoder)
        self._weights = load_owner_weights(folder)

    def prepare(self, texts: Sequence[str]) -> None:
        """Encode some lines ahead, so that a long meeting holds nobody up who speaks meanwhile."""
        self._model.encode(texts)

    def review(self, meeting: Spoken) -> Review:
        """Find what was agreed and nobody noted."""
        # Where in a meeting people agree, and who leads it, was learnt from one company's meetings: words alone
        # are trusted here.
        read = self._model.read(meeting.lines, recognised=True, known=False)
        vectors = self._model.encode([line.text for line in meeting.lines])
        found: dict[str, tuple[Item, ...]] = {}
        for label in (ACTIONS, DECISIONS):
            confidences = [told.confidence[label] for told in read.told]
            places = unnoted(
                strongest_lines(confidences, meeting.lines, vectors),
                meeting.lines,
                vectors,
                meeting.sources.get(label, ()),
                meeting.noted.get(label, ()),
            )
            found[label] = tuple(self._item(meeting, at, confidences[at], label) for at in places)
        return Review(
            actions=found[ACTIONS],
            decisions=found[DECISIONS],
            model=read.model,
            sha256=read.sha256,
            seconds=read.seconds,
        )

    def digest(self, meeting: Spoken) -> Digest:
        """Find topics and main lines."""
        began = time.perf_counter()
        texts = [line.text for line in meeting.lines]
        vectors = self._model.encode(texts)
        sources = {id for ids in meeting.sources.values() for id in ids}
        noted = {at for at, line in enumerate(meeting.lines) if line.id in sources}
        return Digest(
            topics=tuple(
                Passage(title=one.title, lines=tuple(line.id for line in meeting.lines[one.start : one.end]))
                for one in topics(texts, vectors, tuple(meeting.names.values()))
            ),
            summary=tuple(meeting.lines[at].id for at in summary(texts, vectors, noted)),
            model=self._model.encoder_name,
            seconds=time.perf_counter() - began,
        )

    def _item(self, meeting: Spoken, at: int, confidence: float, label: str) -> Item:
        line = meeting.lines[at]
        who, everybody = taker(meeting.lines, at, self._weights) if label == ACTIONS else (None, False)
        moment = meeting.began + timedelta(seconds=line.start)
        due = dates.strongest(dates.find(norms(tokenise(line.text)), moment)) if label == ACTIONS else None
        return Item(
            line=line.id,
            text=clean(line.text),
            words=line.text,
            confidence=confidence,
            owner=who,
            everybody=everybody,
            due=due.day if due is not None else None,
            due_phrase=due.phrase if due is not None else None,
        )
