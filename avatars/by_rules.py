"""What was meant, by grammar alone, while the models cannot be asked. It finds less, and is less sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from avatars.clause_reading import Clause, intent_of, read_clauses
from avatars.cursor import Force
from avatars.intent import Intent, IntentKind
from avatars.recognizer import Context
from avatars.verbs import ACTION_VERBS, word_set
from avatars.veto import may_be_decision, may_be_task
from media.utterance import Utterance

CONFIDENCE = 0.55
"""Of whatever is told by rules: enough to be proposed, and said to be unsure."""
_PROMISED = frozenset({Force.WILL, Force.GOING, Force.OFFER, Force.ASK, Force.ORDER, Force.ASSIGN, Force.MUST})
_ASKING = word_set("what who when where why how which whose")
_INVERTED = word_set("is are do does did can could will would should has shall")


class RuleRecognizer:
    """A `Recognizer` that needs no model and no process."""

    def __init__(self, heard_as: Mapping[str, Sequence[str]] | None = None) -> None:
        """`heard_as`: for the name of an avatar, other spellings under which recognisers write it."""
        self._heard_as = {name.lower(): tuple(forms) for name, forms in (heard_as or {}).items()}

    def recognize(self, utterance: Utterance, context: Context) -> list[Intent]:
        """Every clause that clearly means something, in the order spoken.

        Raises:
            ModelError: the time zone of the context is not known.
        """
        found: list[Intent] = []
        for clause in read_clauses(utterance, context, self._heard_as):
            kind = kind_of(clause)
            intent = None if kind is IntentKind.NONE else intent_of(utterance, context, clause, kind, CONFIDENCE)
            if intent is not None:
                found.append(intent)
        return found


def kind_of(clause: Clause) -> IntentKind:
    """What a clause is for, as far as grammar tells."""
    reading = clause.reading
    if may_be_task(reading) and reading.force in _PROMISED and reading.verb in ACTION_VERBS:
        return IntentKind.ACTION_ITEM
    if "addressed" in reading.lead:
        return IntentKind.REQUEST
    if clause.is_short:
        return IntentKind.NONE
    if ("decided" in reading.lead or "decided" in reading.tags) and may_be_decision(reading):
        return IntentKind.DECISION
    first = reading.tags[min(reading.asked_at, len(reading.tags) - 1)]
    if clause.tokens[-1].stop == "?" or first in _ASKING or (first in _INVERTED and reading.force is Force.NONE):
        return IntentKind.QUESTION
    return IntentKind.NONE
