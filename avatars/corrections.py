"""What is heard, as sure as this office's people have found it to be: the one place where its head is used.

Pure: the encoder is passed in. Only work is corrected: of that alone people say whether it was heard rightly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from avatars.intent import Intent, IntentKind
from avatars.office_head import Numbers, OfficeHead
from avatars.review import LEAST
from avatars.reviewing import Review

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts, lower case -> (texts, length) sentence vectors of length 1."""


def sentence_vectors(texts: Sequence[str], encode: Encode) -> NDArray[np.float32]:
    """(texts, length) of quoted words, as an office's head is trained on them and uses them."""
    return encode([text.lower().strip() for text in texts])


class Corrections:
    """Corrects the confidence of work that was heard by an office's head."""

    def __init__(self, head: OfficeHead, encode: Encode) -> None:
        """The vectors of `encode` are as long as the head's weights."""
        self._head, self._encode = head, encode

    def intents(self, intents: Sequence[Intent]) -> list[Intent]:
        """Intents of an utterance; whose confidence is too low then is for the persona of who hears it to say."""
        work = [place for place, intent in enumerate(intents) if intent.kind is IntentKind.ACTION_ITEM]
        shares = self._corrected([(intents[place].text, intents[place].confidence) for place in work])
        found = list(intents)
        for place, share in zip(work, shares, strict=True):
            heard = intents[place]
            found[place] = replace(heard, confidence=float(share), heard_with=heard.confidence)
        return found

    def review(self, review: Review) -> Review:
        """What a meeting agreed on, without work that is not worth a person's look any more."""
        shares = self._corrected([(item.words, item.confidence) for item in review.actions])
        corrected = (
            replace(item, confidence=float(share), heard_with=item.confidence)
            for item, share in zip(review.actions, shares, strict=True)
        )
        return replace(review, actions=tuple(item for item in corrected if item.confidence >= LEAST))

    def _corrected(self, heard: Sequence[tuple[str, float]]) -> Numbers:
        if not heard:
            return np.zeros(0)
        vectors = sentence_vectors([words for words, _ in heard], self._encode)
        return self._head.corrected(vectors, np.array([confidence for _, confidence in heard]))
