"""What is not believed of recognised words, and why: pure checks that need no engine.

Engines that learnt from subtitles write words over sound that holds none. Their own confidence does not show it,
so what they give is checked for what speech cannot be: words behind each other, a phrase that never ends, the
credits of a film. Nothing that people say in a meeting is on the list: "yeah", "okay" and "thank you" stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media.errors import SettingsError, ShapeError
from media.suppression import Reason, Suppressed
from media.transcriber import RATE, Samples, Word, text_of

_WINDOW = RATE // 10
"""Loudness is judged by stretches of 0.1 s: shorter than a syllable, longer than a period of any voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """From where on something is not believed."""

    least_seconds: float = 0.1
    """Shorter sound holds no word."""
    least_rms: float = 0.0025
    """Loudest 0.1 s of a sound that any microphone could have recorded as speech (-52 dBFS)."""
    quiet_rms: float = 0.0008
    """The same for a quiet microphone (-62 dBFS): enough where it stands out of the sound's own floor."""
    stands_out: float = 4.0
    """So many times the RMS of the floor, which is what the quietest tenth stays under."""
    repeats: int = 3
    """A phrase of three to six words that is said this often in a row is a loop."""
    least_confidence: float = 0.05
    """Words are out when none of them reaches this."""
    beyond_seconds: float = 0.5
    """A word that starts this long after the end of the sound was not in it."""

    def __post_init__(self) -> None:
        """Refuse values that could never work together."""
        if min(self.least_seconds, self.beyond_seconds) < 0.0:
            raise SettingsError("least_seconds and beyond_seconds must not be negative")
        if not 0.0 <= self.quiet_rms <= self.least_rms:
            raise SettingsError("need 0 <= quiet_rms <= least_rms")
        if self.stands_out < 1.0 or self.repeats < 2:
            raise SettingsError("stands_out must be at least 1, repeats at least 2")
        if not 0.0 <= self.least_confidence <= 1.0:
            raise SettingsError("least_confidence must lie in [0, 1]")


def too_quiet(samples: Samples, *, settings: GuardSettings | None = None) -> Suppressed | None:
    """Say whether no engine need be asked: the sound is too short or too quiet to hold a word.

    The loudest tenth of a second counts, not the mean: pauses around a word do not make it quieter. A microphone
    that is turned down is heard where its sound rises well above its own floor; a steady hum of that level is not.

    Args:
        samples: (n,) float32 in [-1, 1] at 16 kHz; n may be 0.
        settings: the limits.

    Returns:
        The suppression, or None where an engine should listen.

    Raises:
        ShapeError: the sound is not one row of samples.
    """
    if samples.ndim != 1:
        raise ShapeError(f"an utterance is one row of samples, this one has shape {samples.shape}")
    limits = settings or GuardSettings()
    seconds = len(samples) / RATE
    if not len(samples) or seconds < limits.least_seconds:
        return Suppressed(reason=Reason.SILENCE, seconds=seconds)
    levels = _levels(samples)
    loudest = float(levels.max())
    if loudest >= limits.least_rms:
        return None
    if loudest >= limits.quiet_rms and loudest >= limits.stands_out * float(np.percentile(levels, 10)):
        return None
    return Suppressed(reason=Reason.SILENCE, seconds=seconds)


def _levels(samples: Samples) -> NDArray[np.float64]:
    """RMS of each 0.1 s, shape (m,); one value where the sound is shorter."""
    whole = len(samples) // _WINDOW
    rows = samples[: whole * _WINDOW].reshape(whole, _WINDOW) if whole else samples.reshape(1, -1)
    levels: NDArray[np.float64] = np.sqrt(np.mean(np.square(rows, dtype=np.float64), axis=1))
    return levels


def loops(text: str, repeats: int = 3) -> bool:
    """Say whether a phrase of three to six words follows itself at least `repeats` times."""
    return _loop(_keys(text), repeats) is not None


def guard(
    words: Sequence[Word], seconds: float, *, settings: GuardSettings | None = None
) -> tuple[tuple[Word, ...], tuple[Suppressed, ...]]:
    """Take out what cannot have been said.

    In this order: words behind each other or behind the end of the sound are left out; of a phrase that loops only
    the first remains, and nothing where the loop is all there is; credits of films and marks such as "[Music]" go
    where they are all there is; the rest goes where no word of it reaches the least confidence.

    Args:
        words: what an engine gave for one utterance.
        seconds: how long the sound was.
        settings: the limits.

    Returns:
        The words that remain, their times within the sound and never going back, and one suppression for each
        reason that applied.
    """
    limits = settings or GuardSettings()
    suppressed: list[Suppressed] = []

    def left_out(reason: Reason, count: int) -> None:
        if count:
            suppressed.append(Suppressed(reason=reason, words=count, seconds=seconds))

    kept = _forward(words, seconds, limits.beyond_seconds)
    left_out(Reason.STALE, len(words) - len(kept))
    unlooped = _without_loops(kept, limits.repeats)
    left_out(Reason.LOOP, len(kept) - len(unlooped))
    if unlooped and _is_artefact(text_of(unlooped)):
        left_out(Reason.PHRASE, len(unlooped))
        unlooped = []
    if unlooped and max(word.confidence for word in unlooped) < limits.least_confidence:
        left_out(Reason.UNSURE, len(unlooped))
        unlooped = []
    return tuple(unlooped), tuple(suppressed)


