"""What grammar rules out: the heads see one clause and are sometimes too eager, grammar is not."""

from __future__ import annotations

from avatars.cursor import is_name
from avatars.grammar import Force, Reading
from avatars.verbs import VERBS, word_set
from avatars.words import CONNECTORS

NOT_OWNERS = word_set(
    "i we you he she they it that this there which who what everyone everybody somebody someone nobody "
    "anybody anyone one all both people things nothing something anything each none those these not so"
)
"""Subjects that are nobody's name."""
NO_THINGS = word_set(
    "the a an my our your his her their this that these those it i we you he she they not no some any one two "
    "three four five six seven eight nine ten and or but of to in on at by for with there here what who very "
    "so too more"
)
"""Words that are neither a verb nor begin a name."""
_NO_ORDERS = word_set(
    "come join attend like know want need remember think hope wish mind believe see hear love hate understand "
    "wait mean guess wonder be feel live stay enjoy agree imagine forget stop sit lose win miss matter happen "
    "seem look excuse smell cost last"
)
_BEGINNINGS = word_set("start begin go continue proceed")
_UNDER_WAY = word_set("work wait try look think struggle meet see visit")
"""What somebody "is doing" with these is news, not a promise."""
_MAY_LOOK = word_set("into after up over at for through")


def may_be_task(reading: Reading) -> bool:
    """Whether grammar allows a clause to be work for somebody; what it rules out, no head can bring back."""
    verb, tags = reading.verb, reading.tags
    following = tags[reading.verb_at + 1] if reading.verb_at + 1 < len(tags) else ""
    if (
        not verb
        or reading.negated
        or reading.force in (Force.DID, Force.NONE, Force.WOULD, Force.WANT, Force.PROPOSE)
    ):
        return False
    if reading.lead and {"if", "wish", "report", "propose"} & set(reading.lead):
        return False
    if not _is_committed(reading) or _is_at_once(reading, following):
        return False
    if verb in _BEGINNINGS and not following and not reading.dues:
        return False
    if verb == "look" and following in _MAY_LOOK:
        return True
    if tags[reading.verb_at - 2 : reading.verb_at] == ("responsible", "for"):
        return verb in VERBS or reading.subject != ("i",)
    if _is_no_work(reading, following) or _is_only_offered(reading):
        return False
    if verb in ("run", "go", "leave") and following in ("", "my", "now", "and", "because"):
        return False
    if verb == "be" or verb in NO_THINGS:
        return False
    return not (reading.force in (Force.ASK, Force.ORDER, Force.CAN, Force.DOING) and verb in _NO_ORDERS)


_NOT_DONE = frozenset(
    {("run", "out"), ("run", "late"), ("run", "short"), ("break", "down"), ("fall", "behind"), ("sell", "out"),
     ("see", "you"), ("see", "everybody"), ("see", "everyone"), ("meet", "you"),
     ("get", "better"), ("get", "worse")}
)  # fmt: skip
"""What happens, or is only said in parting."""


def _is_no_work(reading: Reading, following: str) -> bool:
    rest = reading.tags[reading.verb_at + 1 :]
    if reading.verb == "let":
        return "know" in rest[:4] and not reading.dues
    if reading.force is Force.DOING and reading.verb in _UNDER_WAY:
        return True
    return (reading.verb, following) in _NOT_DONE


def _is_only_offered(reading: Reading) -> bool:
    """ "I can send it if you want"."""
    tags = reading.tags
    offered = any(tags[place : place + 2] == ("if", "you") for place in range(reading.verb_at, len(tags) - 1))
    return reading.force is Force.CAN and offered and not reading.dues


def _is_committed(reading: Reading) -> bool:
    """Whether somebody takes it on: who is free to promise what, with a deadline and without.

    "Bo should send it" is an opinion, "Bo should send it by Friday" is work; what "the customer", "they" or
    "somebody" will do is news.
    """
    force = reading.force
    dated = any(due.day is not None or due.binding == 2 for due in reading.dues)
    first = reading.subject[0] if reading.subject else ""
    named = is_name(first)
    if force is Force.PASSIVE:
        at = reading.verb_at
        owned = any(
            tag == "by" and (is_name(reading.tags[place + 1]) or reading.tags[place + 1] == "me")
            for place, tag in enumerate(reading.tags[:-1])
            if place > at
        )
        return owned or (dated and "will" not in reading.tags[:at])
    match first:
        case "":
            return force is not Force.ORDER or _is_meant(reading)
        case "i":
            if force is Force.OUGHT:
                return dated and "hedge" not in reading.lead
            return force is not Force.ASK and (force is not Force.DOING or dated) and force is not Force.DOES
        case "you":
            if force is Force.OUGHT:
                return dated and "hedge" not in reading.lead
            return force is not Force.CAN and (force is not Force.DOES or dated)
        case "we" | "everybody" | "everyone":
            return dated and force in (Force.WILL, Force.GOING, Force.MUST, Force.DOING)
    if not named:
        return (
            len(reading.subject) == 1
            and first not in NOT_OWNERS
            and force in (Force.WILL, Force.GOING, Force.MUST)
        )
    match force:
        case Force.OUGHT | Force.CAN | Force.DOING:
            return dated
        case Force.DOES:
            return reading.verb != "have" and (dated or bool({"noted", "addressed"} & set(reading.lead)))
    return True


