"""Whether a day is told of, not due: "it broke on Sunday", "on Friday I was ill", "that was due on the 1st"."""

from __future__ import annotations

from collections.abc import Sequence

from avatars.verbs import PASTS, THIRD_PERSON, UNCHANGED_PASTS, base_of, is_base, word_set
from avatars.words import MONTHS

_REACH = 14
_SUBJECTS = word_set("whoever i we he she they who nobody somebody someone everybody everyone")
_SUBJECT_OR_OBJECT = word_set("you it that this which what everything something nothing")
WHO = _SUBJECTS | _SUBJECT_OR_OBJECT
_OF_A_THING = word_set(
    "the a an our my your their his her its this that these those about on in of with from for no any some all "
    "last next first second third new old whole"
)
_OPENS = word_set("and but so because when while or then as since that which who what after before where though")
_TO_COME = word_set("will shall to can could should would must might ought let please is are am be being may if")
_WISHED = word_set(
    "agreed decided promised wanted needed planned hoped expected wished supposed meant going hoping wondering "
    "thinking planning wanting looking trying"
)
_ARRANGED = word_set(
    "said told asked mentioned wrote thought booked moved postponed pushed shifted rescheduled scheduled extended "
    "delayed invited reserved set due ordered prepared"
)
"""With these "by Friday", "for Friday" and plain "Friday" is to come; "he asked on Friday" is over."""
_DETERMINERS = word_set("the a an our your their my any all")
_AGAIN = word_set("and again or then also both once more")
_REGRETS = word_set("should would could must might ought")
_INTENDED = word_set("say agree plan want need mean promise schedule")
_GRANTED = word_set("gave had got left given")
_NO_FINITE = word_set("done gone seen written taken been given known broken chosen drawn driven shown spoken")
_STATES = word_set("back open clean clear empty dry free")
_CAUSES = word_set("get have need want keep like see make")
_BESIDE = word_set("not never already just all only been also even still finally both")
_MORE_PASTS = word_set("won lost felt fell sat ate drank flew hit made broke paid dated born heard bought caught")


def is_told(words: Sequence[str], start: int, end: int, binding: int) -> bool:
    """Whether a day at tokens `start` to `end` is part of a story.

    Args:
        words: normal forms of the clause.
        binding: how firmly it is a deadline, see `avatars.dates.DuePhrase`.
    """
    if words[:start] == ["back"] and words[start] == "in" and not words[start + 1][:1].isdecimal():
        return words[start + 1] in (*MONTHS, "the")
    if list(words[start : start + 2]) == ["this", "morning"] and any(map(_is_past, words[:start])):
        return True
    if words[start] == "for":
        return False  # what was booked for Friday is still to come
    if binding < 2 and _is_thanked(words, start):
        return True
    return _before(words, start, binding) or (binding < 2 and _behind(words, start, end))


def goes_on(words: Sequence[str], told: int, start: int) -> bool:
    """Whether a story goes on from its day that ends at `told`: "in May and again in June".

    Args:
        words: normal forms of the clause.
        told: the end of a day that was told of, or 0.
        start: the beginning of the next one.
    """
    between = words[told:start]
    if not told or words[start] == "for":
        return False
    return _AGAIN.issuperset(between) or (
        between[0] == "and" and between[1] in UNCHANGED_PASTS and len(between) < 5
    )


def _is_thanked(words: Sequence[str], start: int) -> bool:
    """ "thanks for the call on Monday", "sorry about the delay on Friday"."""
    for place in range(start - 1, max(start - _REACH, -1), -1):
        if words[place] in ("and", "but", "so", "please", "will", "can", "let"):
            return False
        if words[place] in ("thanks", "thank", "sorry", "apologies", "congratulations"):
            return not {"for", "about", "on"}.isdisjoint(words[place + 1 : place + 3])
    return False


def _is_past(word: str) -> bool:
    """Whether a word is the past, or a participle, of a verb."""
    if word in UNCHANGED_PASTS:
        return False
    return (
        word in PASTS or word in _MORE_PASTS or word in _NO_FINITE or (word.endswith("ed") and not is_base(word))
    )


def _before(words: Sequence[str], start: int, binding: int) -> bool:
    """By the nearest verb in front of the day."""
    past = -1  # the place of a past form whose auxiliary is still looked for
    for place in range(start - 1, max(start - _REACH, -1), -1):
        word = words[place]
        before = words[place - 1] if place else ""
        verdict = _by_helper(words, place, start, past)
        if verdict is not None:
            return verdict
        if _is_past(word):
            if before in _DETERMINERS and place + 1 < start:
                continue  # "the revised plan"
            joined = past == place + 2 and words[place + 1] in ("and", "or")  # "get them signed and returned"
            if not joined and (past >= 0 or before in _SUBJECTS):
                return _is_over(words, place, start)
            past = place
        elif before in ("have", "has", "already", "just") and word in UNCHANGED_PASTS:
            return word not in _ARRANGED  # "I have read it three times in one day"
        elif _is_verb(words, place, start):
            return _by_base(words, place, start, past, binding)
    if past < 0 or words[past] in _NO_FINITE:
        return False
    if binding == 2:  # "slides finished by Friday" is wanted; "it finished by Friday" is told
        return past > 0 and (words[past - 1] in WHO or (words[start] == "within" and words[0] in _DETERMINERS))
    return _is_over(words, past, start)


