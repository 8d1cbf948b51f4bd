"""Words settle while somebody still speaks: what several hypotheses in a row agree on is never changed again.

A recogniser that hears an utterance grow says each time what it makes of the whole. The end of that is a guess:
the last word may be cut in half, and the word before it is heard anew once its neighbour is known. So a word
settles when

- the last `agreement` hypotheses all continue what is settled with it, and with the same words before it
  (LocalAgreement-n, compared without case and edge punctuation), and
- it ends at least `hold_seconds` before the end of the sound it was heard in.

A later hypothesis begins with the settled words again, in this wording or in another. Where it goes on is found by
the text around the end of the settled words, and by time only where the text has changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from media.errors import MediaError, SettingsError
from media.transcriber import Word

_OVERLAP = 5
"""So many settled words at most are looked for in a hypothesis to find where it goes on."""
_SURELY = 3
"""A hypothesis that begins with at least so many settled words begins with them, at whatever time."""
_TOLERANCE = 0.3
"""Seconds by which the time of a word may differ from one hypothesis to the next, for each word of an overlap."""
_MOST_TOLERANCE = 1.0
"""Beyond this the same text is somebody saying it again."""


class Finished(MediaError):
    """The utterance has had its last hypothesis."""

    code = "utterance_finished"


class WordCommitter:
    """The words of one utterance on their way from guess to settled."""

    def __init__(self, *, agreement: int = 2, hold_seconds: float = 0.5) -> None:
        """Start with nothing heard.

        Args:
            agreement: so many hypotheses in a row must agree, at least 1; see `Capabilities.agreement`.
            hold_seconds: a word that ends closer to the end of the sound is not settled, at least 0.

        Raises:
            SettingsError: a value is too small.
        """
        if agreement < 1 or hold_seconds < 0.0:
            raise SettingsError("agreement must be at least 1, hold_seconds not negative")
        self._agreement = agreement
        self._hold = hold_seconds
        self._settled: list[Word] = []
        self._tails: list[list[Word]] = []
        """What the last hypotheses say after the settled words, newest last; at most `agreement` of them."""
        self._heard = 0.0
        self._finished = False
        self.stale = 0
        """Words of the newest hypothesis that were left out because they lie behind what is settled."""

    @property
    def settled(self) -> tuple[Word, ...]:
        """What will not change any more."""
        return tuple(self._settled)

    @property
    def tail(self) -> tuple[Word, ...]:
        """What follows it for now; `settled + tail` is what is shown."""
        return tuple(self._tails[-1]) if self._tails else ()

    @property
    def finished(self) -> bool:
        """Whether `finish` was called."""
        return self._finished

    def feed(self, words: Sequence[Word], heard_seconds: float) -> list[Word]:
        """Take a hypothesis of the whole utterance so far.

        Args:
            words: in order of time, from the start of the utterance.
            heard_seconds: how much sound it was made from. A hypothesis of less sound than the one before came
                late and is left out.

        Returns:
            The words that settled with it.

        Raises:
            Finished: `finish` was called before.
        """
        self._refuse_when_finished()
        if heard_seconds < self._heard:
            return []
        self._heard = heard_seconds
        self._tails = [*self._tails, self._after_settled(words)][-self._agreement :]
        count = self._agreed(heard_seconds - self._hold)
        new = self._tails[-1][:count]
        self._settled += new
        self._tails = [tail[count:] for tail in self._tails]
        return new

    def finish(self, words: Sequence[Word]) -> list[Word]:
        """Take the last hypothesis, of the complete utterance; all of it that was not settled settles.

        Returns:
            The words that settled with it.

        Raises:
            Finished: it was called before.
        """
        self._refuse_when_finished()
        new = self._after_settled(words)
        self._settled += new
        self._tails = []
        self._finished = True
        return new

    def _refuse_when_finished(self) -> None:
        if self._finished:
            raise Finished("this utterance is finished: make a new WordCommitter for the next one")

    def _agreed(self, until: float) -> int:
        """So many words of the newest tail all tails agree on, that end by `until`."""
        if len(self._tails) < self._agreement:
            return 0
        newest = self._tails[-1]
        for index, word in enumerate(newest):
            others = (tail[index] if index < len(tail) else None for tail in self._tails[:-1])
            if word.end > until or any(other is None or _key(other) != _key(word) for other in others):
                return index
        return len(newest)

    def _after_settled(self, words: Sequence[Word]) -> list[Word]:
        """What a hypothesis says after the settled words, with times that do not go back."""
        if not self._settled:
            self.stale = 0
            return _forward(words, None)
        last = self._settled[-1]
        at = self._by_text(words)
        if at is None:
            at = self._by_time(words)
            behind = last.start
        else:
            # The times of one hypothesis may all be shifted: its own time of the last settled word counts.
            behind = words[at - 1].start
        rest = [word for word in words[at:] if word.end > behind]
        self.stale = max(0, at - len(self._settled)) + len(words) - at - len(rest)
        return _forward(rest, last)

    def _by_text(self, words: Sequence[Word]) -> int | None:
        """Index of the first word after the settled ones, or None where they are not found again."""
        settled = [_key(word) for word in self._settled]
        keys = [_key(word) for word in words]
        last = self._settled[-1].end
        whole = len(settled)
        # So many words in the same order are the same words, however the engine has moved their times.
        again = keys[:whole] == settled
        if again and (whole >= _SURELY or abs(words[whole - 1].end - last) <= _MOST_TOLERANCE):
            return whole
        for length in range(min(_OVERLAP, whole), 0, -1):
            near = min(_TOLERANCE * length, _MOST_TOLERANCE)
            ends = [
                end
                for end in range(length, len(keys) + 1)
                if keys[end - length : end] == settled[-length:] and abs(words[end - 1].end - last) <= near
            ]
            if ends:
                return min(ends, key=lambda end: abs(words[end - 1].end - last))
        return None

    def _by_time(self, words: Sequence[Word]) -> int:
        """Index of the first word that was said after the settled ones."""
        last = self._settled[-1]
        at = next((i for i, word in enumerate(words) if _middle(word) >= last.end), len(words))
        if at < len(words) and _key(words[at]) == _key(last):
            near = words[at].end - last.end <= _MOST_TOLERANCE
            if near and (at == 0 or words[at - 1].end <= last.start):
                # Nothing else stands where the last settled word was, so this is that word, heard later.
                return at + 1
        return at


def _key(word: Word) -> str:
    """A word without case and without punctuation at its edges."""
    bare = word.text.casefold().strip()
    first = next((i for i, letter in enumerate(bare) if letter.isalnum()), None)
    if first is None:
        return bare
    last = next(i for i in range(len(bare), 0, -1) if bare[i - 1].isalnum())
    return bare[first:last]


def _middle(word: Word) -> float:
    return (word.start + word.end) / 2.0


def _forward(words: Sequence[Word], before: Word | None) -> list[Word]:
    """The words with starts and ends that never go back."""
    start, end = (before.start, before.end) if before else (0.0, 0.0)
    moved: list[Word] = []
    for word in words:
        start = max(word.start, start)
        end = max(word.end, start, end)
        if (start, end) != (word.start, word.end):
            word = Word(text=word.text, start=start, end=end, confidence=word.confidence)
        moved.append(word)
    return moved
