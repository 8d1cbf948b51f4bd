"""Generated requests to a colleague: what is said, its kind, the words of its slots, and who and what is there."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from num2words import num2words

from avatars.mentions import Surroundings
from avatars.recognizer import Present
from avatars.requests import REQUESTS, RequestKind, SlotName
from avatars.training import request_words as names
from avatars.training import wordlists as lists
from avatars.training.channel import Channel
from avatars.training.talk import ADA, Talk
from avatars.verbs import PASTS, gerund, third_person

MOMENT = datetime(2026, 11, 18, 10, 0)
"""Requests are made on this Wednesday."""
PHRASES = Path(__file__).with_name("request_phrases.txt")
HEARD = 0.3
"""Share of requests that pass through the channel of a recogniser."""
FALTERING = 0.25
"""Share of requests in which somebody falters."""
FALTERED = 0.04
"""Share of their words that are said twice, or with an "uh" in front."""
T = TypeVar("T")
_PART = re.compile(r"<(\w+)>")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_FILLER = re.compile(r"\{(\w+)\}")
_MARK = re.compile(r"⟦(\w+)⟧|⟧")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request."""

    text: str
    kind: RequestKind
    slots: dict[SlotName, tuple[int, int]]
    """Character offsets of the words that fill each slot."""
    around: Surroundings


