"""Captions: what is said, as people read it while it is spoken, and how long words take to get there."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from media.transcriber import text_of
from server.flows.heard import OpenUtterance
from server.office import Office
from server.protocol import messages as m

DELAYS_KEPT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Seconds from the end of an utterance (beyond the pause that ends it) to its words, over the last ones."""

    p50: float | None = None
    p99: float | None = None
    word_p50: float | None = None
    """From a word being spoken to its first caption."""
    count: int = 0
    """Of so many utterances."""


class Captions:
    """Shows what is said to those who hear it."""

    def __init__(self, office: Office) -> None:
        """`office` has the clocks, and sends."""
        self._office = office
        self._delays: deque[float] = deque(maxlen=DELAYS_KEPT)
        self._word_delays: deque[float] = deque(maxlen=DELAYS_KEPT)

    def note_delay(self, seconds: float) -> None:
        """So long after the end of an utterance its words were known."""
        self._delays.append(seconds)

    @property
    def delays(self) -> Delays:
        """How long words take."""
        ordered, words = sorted(self._delays), sorted(self._word_delays)
        if not ordered:
            return Delays()
        return Delays(
            p50=ordered[len(ordered) // 2],
            p99=ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
            word_p50=words[len(words) // 2] if words else None,
            count=len(ordered),
        )

    def show(self, utterance: OpenUtterance, *, final: bool) -> None:
        """Send what is known of it, if that is more than was sent last; a final caption is kept to scroll to."""
        settled = text_of(utterance.words.settled)
        tail = text_of(utterance.words.tail)
        self._note_words(utterance)
        text = " ".join(filter(None, (settled, tail)))
        if not final and (not text or (text, len(settled)) == utterance.shown):
            return
        if not text and not utterance.shown[0]:
            return
        utterance.shown = (text, len(settled))
        caption = self._caption(utterance, text, len(settled), final=final)
        if final and text:
            self._office.captions.append((utterance.place.audience, caption))
        self._office.broadcast(caption, only=utterance.place.audience)

    def _note_words(self, utterance: OpenUtterance) -> None:
        """How long after they were spoken words are in a caption for the first time."""
        words = (*utterance.words.settled, *utterance.words.tail)
        since = (self._office.wall() - utterance.started_at).total_seconds()
        self._word_delays += [since - word.end for word in words[utterance.words_shown :]]
        utterance.words_shown = max(utterance.words_shown, len(words))

    def take_back(self, utterance: OpenUtterance) -> None:
        """Nothing comes of it: a caption that stands goes."""
        if utterance.shown[0]:
            self._office.broadcast(self._caption(utterance, "", 0, final=True), only=utterance.place.audience)

    def _caption(self, utterance: OpenUtterance, text: str, settled: int, *, final: bool) -> m.Caption:
        return m.Caption(
            id=utterance.id,
            slot=utterance.speaker.slot,
            name=utterance.speaker.name,
            text=text,
            final=final,
            at=utterance.started_at.timestamp(),
            kind="human",
            settled=len(text) if final else settled,
            meeting=utterance.place.meeting,
        )
