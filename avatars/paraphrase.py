"""Roundabout ways to promise and to ask, said plainly: "leave the catering to me" is "I will do the catering".

Only the clause's tokens change, each with the place of the words it stands for; grammar, cues and slots then need
to know the plain forms alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from avatars import dates
from avatars.cursor import is_name
from avatars.names import bare, match, tag
from avatars.recognizer import Present
from avatars.verbs import ACTION_VERBS, is_base, phrases, word_set
from avatars.words import CONNECTORS, PRONOUNS, Token

_DUTY = word_set("task job part turn homework duty assignment responsibility todo")
_REQUESTS = phrases(
    "it would be great if, it would be nice if, it would be good if, it would be helpful if, it would help if, "
    "it would be wonderful if, it would be lovely if, i would appreciate it if, i would be grateful if, "
    "i would be happy if, i would be glad if, do you think, i was hoping, i was wondering if, i wonder if, "
    "is there any chance, any chance, it would be perfect if"
)
_ASK_YOU = phrases(
    "can i ask you to, could i ask you to, may i ask you to, can i get you to, could i get you to, "
    "would it be possible for you to, is it possible for you to, would you be so kind as to, "
    "would you be so kind and, could you be so kind as to, would you be able to, could you make sure to, "
    "could you make sure that you, can you make sure to, can you make sure that you, could you try to, "
    "can i count on you to, is it okay for you to, is it ok for you to, "
    "would it be okay for you to, can you manage to, could you manage to, would you please, would you kindly"
)
_GLAD = phrases(
    "i would be happy to, i would be glad to, i would gladly, i would be more than happy to, "
    "i am more than happy to, i will gladly, i am willing to, i would be willing to, i volunteer to, "
    "i have got to, i had better, i would better, i better, i will see to it that we, i will see to it that i, "
    "i will make sure that we, i will make sure we, i will make sure that i, i will make sure i, "
    "i will be sure to, i commit to, i am committed to, count on me to, you can count on me to, i have promised to"
)
_PLAN = phrases("i am planning to, i plan to, i intend to, i aim to, i want to")
"""Promises only with a day."""
_SURE = phrases(
    "make sure to, make sure that you, make sure you, be sure to, see that you, take care to, see to it that you"
)
_GIVEN = phrases("you will have, you will get, you will receive, you can have, you get, expect to have")
_LEAVE = phrases("leave, you can leave, please leave, just leave, you may leave, you could leave")
_POLITE = phrases("no problem, of course, no worries, my pleasure, all right, with pleasure, don't worry")
_AFTER_NO = CONNECTORS | PRONOUNS | {"no", "let", "please"}
_LETTING = phrases("let, let us have, let us ask, let us let, i will have, we will have, we will ask, i will ask")
_NOT_WORK = word_set("help hear see know meet listen answer join come talk tell say agree like")


def plainly(clause: Sequence[Token], present: Sequence[Present]) -> tuple[Token, ...]:
    """A clause in plain form; the same tokens where nothing is roundabout.

    Args:
        clause: tokens of one clause.
        present: people whose names may be heard.
    """
    clause = _without_no(clause)
    tags = tag([token.norm for token in clause], present)
    begin = 0
    while begin < len(clause) and (tags[begin] in CONNECTORS or _after(tags, begin, _POLITE)):
        begin = _after(tags, begin, _POLITE) or begin + 1
    if begin + 1 < len(clause) and is_name(tags[begin]) and not tags[begin + 1].startswith("@"):
        begin += 1
    rules: tuple[Callable[[list[str], Sequence[Token], int, Sequence[Present]], list[Token] | None], ...] = (
        _left, _let, _given, _duty, _named_between, _asked, _wished, _glad, _sure,
    )  # fmt: skip
    for rule in rules:
        rest = rule(tags, clause, begin, present)
        if rest is not None:
            return (*clause[:begin], *rest)
    return tuple(clause)


def _without_no(clause: Sequence[Token]) -> Sequence[Token]:
    """ "no, but I will find out" denies what another one said, not what follows."""
    begin = 0
    while begin + 2 < len(clause) and clause[begin].norm == "no" and clause[begin + 1].norm in _AFTER_NO:
        begin += 1
    return clause[begin:]


def _stand_in(words: str, tokens: Sequence[Token], shown: str = "") -> list[Token]:
    """New words in the place of `tokens`; `shown` is the one that is kept as it is written."""
    start, end = tokens[0].start, tokens[-1].end
    return [
        Token(
            text=word if word == shown else "",
            norm=word,
            start=start,
            end=end,
            gap=0.0 if i else tokens[0].gap,
        )
        for i, word in enumerate(words.split())
    ]


def _after(tags: Sequence[str], begin: int, choices: Sequence[tuple[str, ...]]) -> int:
    """Where the longest of these phrases ends; 0 when none begins here."""
    ends = [begin + len(words) for words in choices if tuple(tags[begin : begin + len(words)]) == words]
    return max(ends, default=0)


def _left(tags: list[str], clause: Sequence[Token], begin: int, _: Sequence[Present]) -> list[Token] | None:
    """ "leave the photos to me": I will do the photos."""
    at = _after(tags, begin, _LEAVE)
    if not at:
        return None
    for place in range(at + 1, min(at + 8, len(tags) - 1)):
        if tags[place] in ("to", "with") and (tags[place + 1] == "me" or is_name(tags[place + 1])):
            owner = "i" if tags[place + 1] == "me" else clause[place + 1].norm
            first = _stand_in(f"{owner} will do", clause[begin:at], "do")
            first[0] = replace(first[0], text=owner)
            return [*first, *clause[at:place], *clause[place + 2 :]]
    return None


def _let(tags: list[str], clause: Sequence[Token], begin: int, _: Sequence[Present]) -> list[Token] | None:
    """ "let Maya prepare the slides", "let us have Maya prepare the slides": Maya will prepare the slides."""
    end = _after(tags, begin, _LETTING)
    if not end or end + 3 >= len(tags) or not is_name(tags[end]):
        return None
    after = end + 1 + (tags[end + 1] == "to")
    if tags[after] not in ACTION_VERBS:
        return None
    return [*clause[end : end + 1], *_stand_in("will", clause[end : end + 1]), *clause[after:]]


def _given(tags: list[str], clause: Sequence[Token], begin: int, _: Sequence[Present]) -> list[Token] | None:
    """ "you will have the slides by Thursday": I will send the slides."""
    at = _after(tags, begin, _GIVEN)
    if not at or at + 1 >= len(tags) or tags[at] in ("to", "a", "some", "no", "more", "time", "used"):
        return None
    rest = list(clause[at:])
    words = tags[at:]
    if words[0] not in ("it", "them", "the", "my", "our", "all") or "will" not in tags[begin:at]:
        return None
    for place in range(len(words) - 1):
        if words[place : place + 2] == ["from", "me"]:
            rest = [*rest[:place], *rest[place + 2 :]]
            break
    return [*_stand_in("i will send", clause[begin:at], "send"), *rest]


def _duty(tags: list[str], clause: Sequence[Token], begin: int, present: Sequence[Present]) -> list[Token] | None:
    """ "your task is to order it", "Omar's job is to order it", "it is Omar's turn to order it"."""
    at = begin
    if tags[at : at + 2] == ["it", "is"]:
        at += 2
    if at >= len(tags):
        return None
    holder, person = tags[at], None
    if holder.endswith("'s"):
        person = match([bare(clause[at].norm)], present, sure=True)
    if holder not in ("your", "my") and person is None:
        return None
    noun = at + 1 + (tags[at + 1 : at + 2] in (["next"], ["first"], ["only"], ["new"]))
    if noun >= len(tags) or tags[noun] not in _DUTY:
        return None
    end = noun + 1
    for word in ("today", "now", "is", "will", "be", "to"):
        end += tags[end : end + 1] == [word]
    if end >= len(tags) or tags[end - 1] != "to" or not is_base(tags[end]):
        return None
    words = {"your": "you will", "my": "i will"}.get(holder) or f"{bare(clause[at].norm)} will"
    return [*_stand_in(words, clause[begin:end]), *clause[end:]]


def _named_between(
    tags: list[str], clause: Sequence[Token], begin: int, _: Sequence[Present]
) -> list[Token] | None:
    """ "could you, Maya, please check": Maya, could you please check."""
    at = begin + 2
    if at + 1 >= len(tags) or tags[begin] not in ("can", "could", "would", "will") or tags[begin + 1] != "you":
        return None
    if not is_name(tags[at]) or not (is_base(tags[at + 1]) or tags[at + 1] in ("please", "mind")):
        return None
    return [clause[at], *clause[begin:at], *clause[at + 1 :]]


def _asked(tags: list[str], clause: Sequence[Token], begin: int, _: Sequence[Present]) -> list[Token] | None:
    """ "could I ask you to check": could you check."""
    end = _after(tags, begin, _ASK_YOU)
    if not end or end >= len(tags) or not is_base(tags[end]):
        return None
    return [*_stand_in("could you", clause[begin:end]), *clause[end:]]


def _wished(tags: list[str], clause: Sequence[Token], begin: int, _: Sequence[Present]) -> list[Token] | None:
    """ "it would be great if you could check": could you check."""
    end = _after(tags, begin, _REQUESTS)
    end += bool(end) and tags[end : end + 1] == ["that"]
    if not end or end + 2 >= len(tags) or not (tags[end] == "you" or is_name(tags[end])):
        return None
    after = end + 1
    after += tags[after : after + 1] in (["could"], ["can"], ["would"])
    if not is_base(tags[after]) and tags[after] != "please":
        return None
    who = clause[end]
    return [*_stand_in("could", clause[begin:end]), who, *clause[after:]]


def _glad(tags: list[str], clause: Sequence[Token], begin: int, _: Sequence[Present]) -> list[Token] | None:
    """ "I would be happy to show the sample": I will show the sample."""
    end = _after(tags, begin, _GLAD)
    if not end and any(due.day for due in dates.find(tags, datetime(2026, 1, 1))):
        end = _after(tags, begin, _PLAN)
    if not end or end + 1 >= len(tags) or tags[end] not in ACTION_VERBS or tags[end] in _NOT_WORK:
        return None
    return [*_stand_in("i will", clause[begin:end]), *clause[end:]]


def _sure(tags: list[str], clause: Sequence[Token], begin: int, _: Sequence[Present]) -> list[Token] | None:
    """ "please make sure to check": please check."""
    at = begin
    while tags[at : at + 1] in (["please"], ["just"]) or tags[at : at + 2] == ["you", "please"]:
        at += 1
    end = _after(tags, at, _SURE)
    if not end or end >= len(tags) or not is_base(tags[end]):
        return None
    return [*_stand_in("please", clause[begin:end]), *clause[end:]]
