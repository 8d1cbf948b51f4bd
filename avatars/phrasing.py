"""What a colleague says: short sentences, natural verb forms, dates as people say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from avatars.verbs import ACTION_VERBS, VERBS, third_person, word_set
from avatars.words import MONTHS, WEEKDAYS
from workflows.errors import Conflict, NotAllowed, NotFound, TaskError, WorkflowError
from workflows.task import Task, TaskState

_LONGEST = 18
"""Words of a task that are read aloud; the board has the rest."""
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_OBJECT_STARTS = word_set(
    "the a an our my their his her this that these those all some new it them two three four five"
)


def ordinal(number: int) -> str:
    """27 -> "27th", 1 -> "1st"."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def spoken_date(day: date, today: date) -> str:
    """ "today", "tomorrow", "Friday, the 27th", "Thursday, the 3rd of December"."""
    if day == today:
        return "today"
    if day == today + timedelta(days=1):
        return "tomorrow"
    text = f"{WEEKDAYS[day.weekday()].capitalize()}, the {ordinal(day.day)}"
    if (day.year, day.month) != (today.year, today.month):
        text += f" of {MONTHS[day.month - 1].capitalize()}"
    if day.year != today.year and (day - today).days > 180:
        text += f" {day.year}"
    return text


def deadline(due: date | None, phrase: str | None, today: date) -> str:
    """ "by Friday, the 27th"; the words as they were said when they could not be resolved; "" without any."""
    if due is not None:
        if due == today or (due == today + timedelta(days=1) and phrase and not phrase.startswith("by")):
            return spoken_date(due, today)
        return f"by {spoken_date(due, today)}"
    return phrase or ""


def does(task: str, *, plural: bool = False) -> str:
    """ "Send the budget and book a room" -> "sends the budget and books a room"."""
    words = task.split()
    if not words:
        return ""
    result = [_inflect(words[0].lower(), plural)]
    for index in range(1, len(words)):
        word = words[index]
        following = words[index + 1].lower() if index + 1 < len(words) else ""
        again = words[index - 1].lower() in ("and", "then") and word.lower() in ACTION_VERBS
        result.append(_inflect(word, plural) if again and following in _OBJECT_STARTS else word)
    return " ".join(result)


def _inflect(verb: str, plural: bool) -> str:
    return verb if plural or verb not in VERBS else third_person(verb)


def statement(task: str, owner_name: str | None, due: date | None, phrase: str | None, today: date) -> str:
    """ "Bo sends the budget to finance by Friday, the 27th"; without an owner an order."""
    short = _short(task)
    when = deadline(due, phrase, today)
    if not owner_name:
        body = short[:1].lower() + short[1:]
    else:
        body = f"{owner_name} {does(short, plural=' and ' in owner_name)}"
    return f"{body} {when}".strip()


def _short(task: str) -> str:
    words = task.split()
    return task if len(words) <= _LONGEST else " ".join(words[:_LONGEST])


def confirm(owned: Sequence[str], unowned: Sequence[str]) -> str:
    """One short answer for all that was just noted.

    Args:
        owned: statements with an owner.
        unowned: orders nobody has taken yet.
    """
    parts: list[str] = []
    if owned:
        parts.append(f"Noted. {sentence(joined(owned))}")
    if unowned:
        opening = "And open" if owned else "Noted"
        parts.append(f"{opening}: {joined(unowned)}. Who takes {'it' if len(unowned) == 1 else 'them'}?")
    return " ".join(parts)


def not_kept(task: Task | None, error: WorkflowError, today: date) -> str:
    """Why nothing was changed or noted, and how it stands now, in one sentence.

    Args:
        task: as it is now; None: there is none.
        error: what the store said.
        today: where the office is.
    """
    if isinstance(error, TaskError):
        return f"I cannot do that: {error.reason}."
    if not isinstance(error, Conflict | NotAllowed | NotFound):
        return "I could not write that down just now; please say it again in a moment."
    if task is None:
        return "I cannot find that task any more."
    opening = "Somebody was faster" if isinstance(error, Conflict) else "I left it as it is"
    said = statement(task.text, task.owner_name, task.due, None, today)
    return f"{opening}: {said.rstrip('.')}, and that {_STANDS[task.state]}."


_STANDS = {
    TaskState.PROPOSED: "is only proposed",
    TaskState.OPEN: "is open",
    TaskState.ACCEPTED: "has been accepted",
    TaskState.DONE: "is done",
    TaskState.DECLINED: "was declined",
    TaskState.OVERDUE: "is overdue",
    TaskState.REJECTED: "was rejected",
}


def joined(items: Sequence[str]) -> str:
    """ "a", "a, and b", "a, b, and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])}, and {items[-1]}"


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def open_tasks(tasks: Sequence[str], limit: int = 5) -> str:
    """What is still to be done, read aloud."""
    if not tasks:
        return "There are no open tasks."
    number = _NUMBERS[len(tasks)] if len(tasks) < len(_NUMBERS) else str(len(tasks))
    opening = "There is one open task" if len(tasks) == 1 else f"There are {number} open tasks"
    shown = [task.strip().rstrip(".") for task in tasks[:limit]]
    rest = len(tasks) - len(shown)
    more = f" And {rest} more on the board." if rest else ""
    return f"{opening}. {' '.join(sentence(task) for task in shown)}{more}"
