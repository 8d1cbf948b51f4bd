"""What a colleague remembers of a meeting, so that nothing is noted twice and "I'll do that" means something."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz.fuzz import ratio

from avatars.reference import same_thing, share_thing
from avatars.verbs import base_of, word_set
from workflows.task import Task

_SMALL = word_set(
    "the a an of to for with by from in on at and or our my their his her your this that these those it them "
    "all some please also then up out over about into as new"
)
_BACK = re.compile(
    r"^(do|take|handle|manage|get|own|finish|cover|fix|sort|grab|make|start|take care of|look after|look into|"
    r"take over|take on|see to|work on|deal with)( that| it| this| them| those| that one| this one| both)"
    r"( on| over| out| up| done)?"
    r"( right away| straight away| right after .*| after .*| before .*| then| too| today| first)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A task that was noted in this meeting."""

    key: str
    """The utterance it came from and its number there: see `key_of`."""
    text: str
    owner_id: str | None
    owner_name: str | None
    due: date | None
    due_phrase: str | None
    at: float
    """When, seconds on the caller's clock."""
    speaker: str


class Memory:
    """The tasks and decisions of one meeting (or of the last minutes, outside of meetings)."""

    def __init__(self, keep_seconds: float = 4 * 3600.0) -> None:
        self._keep = keep_seconds
        self._meeting: str | None = None
        self._tasks: list[Noted] = []
        self._dropped: dict[str, Noted] = {}
        self._decisions: list[str] = []
        self._heard: dict[str, float] = {}

    def enter(self, meeting: str | None, now: float) -> None:
        """Begin anew when the meeting is another one, and forget what is long past."""
        if meeting != self._meeting:
            self._meeting = meeting
            self._tasks.clear()
            self._dropped.clear()
            self._decisions.clear()
        self._tasks = [task for task in self._tasks if now - task.at <= self._keep]
        self._dropped = {key: task for key, task in self._dropped.items() if now - task.at <= self._keep}
        self._heard = {key: at for key, at in self._heard.items() if now - at <= self._keep}

    def first_time(self, utterance: str, now: float) -> bool:
        """Whether this utterance is new; from now on it is not."""
        if utterance in self._heard:
            return False
        self._heard[utterance] = now
        return True

    def note(self, task: Noted) -> None:
        """Remember a task; one with the same key is replaced."""
        self._tasks = [*(known for known in self._tasks if known.key != task.key), task]

    def change(self, key: str, **values: str | date | None) -> Noted | None:
        """Fill in values of a task; None values change nothing."""
        for place, task in enumerate(self._tasks):
            if task.key == key:
                given = {name: value for name, value in values.items() if value is not None}
                self._tasks[place] = replace(task, **given)  # type: ignore[arg-type]
                return self._tasks[place]
        return None

    def forget(self, key: str) -> Noted | None:
        """A task is not to be done any more; gives it, if it was known."""
        found = next((task for task in self._tasks if task.key == key), None)
        self._tasks = [task for task in self._tasks if task is not found]
        if found is not None:
            self._dropped[key] = found
        return found

    def stands(self, key: str, task: Task) -> None:
        """A change of a task was not kept: this is how it stands."""
        known = next((one for one in self._tasks if one.key == key), self._dropped.pop(key, None))
        if known is not None:
            self.note(
                replace(
                    known,
                    text=task.text,
                    owner_id=task.owner_id,
                    owner_name=task.owner_name,
                    due=task.due,
                    due_phrase=task.due_phrase,
                )
            )

    def same(
        self,
        text: str,
        owner_id: str | None,
        owner_name: str | None,
        *,
        due: date | None = None,
        summing_up: bool = False,
    ) -> Noted | None:
        """The task that says the same for the same owner (or for nobody yet).

        Args:
            text: of the task in hand.
            owner_id: who takes it.
            owner_name: their name.
            due: its day.
            summing_up: whether it was said while repeating what was agreed: then less has to be the same.
        """
        for task in reversed(self._tasks):
            strangers = (
                (task.owner_id or task.owner_name)
                and (owner_id or owner_name)
                and (task.owner_id, task.owner_name) != (owner_id, owner_name)
            )
            if not strangers and alike(task.text, text):
                return task
            mine = bool(owner_id or owner_name) and (task.owner_id, task.owner_name) == (owner_id, owner_name)
            free = due is None or task.due is None or due == task.due
            if mine and free and (same_thing(task.text, text) or (summing_up and share_thing(task.text, text))):
                return task
        return None

    def last(self, now: float, within: float) -> Noted | None:
        """The task noted last, if that was not long ago."""
        task = max(self._tasks, key=lambda task: task.at, default=None)
        return task if task is not None and now - task.at <= within else None

    def decide(self, text: str) -> bool:
        """Remember a decision; False when it is known already."""
        if any(alike(text, known) for known in self._decisions):
            return False
        self._decisions.append(text)
        return True

    @property
    def decisions(self) -> tuple[str, ...]:
        """All decisions of this meeting, in order."""
        return tuple(self._decisions)

    @property
    def tasks(self) -> tuple[Noted, ...]:
        """All tasks of this meeting, in order."""
        return tuple(self._tasks)


def key_of(utterance: str, number: int) -> str:
    """The key of the task that was heard as one of several in an utterance, counted from 0."""
    return f"{utterance}:{number}"


def utterance_of(key: str) -> str:
    """The utterance a task of this key came from."""
    return key.rpartition(":")[0]


def points_back(text: str) -> bool:
    """Whether a task says only "do that": it means something said before."""
    return _BACK.match(text.strip()) is not None


_PRONOUN_OBJECT = re.compile(r"^(\w+) (it|them|him|her|that|this)( (back|again|up|about it))?$", re.IGNORECASE)


def object_is_pronoun(text: str) -> bool:
    """Whether a task is only a verb and "it" or "them": what, was said before."""
    return _PRONOUN_OBJECT.match(text.strip()) is not None


def alike(first: str, second: str) -> bool:
    """Whether two task texts mean the same work, as far as their words tell."""
    one, other = content_words(first), content_words(second)
    short = _PRONOUN_OBJECT.match(second.strip())
    if short is not None and one and base_of(short.group(1).lower()) == one[0]:
        return True
    if not one or not other:
        return first.strip().lower() == second.strip().lower()
    small, large = sorted((one, other), key=len)
    shared = sum(any(word == known or ratio(word, known) >= 82 for known in large) for word in small)
    if shared == len(small) and len(small) >= 2:
        return True
    return shared / (len(small) + len(large) - shared) >= 0.6


def content_words(text: str) -> list[str]:
    """The words of a task that say what it is about, verbs in their base form, each once."""
    words: Iterable[str] = re.findall(r"[a-z0-9]+", text.lower())
    return list(dict.fromkeys(base_of(word) or word for word in words if word not in _SMALL))
