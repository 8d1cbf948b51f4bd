"""Which words of spoken English say something by themselves."""

from __future__ import annotations

import re

SHORT = 3
"""Words of so few letters say little by themselves, in most languages."""
_EVERYDAY = frozenset({
    "about", "actually", "again", "also", "because", "been", "being", "can't", "could", "didn't", "does",
    "doesn't", "doing", "don't", "even", "from", "good", "have", "having", "here", "i'll", "i'm", "it's",
    "just", "know", "like", "maybe", "mean", "much", "okay", "only", "people", "quite", "rather", "really",
    "right", "some", "something", "sort", "still", "sure", "than", "thank", "thanks", "that", "that's",
    "their", "them", "then", "there", "there's", "these", "they", "they're", "thing", "things", "think",
    "this", "those", "very", "want", "wasn't", "we'll", "well", "were", "we're", "what", "what's", "when",
    "where", "which", "will", "with", "would", "yeah", "you're", "your", "shall", "should", "into", "more",
    "most", "need", "needs", "make", "makes", "made", "take", "takes", "give", "gives", "going", "gonna",
    "come", "comes", "look", "looks", "let's", "next", "last", "first", "other", "another", "every",
    "everything", "everyone", "anything", "nothing", "already", "always", "never", "perhaps", "please",
    "said", "says", "tell", "told", "back", "over", "time", "today", "tomorrow", "yesterday", "morning",
    "week", "monday", "tuesday", "wednesday", "thursday", "friday", "hello", "great", "kind", "little",
    "fine", "done", "i've", "you've", "we've", "he's", "she's", "who's", "isn't", "aren't", "won't",
    "wouldn't", "haven't", "mm-hmm", "uh-huh", "alright", "whatever", "basically", "probably", "definitely",
    "different", "hundred",
})  # fmt: skip
_EDGES = re.compile(r"^\W+|\W+$")


def is_everyday(word: str) -> bool:
    """Whether a word says little by itself.

    Args:
        word: lower case.
    """
    return word in _EVERYDAY


def telling(text: str) -> list[str]:
    """The words of a text that say something, in order, lower case, without what stands around them."""
    words = (_EDGES.sub("", word).casefold().replace("\u2019", "'") for word in text.split())
    return [word for word in words if len(word) > SHORT and not is_everyday(word)]
