"""Recognised words as people write them: names, weekdays, I, and the first word of a sentence."""

from __future__ import annotations

from collections.abc import Mapping

_PROPER_WORDS = """
monday tuesday wednesday thursday friday saturday sunday
january february march april june july august september october november december christmas easter
english german french spanish polish italian dutch europe america germany france england
london berlin paris madrid vienna munich amsterdam chicago rome tokyo zurich warsaw lisbon hamburg dublin
milan brussels prague stockholm seattle toronto boston
"""
_PROPER = frozenset(_PROPER_WORDS.split())
_WRITTEN = {"api": "API", "p.m.": "p.m.", "a.m.": "a.m.", "wifi": "Wi-Fi", "pdf": "PDF", "tv": "TV", "ok": "OK"}


def written(word: str, names: Mapping[str, str], *, first: bool) -> str:
    """Return a recognised word in its usual spelling.

    Args:
        word: as the recogniser says it, lower case, without a variant number.
        names: names of people by their lower-case form.
        first: whether a sentence starts here.
    """
    bare, apostrophe, ending = word.partition("'")
    if bare == "i":
        return "I" + apostrophe + ending
    if word in names:
        return names[word]
    if bare in names and ending == "s":
        return f"{names[bare]}'s"
    if word in _WRITTEN:
        return _WRITTEN[word]
    if first or bare in _PROPER:
        return word[:1].upper() + word[1:]
    return word
