"""An utterance as tokens: lower case, contractions opened, the commonest mis-hearings repaired."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from avatars.verbs import ACTION_VERBS, GERUNDS, base_of, is_base, word_set
from media.transcriber import Word

_WORD = re.compile(r"[^\W_]+(?:['’&./:-][^\W_]+)*['’]?")  # noqa: RUF001
_STOP = re.compile(r"[.,;:!?…–—]")  # noqa: RUF001

PRONOUNS = word_set("i we you he she they it")
CONNECTORS = word_set(
    "and then so but also okay ok right well yes yeah yep yup sure fine great good perfect alright um uh er "
    "erm ah oh hm hmm mm like now anyway plus alternatively finally first firstly second secondly next lastly "
    "additionally wonderful excellent lovely awesome brilliant super true nice interesting amazing fantastic "
    "understood actually basically cool exactly absolutely definitely thanks listen look hey hi hello"
)
"""Words that may open a clause without changing what it is."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_IS_AFTER = word_set("he she it that there what who where how here when why everybody everyone somebody someone")
_NOT = {"won't": "will", "can't": "can", "cannot": "can", "shan't": "will"}
_SPOKEN = {"gonna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("have", "to"), "gimme": ("give", "me")}
_ENDINGS = {"ll": "will", "re": "are", "ve": "have", "d": "would", "m": "am"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word as the grammar sees it."""

    text: str
    """As it stands in the utterance."""
    norm: str
    """Lower case, contraction opened, mis-hearing repaired."""
    start: int
    """First character in the utterance's text."""
    end: int
    """One behind its last character."""
    gap: float = 0.0
    """Silence before the word, seconds; 0 when the times are not known."""
    stop: str = ""
    """Punctuation right behind it, or ""."""


def tokenise(text: str, words: Sequence[Word] = ()) -> tuple[Token, ...]:
    """Cut a text into tokens.

    Args:
        text: what was said, punctuated or not.
        words: the same words with times in seconds, or nothing.
    """
    gaps = _gaps(text, words)
    tokens: list[Token] = []
    matches = list(_WORD.finditer(text))
    for index, match in enumerate(matches):
        behind = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        stop = _STOP.search(text, match.end(), behind)
        surface = match.group().rstrip("'’")  # noqa: RUF001
        following = matches[index + 1].group().lower() if index + 1 < len(matches) else ""
        opens = not tokens or tokens[-1].norm in CONNECTORS or gaps.get(match.start(), 0.0) >= 0.2
        pieces = _open(surface.lower().replace("’", "'"), following, opens)  # noqa: RUF001
        for place, norm in enumerate(pieces):
            tokens.append(
                Token(
                    text=surface if place == 0 else "",
                    norm=norm,
                    start=match.start(),
                    end=match.start() + len(surface),
                    gap=gaps.get(match.start(), 0.0) if place == 0 else 0.0,
                    stop=(stop.group() if stop else "") if place == len(pieces) - 1 else "",
                )
            )
    return _repair(tokens)


def _gaps(text: str, words: Sequence[Word]) -> dict[int, float]:
    """Character offset of a word -> silence before it."""
    gaps: dict[int, float] = {}
    at, before = 0, 0.0
    for index, word in enumerate(words):
        found = text.find(word.text.strip(), at)
        if found < 0:
            continue
        if index:
            gaps[found] = max(0.0, word.start - before)
        at, before = found + len(word.text.strip()), word.end
    return gaps


def _open(word: str, following: str, opens: bool) -> list[str]:
    """ "i'll" -> ["i", "will"]; a possessive stays one word."""
    if word in _SPOKEN:
        return list(_SPOKEN[word])
    if word in _NOT:
        return [_NOT[word], "not"]
    if word == "let's" or (word == "lets" and opens):
        return ["let", "us"]
    if word.endswith("n't"):
        return [word[:-3], "not"]
    stem, mark, ending = word.rpartition("'")
    if mark and ending in _ENDINGS:
        return [stem, _ENDINGS[ending]]
    if mark and ending == "s" and (stem in _IS_AFTER or following in GERUNDS or following == "going"):
        return [stem, "is"]
    if "-" in word and all(piece in _NUMBER_WORDS for piece in word.split("-")):
        return word.split("-")
    return [word]


_NUMBER_WORDS = word_set(
    "twenty thirty forty fifty first second third fourth fifth sixth seventh eighth ninth one two three four "
    "five six seven eight nine"
)
_BY_SOUND = word_set("buy bye bi bide")
_AFTER_BY = frozenset(WEEKDAYS) | frozenset(MONTHS) | word_set("tomorrow the next end noon lunch")
_I_WILL_SOUND = word_set("ill aisle isle i'll all oil isles")
_I_SOUND = word_set("high hire eye higher hi aye")
_AFTER_I = word_set("will well can have need also already am would must should still just think")
_AFTER_NO = word_set("the that this these it i we you he she they not but there thanks thank")
_WILL_SOUND = word_set("well wheel we'll whale wills wool")
_BEFORE_VERB = word_set("will can please to must should")
_BEFORE_OBJECT = word_set("the a an our two three some another it them")
_STUTTERED = word_set("the a an to and of i we you he she will by for in on is that this can")
_DAY_HALVES = {"fry": "friday", "fri": "friday", "mon": "monday", "tues": "tuesday", "wednes": "wednesday",
               "thurs": "thursday", "thirst": "thursday", "satur": "saturday", "sun": "sunday"}  # fmt: skip
_NEVER_TASK = word_set("all well")


def _repair(tokens: list[Token]) -> tuple[Token, ...]:
    """Undo mis-hearings that sound like the grammar's own small words, where only those fit."""
    fixed: list[Token] = []
    following = ""
    for index, token in enumerate(tokens):
        norm = token.norm
        after = tokens[index + 1].norm if index + 1 < len(tokens) else ""
        before = fixed[-1].norm if fixed else ""
        opens = not fixed or before in CONNECTORS or token.gap >= 0.2 or fixed[-1].stop != ""
        if norm == before and norm in _STUTTERED and token.text:
            fixed[-1] = replace(fixed[-1], end=token.end, stop=token.stop)
            continue
        if norm == "january" and (heard := _after_january(after, opens)):
            fixed += [replace(token, norm="can", stop=""), replace(token, text="", norm="you", gap=0.0)]
            following = heard
            continue
        if following:
            norm, token, following = following, replace(token, text=following), ""
        if norm == "good" and opens and after in ("you", "we") and _asks(tokens, index):
            norm = "could"
        elif norm in _I_SOUND and opens and after in _AFTER_I:
            norm = "i"
        elif norm == "know" and opens and after in _AFTER_NO:
            norm = "no"
        elif norm == "than" and is_base(before) and before not in ("like", "know", "do"):
            norm, token = "them", replace(token, text="them")
        elif norm == "find" and opens and after in ("them", "then") and _then_a_day(tokens, index):
            norm = "fine"
        elif norm == "them" and before == "fine":
            norm = "then"
        elif norm == "that" and before == "no" and len(fixed) == 1 and after in PRONOUNS:
            norm = "but"
        if norm == "but" and before in _BEFORE_VERB and after in _BEFORE_OBJECT:
            norm = "book"
        if norm == "day" and before in _DAY_HALVES:
            day = _DAY_HALVES[before]
            fixed[-1] = replace(fixed[-1], norm=day, text=day, end=token.end, stop=token.stop)
            continue
        if (
            norm in _BY_SOUND
            and after in _AFTER_BY
            and (after not in ("the", "next") or "end" in _norms(tokens, index))
        ):
            norm = "by"
        elif norm == "weak" and before in ("next", "this", "the", "last", "coming"):
            norm = "week"
        elif norm in ("to", "too") and after in ("weeks", "days", "months") and before in ("in", "within"):
            norm = "two"
        elif norm == "morrow" and before == "to":
            fixed[-1] = replace(fixed[-1], norm="tomorrow", end=token.end, stop=token.stop)
            continue
        elif norm in _I_WILL_SOUND and opens and after in ACTION_VERBS and after not in _NEVER_TASK:
            fixed += [replace(token, norm="i", stop=""), replace(token, text="", norm="will", gap=0.0)]
            continue
        elif norm in _WILL_SOUND and before in ("i", "bo", "eye") and is_base(after):
            norm = "will"
        fixed.append(replace(token, norm=norm))
    return tuple(fixed)


def _asks(tokens: Sequence[Token], index: int) -> bool:
    """ "good you (please, Maya) check": only "could you" is followed by a verb."""
    following = [token.norm for token in tokens[index + 2 : index + 5]]
    return any(base_of(word) in ACTION_VERBS for word in following[:2]) or following[:1] == ["please"]


def _after_january(word: str, opens: bool) -> str:
    """ "january place" was "can you replace": the verb, or "" where the month may be meant."""
    if is_base(f"re{word}"):
        return f"re{word}"
    return word if opens and word in ACTION_VERBS else ""


def _then_a_day(tokens: Sequence[Token], index: int) -> bool:
    """ "find them by Wednesday": what was said is "fine, then by Wednesday"."""
    return _norms(tokens, index + 2)[:1] in (["by"], ["until"], ["on"], ["let"], ["make"], ["we"])


def _norms(tokens: Sequence[Token], index: int) -> list[str]:
    return [token.norm for token in tokens[index : index + 4]]


def norms(tokens: Sequence[Token]) -> list[str]:
    """The normal forms alone."""
    return [token.norm for token in tokens]
