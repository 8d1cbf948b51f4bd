"""Clauses that ask, offer or order: "could you send it", "let me send it", "Lin please send it"."""

from __future__ import annotations

from avatars.cursor import Core, Cursor, Force, is_name, names
from avatars.cursor import subject as subject_of
from avatars.names import is_common
from avatars.verbs import is_base, phrases


def please(cursor: Cursor, lead: list[str]) -> Core | None:
    """ "(anything misheard) Omar please update": nothing else can be meant."""
    for place in range(cursor.at, min(cursor.at + 5, len(cursor.tags) - 2)):
        if is_name(cursor.tags[place]) and cursor.tags[place + 1] == "please" and is_base(cursor.tags[place + 2]):
            cursor.at = place
            return named_order(cursor, lead)
    return None


def offer(cursor: Cursor, lead: list[str]) -> Core | None:
    """ "let me send", "leave it to me to", "allow me to"."""
    if cursor.take("let", "me") or cursor.take("allow", "me", "to"):
        cursor.skip_adverbs()
        if cursor.peek() and (is_base(cursor.peek()) or len(cursor.tags) - cursor.at > 1):
            return ("i",), Force.OFFER, False, cursor.at
    return None


def ask(cursor: Cursor, lead: list[str]) -> Core | None:
    """ "can you send", "could Lin check", "would you mind checking", "can I ask you to"."""
    vocative: tuple[str, ...] = ()
    if is_name(cursor.peek()) and cursor.peek(1) in (
        "can",
        "could",
        "would",
        "will",
        "do",
        "are",
        "may",
        "please",
    ):
        ahead = cursor.peek(2)
        if ahead == "you" or (cursor.peek(1) == "please" and cursor.peek(2) in ("can", "could")):
            vocative = (cursor.peek(),)
            cursor.at += 1
            cursor.take("please")
    if cursor.take("do", "you", "mind") or cursor.take("would", "you", "mind"):
        return vocative or ("you",), Force.ASK, False, cursor.at
    if cursor.take("are", "you", "able", "to") or cursor.take("do", "you", "have", "time", "to"):
        return vocative or ("you",), Force.ASK, False, cursor.at
    if (
        cursor.peek() in ("can", "could", "may")
        and cursor.peek(1) == "i"
        and cursor.peek(2) in ("ask", "get", "have")
    ):
        cursor.at += 3
        subject = subject_of(cursor)
        if subject and cursor.take("to"):
            return subject if subject != ("you",) else vocative or subject, Force.ASK, False, cursor.at
        return None
    if cursor.peek() not in ("can", "could", "would", "will"):
        return None
    cursor.at += 1
    subject = subject_of(cursor)
    if not subject:
        return None
    cursor.skip_adverbs()
    negated = cursor.take("not")
    if cursor.take("be", "so", "kind", "to") or cursor.take("be", "so", "kind", "and") or cursor.take("mind"):
        pass
    cursor.take("be", "able", "to")
    cursor.take("try", "to")
    if not cursor.peek():
        return None
    if subject == ("you",) and vocative:
        subject = vocative
    return subject, Force.ASK, negated, cursor.at


_ANYBODY = (("someone",), ("somebody",), ("anyone",), ("anybody",))
_WISHES = phrases(
    "remind, i would like, we would like, i want, i need, we need, we want, i ask, i am asking, i "
    "would ask, i will ask, it is up to, i will get, we will have, i am counting on, it is on, we "
    "will ask, we will get, it is for"
)


def wish_of(cursor: Cursor, lead: list[str]) -> Core | None:
    """ "I need Bo to send", "I would like you to check", "I asked Lin to"."""
    if cursor.take("remind", "me", "to") or cursor.take("remind", "myself", "to"):
        return ("i",), Force.ASSIGN, False, cursor.at
    for words in _WISHES:
        begin = cursor.at
        if cursor.take(*words):
            subject = subject_of(cursor)
            open_to = subject == ("you",) or subject in _ANYBODY
            if subject and (is_name(subject[0]) or open_to) and cursor.take("to") and cursor.peek():
                return subject, Force.ASSIGN, False, cursor.at
        cursor.at = begin
    return None


def let_us(cursor: Cursor, lead: list[str]) -> Core | None:
    """ "let us move the launch"."""
    if (
        cursor.take("let", "us")
        or cursor.take("shall", "we")
        or cursor.take("we", "could")
        or cursor.take("should", "we")
    ):
        negated = cursor.take("not")
        cursor.skip_adverbs()
        return ("we",), Force.PROPOSE, negated, cursor.at
    return None


def named_order(cursor: Cursor, lead: list[str]) -> Core | None:
    """ "Lin please check", "Bo to send", "Bo and Lin please prepare", "for Bo to send"."""
    cursor.take("for")
    begin = cursor.at
    called = names(cursor)
    if not called:
        return None
    polite = cursor.take("please") or cursor.take("you", "please")
    if cursor.take("to") and is_base(cursor.peek()):
        return called, Force.ASSIGN, False, cursor.at
    cursor.take("just")
    if (
        cursor.take("do", "not", "forget", "to")
        or cursor.take("remember", "to")
        or cursor.take("make", "sure", "you")
    ):
        return called, Force.ORDER, False, cursor.at
    if (polite or is_base(cursor.peek())) and cursor.peek() not in ("will", "can", "need", "have", "like", ""):
        if not polite and cursor.peek() in ("do", "must", "let", "be"):
            return None
        if len(called) > 1 and not polite:
            return called, Force.DOES, False, cursor.at
        return called, Force.ORDER, False, cursor.at
    cursor.at = begin
    return None


def order(cursor: Cursor, lead: list[str]) -> Core | None:
    """ "send the budget", "please check", "don't forget to"."""
    if cursor.take("do", "not", "forget", "to") or cursor.take("remember", "to"):
        return (), Force.ORDER, False, cursor.at
    negated = cursor.take("do", "not")
    if is_base(cursor.peek()) and not is_common(cursor.peek()):
        return (), Force.ORDER, negated, cursor.at
    return None