def _by_helper(words: Sequence[str], place: int, start: int, past: int) -> bool | None:
    """By an auxiliary, or where the clause begins; None where a word says nothing of the kind."""
    word, following = words[place], words[place + 1]
    before = words[place - 1] if place else ""
    if word in ("was", "were", "had", "did"):
        return _by_auxiliary(words, place, start)
    if word in ("has", "have", "having"):
        if before in _TO_COME - _REGRETS:
            return False  # "will have finished it by Friday"
        return past > 0 and _next_to(words, place, past) and _is_over(words, past, start)
    if word in _TO_COME and (word != "to" or is_base(following) or following in ("be", "have")):
        return False
    if past < 0 and (word in _SUBJECTS or (word.endswith("s") and before in ("it", "this", "which"))):
        return False  # another clause: "we got it on the 8th, it expires on the 30th"
    if word not in _OPENS or (word == "that" and is_base(before)):
        return None  # "get that merged"
    if past < 0 and word == "since":
        return True  # "since the relaunch in September"
    if past >= 0 and (word != "and" or past > place + 1):
        return words[past] not in _NO_FINITE and _is_over(words, past, start)
    return False if past < 0 and (word != "and" or following in WHO) else None


def _is_verb(words: Sequence[str], place: int, start: int) -> bool:
    """Whether a base form, or "sends", is the verb here, and not a noun or a state of things."""
    word = words[place]
    before = words[place - 1] if place else ""
    if word in _STATES and before not in WHO | _TO_COME and place + 1 == start:
        return False  # "left the gate open on Friday"
    return (is_base(word) or word in THIRD_PERSON) and before not in _OF_A_THING and not _is_past(before)


def _next_to(words: Sequence[str], place: int, past: int) -> bool:
    """Whether only small words stand between an auxiliary and its participle."""
    return all(word in _BESIDE or word in WHO for word in words[place + 1 : past]) and (
        past == place + 1 or words[place + 1] in _BESIDE
    )


def _by_auxiliary(words: Sequence[str], place: int, start: int) -> bool:
    """ "was ill on Monday", but "were to send it by Friday" and "was hoping to have it"."""
    lead, last = words[start], words[start - 1]
    following = words[place + 1]
    if words[place] == "did":
        return _INTENDED.isdisjoint(words[place + 1 : start])
    if words[place] == "had":
        return following not in ("to", "better") and not (lead in ("until", "till") and place == start - 1)
    if "if" in words[max(place - 2, 0) : place]:
        return False
    if last in ("decided", "agreed", "promised") and lead in ("on", "in"):
        return True  # "that was decided in October"
    arranged = _WISHED if lead in ("on", "in") or last == "due" else _WISHED | _ARRANGED
    return following != "to" and arranged.isdisjoint(set(words[place + 1 : start]) - {"due"})


def _is_over(words: Sequence[str], past: int, start: int) -> bool:
    """Whether what a past form says happened on the day, and is not what somebody wanted for it."""
    word, lead = words[past], words[start]
    if lead in ("until", "till") and word in _GRANTED:
        return False  # "they gave us until the 9th"
    if word in _GRANTED and "deadline" in words[past:start]:
        return False
    return word not in _WISHED and (word not in _ARRANGED or lead in ("on", "in", "at"))


def _by_base(words: Sequence[str], place: int, start: int, past: int, binding: int) -> bool:
    """A base form: "check it on Monday" is to come, "support called on Monday" and "she put it up" are over."""
    word = words[place]
    before = list(words[max(place - 2, 0) : place])
    if "did" in before:
        return word not in _INTENDED
    if before == ["had", "to"] and words[start] in ("until", "till"):
        return True  # "I had to wait until noon"; what had to be sent by Friday may still be due
    if word in UNCHANGED_PASTS and before[-1:] in (["he"], ["she"]):
        return True
    if past > 0 and word in UNCHANGED_PASTS and words[past - 1] == "and":
        return True  # "we cut the release and found a bug on Saturday"
    if past < 0 or base_of(word) in _CAUSES:
        return False
    if past == place + 1:
        return words[past] not in _WISHED | _ARRANGED | _NO_FINITE and binding < 2
    return past == start - 1 and binding < 2 and words[past] not in _WISHED | _ARRANGED


def _behind(words: Sequence[str], start: int, end: int) -> bool:
    """The same with the day in front: "on Friday I was ill", "the call on Monday was long"."""
    if end >= len(words):
        return False
    if words[end] in ("and", "but") and end + 1 < len(words):  # "on Friday and found a bug", "and did not"
        return words[end + 1] == "did" or (_is_past(words[end + 1]) and words[end + 1] not in _WISHED | _NO_FINITE)
    if words[end : end + 2] == ["did", "not"]:
        return False  # "we said Tuesday, didn't we?"
    if words[end] in ("was", "were", "went", "took", "did", "had", "came"):
        return True
    if start and words[start - 1] not in _OPENS and words[start - 1] not in ("um", "uh", "yes", "no", "well"):
        return False
    for place in range(end, min(end + 5, len(words))):
        word = words[place]
        if word in ("was", "were", "had", "did"):
            return place > end and words[place + 1 : place + 2] not in (["to"], ["going"], ["supposed"], ["due"])
        if word in _TO_COME or word in ("has", "have") or word in _OPENS:
            return False
        if _is_past(word) and place > end and words[place - 1] not in ("the", "a", "our", "my"):
            return word not in _WISHED | _NO_FINITE
        if (is_base(word) or word in THIRD_PERSON) and words[place - 1] not in _OF_A_THING:
            return False
    return False
