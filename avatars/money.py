"""Sums of money in speech: "1,250.50 euros", "€780", "twelve hundred dollars", "ninety five euros fifty", "5k"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

CURRENCIES = {
    "euro": "EUR", "euros": "EUR", "eur": "EUR", "€": "EUR", "dollar": "USD", "dollars": "USD", "usd": "USD",
    "$": "USD", "bucks": "USD", "pound": "GBP", "pounds": "GBP", "gbp": "GBP", "£": "GBP", "quid": "GBP",
    "franc": "CHF", "francs": "CHF", "chf": "CHF",
}  # fmt: skip
_SIGNS = "€$£"
_UNITS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen
"""
_SMALL = {word: value for value, word in enumerate(_UNITS.split())}
_ROUND = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * value for value, word in enumerate(_ROUND.split(" "), 2)}
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A sum: words `start` to `end` (exclusive)."""

    start: int
    end: int
    value: Decimal
    currency: str
    """ISO 4217 code, or "" where only a number was said."""


def sums(words: Sequence[str]) -> list[Money]:
    """Every sum of money, in order; a number without a currency is none.

    Args:
        words: lower case, without punctuation around them.
    """
    found: list[Money] = []
    at = 0
    while at < len(words):
        money = _sum_at(words, at)
        if money is None:
            at += 1
            continue
        found.append(money)
        at = money.end
    return found


def number(words: Sequence[str], at: int) -> tuple[int, Decimal] | None:
    """The end and the value of the number that begins at a word; None where none does."""
    figures = _figures(words[at]) if at < len(words) else None
    if figures is not None:
        end, scale = at + 1, _SCALES.get(words[at + 1], 1) if at + 1 < len(words) else 1
        return end + (scale > 1), figures * scale
    return _spoken(words, at)


def _sum_at(words: Sequence[str], at: int) -> Money | None:
    """ "€780", "780 euros", "five euros and fifty cents"."""
    if words[at][:1] in _SIGNS and (value := _figures(words[at][1:])) is not None:
        return Money(start=at, end=at + 1, value=value, currency=CURRENCIES[words[at][0]])
    if words[at][-1:] in _SIGNS and (value := _figures(words[at][:-1])) is not None:
        return Money(start=at, end=at + 1, value=value, currency=CURRENCIES[words[at][-1]])
    said = number(words, at)
    if said is None:
        return None
    end, value = said
    if end >= len(words) or words[end] not in CURRENCIES:
        return None
    currency = CURRENCIES[words[end]]
    end, cents = _cents(words, end + 1)
    return Money(start=at, end=end, value=value + cents, currency=currency)


def _cents(words: Sequence[str], at: int) -> tuple[int, Decimal]:
    """What follows the currency: "fifty", "and twenty cents"; the same place and 0 where nothing does."""
    begin = at + (words[at : at + 1] == ["and"] or words[at : at + 1] == ("and",))
    said = number(words, begin)
    if said is None or said[1] >= 100:
        return at, Decimal(0)
    end, value = said
    named = end < len(words) and words[end] in ("cent", "cents", "pence")
    if begin > at and not named:
        return at, Decimal(0)
    return end + named, value / 100


def _figures(word: str) -> Decimal | None:
    """ "1,250.50", "1.250,50", "5k"."""
    scale = 1
    if word[-1:] in ("k", "m") and word[:-1].replace(".", "").replace(",", "").isdecimal():
        scale, word = (1000 if word[-1] == "k" else 1_000_000), word[:-1]
    if not word[:1].isdecimal() or not word[-1:].isdecimal():
        return None
    comma, dot = word.rfind(","), word.rfind(".")
    mark = max(comma, dot)
    behind = len(word) - mark - 1
    if mark >= 0 and (behind != 3 or (comma >= 0 and dot >= 0)):
        whole = word[:mark].replace(",", "").replace(".", "")
        word = f"{whole}.{word[mark + 1 :]}"
    else:
        word = word.replace(",", "").replace(".", "")
    try:
        return Decimal(word) * scale
    except InvalidOperation:
        return None  # "12/7": no number


def _spoken(words: Sequence[str], at: int) -> tuple[int, Decimal] | None:
    """ "twelve hundred", "two and a half thousand", "a thousand", "ninety five", "two hundred and ten"."""
    begin, total, group = at, 0, Decimal(0)
    if words[at : at + 1] in (["a"], ("a",)) and at + 1 < len(words) and words[at + 1] in _SCALES:
        group, at = Decimal(1), at + 1
    last = ""
    while at < len(words):
        pieces = words[at].split("-")
        if words[at] == "and" and last in _SCALES and at + 1 < len(words) and _plain(words[at + 1]):
            at += 1
            continue
        if words[at] == "and" and tuple(words[at : at + 3]) == ("and", "a", "half") and group:
            group, at, last = group + Decimal("0.5"), at + 3, "half"
            continue
        if words[at] in _SCALES and group:
            scale = _SCALES[words[at]]
            if scale == 100:
                group *= 100
            else:
                total, group = total + int(group * scale), Decimal(0)
        elif all(_plain(piece) for piece in pieces) and (not last or last in _SCALES or _joins(last, pieces[0])):
            group += sum(_SMALL.get(piece, _TENS.get(piece, 0)) for piece in pieces)
        else:
            break
        last, at = pieces[-1], at + 1
    return (at, total + group) if at > begin and last else None


def _plain(word: str) -> bool:
    return word in _SMALL or word in _TENS


def _joins(last: str, word: str) -> bool:
    """ "ninety five" is one number, "five four" are two."""
    return last in _TENS and 0 < _SMALL.get(word, 0) < 10