class Requests:
    """Makes requests from a seeded source of chance."""

    def __init__(self, seed: int, channel: Channel | None = None, *, cast: Sequence[str] = lists.PEOPLE) -> None:
        """Begin.

        Args:
            seed: of the chance.
            channel: how a share of the requests is misheard; None: all are as they are said.
            cast: who may be there; seven at least.
        """
        self._chance = random.Random(seed)
        self._channel = channel
        self._cast = cast
        self._talk = Talk(seed, cast=cast, misheard=False)
        self._people: list[str] = []
        self._fillers: dict[str, Callable[[], str]] = {
            "owner": lambda: _in("owner", self._person()),
            "me": lambda: _in("owner", "me"),
            "anyone": lambda: _in(
                "owner", self._pick(["me", "me", "me", "us", "everyone", "everybody", *self._people])
            ),
            "all": lambda: _in("owner", self._pick(["everybody", "everyone"])),
            "who": lambda: _in("person", self._person()),
            "xwho": self._person,
            "stranger": lambda: _in("person", self._stranger()),
            "first": lambda: _in("person", self._pick([self._person(), self._stranger().split()[0]])),
            "whoever": lambda: _in("person", self._pick([self._person(), self._stranger(), self._stranger()])),
            "vendor": lambda: _in("vendor", self._vendor()),
            "xvendor": self._vendor,
            "amount": lambda: _in("amount", self._amount()),
            "xamount": self._amount,
            "inv": lambda: _in("invoice", self._number()),
            "xinv": self._number,
            "ord": lambda: _in("order", self._number()),
            "room": lambda: _in("room", self._pick(names.ROOMS)),
            "xroom": lambda: self._pick(names.ROOMS),
            "flow": lambda: _in("workflow", self._flow()),
            "xflow": self._flow,
            "flows": lambda: _in("workflow", self._flow() + "s"),
            "onb": lambda: _in("workflow", "onboarding"),
            "off": lambda: _in("workflow", "offboarding"),
            "pur": lambda: _in("workflow", "purchase"),
            "lea": lambda: _in("workflow", self._pick(["leave", "leave request"])),
            "acc": lambda: _in("workflow", "access request"),
            "tra": lambda: _in("workflow", "travel approval"),
            "inc": lambda: _in("workflow", "incident response"),
            "escn": lambda: _in("workflow", "escalation"),
            "esc": lambda: _in("workflow", "escalate"),
            "due": lambda: _in("due", self._due()),
            "due2": lambda: _in("due", self._due()),
            "xdue": self._due,
            "do": lambda: _in("what", self._do()),
            "doing": lambda: _in("what", self._turned(gerund)),
            "does": lambda: _in("what", self._turned(third_person)),
            "did": lambda: _in("what", self._turned(_past)),
            "npo": lambda: _in("what", self._noun(self._pick(["the", "a"]))),
            "np": lambda: _in("what", self._thing()),
            "npb": lambda: _in("what", self._thing().removeprefix("the ")),
            "xnp": self._thing,
            "state": lambda: _in("what", self._state()),
            "xstate": self._state,
            "whether": lambda: _in("what", f"{self._pick(['whether', 'if'])} {self._wondered()}"),
            "topic": lambda: _in("what", self._expanded("<topic>")),
            "event": lambda: _in("what", self._expanded("<event>")),
            "xthing": lambda: self._expanded("<xthing>"),
            "xnum": lambda: self._expanded("<xnum>"),
            "talk": self._chat,
            "add2": lambda: self._pick(["add", "create", "make", "note"]),
        }
        self._parts, self._patterns = read_phrases(PHRASES)

    def examples(self, number: int) -> list[Asked]:
        """That many requests, all kinds equally often, talk twice."""
        kinds = (*REQUESTS, RequestKind.NONE)
        return [self._example(kinds[place % len(kinds)]) for place in range(number)]

    def _example(self, kind: RequestKind) -> Asked:
        self._people = self._chance.sample(self._cast, self._chance.randint(4, 7))
        said = self._filled(self._expanded(self._pick(self._patterns[kind.value])))
        long = kind not in (RequestKind.CANCEL, RequestKind.SMALL_TALK, RequestKind.CORRECTION)
        if self._chance.random() < (0.22 if long else 0.08):
            said = f"{self._pick(names.OPENINGS)} {said}"
        if self._chance.random() < 0.08 and long:
            said = f"{said} {self._pick(names.CLOSINGS)}"
        text, slots = self._unmarked(said)
        if self._channel is not None and self._chance.random() < HEARD:
            text, slots = self._channel.passed(text, slots, self._chance)
        return Asked(
            text=text,
            kind=kind,
            slots=slots,
            around=Surroundings(
                now=MOMENT,
                people=(*(Present(id=name.lower(), name=name) for name in self._people), ADA),
                rooms=names.ROOMS,
                workflows=names.WORKFLOWS,
            ),
        )

    def _pick(self, choices: Sequence[T]) -> T:
        return self._chance.choice(choices)

    def _expanded(self, pattern: str) -> str:
        """Every part put in and every choice made."""
        while _PART.search(pattern) or _CHOICE.search(pattern):
            pattern = _PART.sub(lambda match: self._parts[match.group(1)][0], pattern)
            pattern = _CHOICE.sub(lambda match: self._pick(match.group(1).split("|")), pattern)
        return pattern

    def _filled(self, pattern: str) -> str:
        return _FILLER.sub(lambda match: self._fillers[match.group(1)](), pattern)

    def _unmarked(self, said: str) -> tuple[str, dict[SlotName, tuple[int, int]]]:
        """Take the marks out, falter here and there, and say where the slots are."""
        text, slots, name, begin = "", dict[SlotName, tuple[int, int]](), "", 0
        faltering = FALTERED if self._channel is not None and self._chance.random() < FALTERING else 0.0
        for piece in _MARK.sub(lambda match: f" {match.group()} ", said).split():
            mark = _MARK.fullmatch(piece)
            if mark is not None:
                if mark.group(1):
                    name, begin = mark.group(1), len(text) + bool(text)
                else:
                    slots.setdefault(SlotName(name), (begin, len(text)))
                    name = ""
                continue
            if piece == "'s" and text:
                text += piece
                continue
            if self._chance.random() < faltering:
                piece = self._pick([f"{piece} {piece}", f"uh {piece}"])
            text = f"{text} {piece}" if text else piece
        return text, {key: span for key, span in slots.items() if span[0] < span[1]}

    def _person(self) -> str:
        return self._pick(self._people).lower()

    def _stranger(self) -> str:
        return f"{self._pick(lists.PEOPLE)} {self._pick(names.FAMILY)}".lower()

    def _vendor(self) -> str:
        style = self._chance.random()
        if style < 0.4:
            return f"{self._firm()} {self._pick(names.TRADES)}"
        if style < 0.8:
            return self._firm()
        return f"{self._firm()} and {self._pick([*names.PARTNERS, self._firm()])}"

    def _firm(self) -> str:
        style = self._chance.random()
        if style < 0.35:
            return "".join(self._pick(names.SOUNDS) for _ in range(self._chance.randint(2, 3)))
        return self._pick(names.FAMILY if style < 0.5 else names.FIRMS)

    def _amount(self) -> str:
        money = self._pick(["euros", "euros", "dollars", "pounds"])
        low, high = self._pick([(5, 99), (10, 990), (100, 9900), (100, 9999)])
        value = self._chance.randint(low, high)
        value -= value % self._pick([1, 10, 100]) if value > 500 else 0
        style = self._chance.random()
        if style < 0.3:
            return f"{value} {money}"
        if style < 0.4:
            return f"{value:,}.{self._chance.randint(10, 99)} {money}"
        if style < 0.48:
            return f"{self._pick(['€', '$', '£'])}{value}"
        if style < 0.55:
            return f"{self._chance.randint(1, 30)}k {money}"
        if style < 0.63:
            return f"{num2words(self._chance.randint(11, 29))} hundred {money}"
        if style < 0.68:
            return f"{self._pick(['a hundred', 'a thousand', 'two and a half thousand', 'a million'])} {money}"
        said = num2words(value).replace(",", "")
        ending = f" {num2words(self._chance.randint(1, 9) * 10)}" if style > 0.92 else ""
        return f"{said.replace('-', ' ')} {money}{ending}"

    def _number(self) -> str:
        digits = str(self._chance.randint(100, 99999))
        style = self._chance.random()
        if style < 0.5:
            return digits
        if style < 0.62:
            return f"{self._pick(['inv', 'in', 're', 'a', 'po', 'f'])}-{digits}"
        spoken = [num2words(int(digit)) for digit in digits[:4]]
        return " ".join("oh" if word == "zero" and self._chance.random() < 0.6 else word for word in spoken)

    def _flow(self) -> str:
        return self._pick(tuple(names.WORKFLOWS))

    def _due(self) -> str:
        return self._pick(self._chance.choice([lists.DUE, names.DUE]))

    def _do(self) -> str:
        style = self._chance.random()
        if style < 0.24:
            return self._pick(self._chance.choice([lists.DO, names.DO]))
        if style < 0.28:
            return self._pick(names.CLAUSES)
        if style < 0.34:
            return f"{self._pick(names.SPEAKING)} {self._state()}"
        if style < 0.37:
            return f"get {self._pick(['someone', 'somebody', 'the plumber'])} to {self._plain_do()}"
        if style < 0.41:
            return f"{self._plain_do()} and {self._plain_do()}"
        return self._plain_do()

    def _plain_do(self) -> str:
        """A verb and what it is about: "hang up the sign in the hall", "ring the bank back"."""
        place = self._place() if self._chance.random() < 0.3 else ""
        noun = self._noun(self._pick(names.ARTICLES))
        if self._chance.random() < 0.15:
            verb, behind = self._pick(names.BEHIND)
            return f"{verb} {noun} {behind}{place}"
        return f"{self._pick(names.VERBS)} {noun}{place}"

    def _state(self) -> str:
        """Something that is the case: "the pump in the cellar is loose"."""
        if self._chance.random() < 0.35:
            return self._pick(names.STATES)
        place = self._place() if self._chance.random() < 0.2 else ""
        return f"{self._noun(self._pick(['the', 'the', 'the', 'our', 'his']))}{place} {self._pick(names.SYMPTOMS)}"

    def _wondered(self) -> str:
        """Something that may be the case: "he called the bank"."""
        if self._chance.random() < 0.4:
            return self._state()
        return f"{self._pick(['he', 'she', 'they', 'somebody'])} {self._turned(_past)}"

    def _noun(self, article: str) -> str:
        style = self._chance.random()
        if style < 0.25:
            return f"{article} {self._pick(names.THINGS)}"
        if style < 0.4:
            return f"{article} {self._pick(names.HEADS)}"
        return f"{article} {self._pick(names.MODIFIERS)} {self._pick(names.HEADS)}"

    def _place(self) -> str:
        if self._chance.random() < 0.4:
            return f" {self._pick(names.PLACES)}"
        return f" {self._pick(['to', 'with', 'from', 'for', 'at', 'of', 'in', 'about'])} {self._pick(names.ABOUT)}"

    def _turned(self, form: Callable[[str], str]) -> str:
        verb, _, rest = self._do().partition(" ")
        return f"{form(verb)} {rest}"

    def _thing(self) -> str:
        article = self._pick(["the", "the", "the", "my", "our", "that"])
        style = self._chance.random()
        if style < 0.2:
            return f"{self._noun(article)}{self._place()}"
        if style < 0.4:
            return f"{self._noun(article)} {self._pick(names.DEEDS)}"
        return self._noun(article)

    def _chat(self) -> str:
        while True:
            example = self._talk.examples(1)[0]
            if example.kind.value in ("none", "decision"):
                return example.text


def read_phrases(path: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The parts (one line each) and the patterns of a file, by name."""
    parts: dict[str, list[str]] = {}
    patterns: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            sort, name = line.split()[1:]
            lines = (parts if sort == "part" else patterns).setdefault(name, [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return parts, patterns


def _in(name: str, words: str) -> str:
    return f"⟦{name}⟧{words}⟧"


def _past(base: str) -> str:
    return lists.PAST_FORMS.get(base) or next(
        (form for form, root in PASTS.items() if root == base and form != base), base
    )
