"""What is said: a small world of office talk, split by a rule into sentences to train on and to test with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2s
from itertools import islice
from random import Random

SLOTS: dict[str, tuple[str, ...]] = {
    "name": ("Ana", "Ben", "Chloe", "David", "Emma", "Farid", "Grace", "Hugo"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    "when": ("on {day}", "on {day}", "tomorrow", "today", "next week"),
    "due": ("by {day}", "by {day}", "by tomorrow", "today", "next week"),
    "paper": ("the budget", "the report", "the invoice", "the contract", "the slides", "the agenda"),
    "subject": ("the budget", "the report", "the contract", "the release", "the new office", "the website"),
    "place": ("the small meeting room", "the large meeting room", "the kitchen", "the library"),
    "meeting": ("the meeting", "the review", "the workshop"),
    "hour": ("nine", "ten", "eleven", "two", "three", "four"),
    "amount": (
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
        "one hundred", "two hundred", "five hundred",
    ),
    "vendor": ("Acme", "Globex", "Contoso", "Northwind"),
    "part": ("morning", "afternoon"),
}  # fmt: skip
"""What may stand in the gaps of the templates."""

TEMPLATES: tuple[str, ...] = (
    "Please send {paper} to {name} {due}.",
    "Please send {paper} to {name}.",
    "{name} will send {paper} to {name}.",
    "{name} will prepare {paper} {due}.",
    "{name} will prepare {paper}.",
    "{name}, please prepare {paper} {due}.",
    "{name}, please review {paper} {due}.",
    "I will review {paper} {due}.",
    "I will send {paper} {due}.",
    "Can you send {paper} to {name}?",
    "Can you review {paper} {due}?",
    "Book {place} for {day} {part}.",
    "Please book {place} for {name}.",
    "Book {place} at {hour} {when}.",
    "Open {place}.",
    "Please close {place}.",
    "Move {meeting} to {day} at {hour}.",
    "Move {meeting} to {place}.",
    "Let us move {meeting} to {day}.",
    "{meeting} is in {place}.",
    "{meeting} starts at {hour}.",
    "We meet at {hour} {when}.",
    "Approve the invoice of {amount} euros from {vendor}.",
    "The invoice from {vendor} is {amount} euros.",
    "{name} will pay {amount} euros to {vendor}.",
    "Call {vendor} about {subject} {when}.",
    "{name} will call {vendor} {when}.",
    "Remind me about {subject} {when}.",
    "Please remind {name} about {subject}.",
    "What did we decide about {subject}?",
    "What did {name} say about {subject}?",
    "We decided to sign {paper}.",
    "Who will prepare {paper}?",
    "Who is in {place}?",
    "Where is {name}?",
    "Is {name} in {place}?",
    "When is {meeting}?",
    "Good {part} {name}.",
    "Hello {name}.",
    "Thank you {name}.",
    "Show me {paper}.",
    "{name} has a question about {subject}.",
    "I agree with {name}.",
    "See you {when}.",
)
"""Every sentence that has a choice in it."""

PHRASES: tuple[str, ...] = (
    "Yes.",
    "No.",
    "Okay.",
    "Yeah.",
    "Thank you.",
    "Hello.",
    "Good morning everyone.",
    "Good afternoon everyone.",
    "Let us start the meeting.",
    "Let us close the meeting.",
    "Yes, please.",
    "No, thank you.",
    "I agree.",
    "I have a question.",
    "Can you hear me?",
    "What is next?",
    "See you tomorrow.",
)
"""Sentences without a choice. They are too few to be split, so they are only trained on."""

_PHRASE_SHARE = 0.12
_UNSEEN_OF = 8
_GAP = re.compile(r"\{(\w+)\}")


def held_out(text: str) -> bool:
    """Say whether a sentence is never trained on: one in eight of those with a choice, by a hash of its text."""
    return text not in PHRASES and blake2s(text.encode()).digest()[0] % _UNSEEN_OF == 0


def sentences(seed: int, count: int) -> list[str]:
    """Say `count` sentences to train on, repetitions included; the same ones for the same seed."""
    return list(islice((text for text in _talk(Random(seed)) if not held_out(text)), count))


def unseen(count: int, seed: int = 0) -> list[str]:
    """Say `count` different sentences that `sentences` never says; the same ones for the same seed."""
    # A text seen first here stays in its place, so a longer list begins with the shorter one.
    fresh = dict.fromkeys(islice((text for text in _talk(Random(f"unseen {seed}")) if held_out(text)), 50 * count))
    if len(fresh) < count:
        raise ValueError(f"there are not {count} unseen sentences")
    return list(fresh)[:count]


def words() -> list[str]:
    """Every word that can be said, in lower case and without punctuation, sorted."""
    text = " ".join([*TEMPLATES, *PHRASES, *(choice for choices in SLOTS.values() for choice in choices)])
    return sorted(set(re.findall(r"[a-z']+", _GAP.sub(" ", text).lower())))


def _talk(random: Random) -> Iterator[str]:
    while True:
        yield (
            random.choice(PHRASES) if random.random() < _PHRASE_SHARE else _fill(random.choice(TEMPLATES), random)
        )


def _fill(template: str, random: Random) -> str:
    text = template
    while "{" in text:
        text = _GAP.sub(lambda gap: random.choice(SLOTS[gap[1]]), text)
    return text[0].upper() + text[1:]
