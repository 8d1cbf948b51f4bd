"""Generated office talk: clauses with their kind, misheard as a weak recogniser would mishear them.

Nothing here is recorded speech. The word lists are broad on purpose and know nothing of the held-out clauses.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from avatars.intent import IntentKind
from avatars.recognizer import Present, PresentKind
from avatars.training import wordlists as lists
from avatars.training.channel import Channel
from avatars.verbs import PASTS, base_of, gerund, third_person


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A clause, what it is, and who was there."""

    text: str
    kind: IntentKind
    present: tuple[Present, ...]


HEARD = 0.2
"""Share of misheard clauses that pass through the channel of a recogniser."""
ADA = Present(id="ada", name="Ada", kind=PresentKind.AVATAR)
_SLOT = re.compile(r"\{(\w+)\}")


class Talk:
    """Makes clauses from a seeded source of chance."""

    def __init__(
        self,
        seed: int,
        *,
        cast: Sequence[str] = lists.PEOPLE,
        misheard: bool = True,
        channel: Channel | None = None,
    ) -> None:
        """Begin.

        Args:
            seed: of the chance.
            cast: who may be there; five at least.
            misheard: whether more than half of the clauses are as a weak recogniser would write them.
            channel: how half of these are misheard; None: all of them by lists of words that sound alike.
        """
        self._chance = random.Random(seed)
        self._cast = cast
        self._misheard = misheard
        self._channel = channel
        self._people: list[str] = []

    def examples(self, number: int) -> list[Example]:
        """That many clauses, the kinds in the proportions of `lists.SHARES`."""
        kinds = [kind for kind, share in lists.SHARES for _ in range(share)]
        return [self._example(self._chance.choice(kinds)) for _ in range(number)]

    def _example(self, kind: str) -> Example:
        self._people = self._chance.sample(self._cast, self._chance.randint(2, 5))
        templates = lists.TEMPLATES[kind]
        text = self._fill(self._chance.choice(templates))
        if kind != "request" and self._chance.random() < 0.25:
            text = f"{self._chance.choice(lists.OPENINGS)} {text}"
        if self._chance.random() < 0.08:
            text = f"{text} {self._chance.choice(lists.CLOSINGS)}"
        present = (*(Present(id=name.lower(), name=name) for name in self._people), ADA)
        text = " ".join(text.split()).lower()
        if self._misheard and self._chance.random() < 0.55:
            text = self._mishear(text)
        return Example(text=text, kind=IntentKind(kind.split("/")[0]), present=present)

    def _fill(self, template: str) -> str:
        """Fill {slots} from the lists until none is left."""
        for _ in range(8):
            if "{" not in template:
                break
            template = _SLOT.sub(lambda match: self._slot(match.group(1)), template)
        return template

    def _slot(self, name: str) -> str:
        choose = self._chance.choice
        forms: dict[str, Callable[[], str]] = {
            "name": lambda: choose(self._people),
            "stranger": lambda: choose([name for name in self._cast if name not in self._people]),
            "names": lambda: " and ".join(self._chance.sample(self._people, 2)),
            "do": lambda: choose(lists.DO),
            "does": lambda: self._inflect(choose(lists.DO), third_person),
            "doing": lambda: self._inflect(choose(lists.DO), gerund),
            "did": lambda: self._inflect(choose(lists.DO), _past),
            "done": lambda: self._inflect(choose(lists.DO), _participle),
            "due": lambda: choose(lists.DUE),
            "due_or_not": lambda: choose(lists.DUE) if self._chance.random() < 0.55 else "",
            "n": lambda: choose(["two", "three", "four", "five", "six", "ten"]),
        }
        if name in forms:
            return forms[name]()
        return choose(lists.FILL[name])

    def _inflect(self, phrase: str, form: Callable[[str], str]) -> str:
        verb, _, rest = phrase.partition(" ")
        return f"{form(verb)} {rest}"

    def _mishear(self, text: str) -> str:
        """As the recogniser that comes along made of such words, or as another that is better or worse might."""
        if self._channel is not None and self._chance.random() < HEARD:
            return self._channel.passed(text, {}, self._chance)[0] or text
        return self._muddle(text)

    def _muddle(self, text: str) -> str:
        """Drop, replace and add words at a rate drawn anew for each clause."""
        rate = self._chance.uniform(0.02, 0.18)
        heard: list[str] = []
        for word in text.split():
            if self._chance.random() > rate:
                heard.append(word)
                continue
            like = lists.SOUNDS_LIKE.get(word)
            if like and self._chance.random() < 0.7:
                heard.append(self._chance.choice(like))
            elif word in lists.CARRIES_MEANING or word in PASTS or word.endswith(("n't", "'ll")):
                heard.append(word)
            elif word in lists.LIGHT:
                if self._chance.random() < 0.5:
                    heard.append(self._chance.choice(lists.LIGHT))
            else:
                heard.append(self._chance.choice(lists.ANY))
            if self._chance.random() < 0.1:
                heard.append(self._chance.choice(lists.LIGHT))
        return " ".join(heard)


def _past(base: str) -> str:
    return lists.PAST_FORMS.get(base) or next(
        (form for form, root in PASTS.items() if root == base and form != base), base
    )


def _participle(base: str) -> str:
    return lists.PARTICIPLES.get(base, _past(base))


def check(lines: Sequence[str]) -> None:
    """Raise when a work phrase does not begin with a verb the grammar knows.

    Raises:
        ValueError: names the phrase.
    """
    for line in lines:
        if base_of(line.split()[0]) is None:
            raise ValueError(f"'{line}' does not begin with a known verb: add it to avatars/verbs.py")