def _forward(words: Sequence[Word], seconds: float, beyond: float) -> list[Word]:
    """Words in order of time. One that ends before the last one starts is a repetition the decoder fell into."""
    kept: list[Word] = []
    for word in words:
        before = kept[-1].start if kept else 0.0
        start = min(max(word.start, before), seconds)
        end = min(max(word.end, 0.0), seconds)
        behind = bool(kept) and (end < before or word.start < end == before)
        if behind or not word.text.strip() or word.start > seconds + beyond:
            continue
        end = max(end, start)
        if (start, end) == (word.start, word.end):
            kept.append(word)
        else:
            kept.append(Word(text=word.text, start=start, end=end, confidence=word.confidence))
    return kept


def _without_loops(words: list[Word], repeats: int) -> list[Word]:
    """Cut each loop down to its first phrase; nothing remains of words that are a loop and no more."""
    kept = words
    while (found := _loop([_key(word.text) for word in kept], repeats)) is not None:
        first, length, turns = found
        last = first + length * turns
        # The decoder stops where the sound ends, in the middle of a phrase perhaps: that piece is of the loop too.
        rest = [_key(word.text) for word in kept[last : last + length]]
        phrase = [_key(word.text) for word in kept[first : first + length]]
        last += next((n for n in range(len(rest), 0, -1) if len(kept) == last + n and rest[:n] == phrase[:n]), 0)
        if first == 0 and last == len(kept):
            return []
        kept = [*kept[: first + length], *kept[last:]]
    return kept


def _loop(keys: Sequence[str], repeats: int) -> tuple[int, int, int] | None:
    """Find the first loop: where it starts, how many words its phrase has, how often it is said."""
    for start in range(len(keys)):
        for length in range(3, 7):
            if start + length * repeats > len(keys):
                break
            phrase = keys[start : start + length]
            turns = 1
            while keys[start + turns * length : start + (turns + 1) * length] == phrase:
                turns += 1
            if turns >= repeats:
                return start, length, turns
    return None


def _keys(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower())


def _key(word: str) -> str:
    return " ".join(_keys(word)) or word


_SITE = r"(?:.{1,30} )?(?:amara org|castingwords|gettranscribed com|otter ai|com|org|net)"
_CREDITS = rf"""
(?:thanks|thank you)(?: so much| very much)? for watching(?: (?:this|the|my|our) video)?
please (?:like and )?subscribe(?: to (?:my|our|the|this) channel)?
(?:do not|don t) forget to (?:like and )?subscribe(?: to (?:my|our|the|this) channel)?
like and subscribe
see you in the next video
(?:subtitles|captions|captioning|transcription|translation)(?: \w+)? by {_SITE}(?: community)?

(?:vielen dank|danke) furs zu(?:schauen|sehen)
untertitel(?:ung)? (?:im auftrag (?:des|der)|des|der|von) (?:zdf|wdr|ard|orf|swr|ndr|srf|funk).{{0,30}}
untertitel(?:ung)? (?:der|von|durch) {_SITE}(?: community)?
untertitel von stephanie geiges
(?:copyright )?(?:wdr|zdf|swr|ndr|orf)(?: mediagroup gmbh)?(?: im auftrag des wdr)? \d{{4}}
abonniert (?:den|meinen|unseren) kanal

merci d avoir regarde (?:cette|la|ma) video
sous titr(?:es|age) (?:st 501|societe radio canada|fr \d+)
sous titr(?:es|age)(?: realises?)? (?:par|para) {_SITE}
(?:abonnez vous|n oubliez pas de vous abonner) a (?:la|ma|notre) chaine

(?:muchas )?gracias por ver (?:el|este|mi) video
subtitulos(?: realizados| creados)? por {_SITE}
suscribete (?:al|a mi|a nuestro) canal

grazie per aver guardato (?:il|questo) video
sottotitoli(?: creati)? (?:dalla|da|di) {_SITE}
sottotitoli e revisione a cura di qtss
iscriviti al (?:mio |nostro )?canale

(?:muito )?obrigad[oa] por assistir(?: (?:ao|a este|o) video)?
legendas? (?:pela|por|da) {_SITE}
inscreva se no (?:meu |nosso )?canal
"""
"""English, German, French, Spanish, Italian, Portuguese; without case, accents and punctuation. A line that may
also be said of work ("subtitles by Friday") is here only with the name that stands in the credits."""

_ANY_CREDITS = "|".join(f"(?:{line})" for line in _CREDITS.splitlines() if line)
_ARTEFACT = re.compile(f"(?:{_ANY_CREDITS})(?: (?:{_ANY_CREDITS}))*")
_MARK = re.compile(r"[\[(*][^\])*]*[\])*]")
"""[Music], (wind), *coughs*."""


def _is_artefact(text: str) -> bool:
    """Say whether the whole text is a credit line, a mark for a sound, or holds no letter and no digit at all."""
    plain = _plain(_MARK.sub(" ", text))
    return not plain or _ARTEFACT.fullmatch(plain) is not None


def _plain(text: str) -> str:
    """Lower case letters and digits, without accents, one space between words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", bare))