_AT_ONCE = word_set(
    "show tell start begin go explain say continue skip stop demonstrate use try walk keep leave admit give "
    "put repeat speak bring pass turn move open close play read get"
)
_TO_US = word_set("you me us that it this through with first now up down on back ahead a an again quickly to over")
_WORTH_A_TASK = word_set("quote update list feedback budget money")


def _is_at_once(reading: Reading, following: str) -> bool:
    """ "I'll show you", "can you go back": done in this very meeting, when no day is named."""
    if reading.dues or reading.verb not in _AT_ONCE or {"noted", "addressed"} & set(reading.lead):
        return False
    if reading.force not in (Force.WILL, Force.GOING, Force.OFFER, Force.ASK, Force.CAN):
        return False
    if reading.subject[:1] not in (("i",), ("you",)) and reading.force is not Force.ASK:
        return False
    rest = set(reading.tags[reading.verb_at + 1 :])
    if (reading.verb, following) == ("get", "back") or (following and following not in _TO_US):
        return False
    return not rest & _WORTH_A_TASK


def _is_meant(reading: Reading) -> bool:
    """A bare order counts when it is polite, dated, announced or has a name; else it is half a sentence."""
    tags = reading.tags
    return (
        bool(reading.dues)
        or bool({"please", "noted", "addressed", "request"} & set(reading.lead))
        or "please" in tags
        or any(is_name(tag) for tag in (*tags[: reading.asked_at + 1], *tags[-1:]))
        or tags[reading.verb_at - 2 : reading.verb_at] in (("forget", "to"), ("remember", "to"))
        or tags[reading.verb_at - 1 : reading.verb_at] == ("to",)
    )


_SETTLED = word_set("decided agreed decision settled settles decide final unanimous")
_CHOICE = word_set(
    "move postpone cancel drop keep go use switch stay stick raise hire start stop skip do split meet close "
    "buy accept reject launch renew freeze extend take change merge reduce choose hold cut add remove replace "
    "build settle delay continue pause move have make run work leave open offer sell pay invest introduce "
    "adopt ban allow limit"
)
_TALK = word_set(
    "see talk look wait plan hope get continue say think begin discuss try hear check be imagine face listen sit "
    "turn eat recap summarise summarize pretend assume"
)
_STATES = word_set(
    "cancelled postponed approved final settled fixed dropped rejected accepted moved confirmed off"
)
_THEN = word_set("then so okay ok agreed right alright fine good great")


def may_be_decision(reading: Reading) -> bool:
    """Whether grammar allows a clause to settle something."""
    tags, force, subject = reading.tags, reading.force, reading.subject[:1]
    if {"if", "wish", "report", "propose", "when"} & set(reading.lead):
        return False
    if "decided" in reading.lead or set(tags) & _SETTLED:
        return True
    if force is Force.PROPOSE:
        return ("let" in tags) and reading.verb not in _TALK and not _is_only_moving_on(reading)
    if subject == ("we",) and force in (Force.WILL, Force.GOING, Force.DOING):
        return reading.verb in _CHOICE
    if subject == ("we",) and force is Force.DOES:
        opening = next(iter(tags), "")
        return reading.verb in _CHOICE and (opening in _THEN or "now" in tags[:3] or bool(reading.lead))
    if force is Force.DID and reading.verb in ("choose", "pick", "settle", "opt", "agree", "decide"):
        return True
    if "moves" in tags[2:]:
        return True
    moves = reading.verb in ("move", "stay", "stop", "end") and force is Force.DOES
    return bool(reading.subject) and subject[0] not in ("i", "you") and (moves or bool(set(tags[1:]) & _STATES))


def _is_only_moving_on(reading: Reading) -> bool:
    """ "let's go on", "let's start": steers the talk, settles nothing."""
    rest = [tag for tag in reading.tags[reading.verb_at + 1 :] if tag not in CONNECTORS]
    if reading.verb == "go":
        return rest[:1] not in (["with"], ["for"])
    if reading.verb in ("move", "take", "have", "start", "do", "stop", "make"):
        return not rest or rest[0] in ("on", "back", "a", "it", "that", "here", "there", "this", "over", "with")
    return False
