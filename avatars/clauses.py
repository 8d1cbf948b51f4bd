"""Cut an utterance into clauses: by punctuation, by pauses, and by words that can only begin a new one.

Recognisers write no punctuation, and people say two things in one breath ("the release went well bo will send
the budget by friday lin will check the contract"). A pause is a strong hint, but people also pause in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from avatars.edges import is_date, is_date_end, is_full_stop, join_rests
from avatars.names import tag
from avatars.recognizer import Present
from avatars.verbs import ACTION_VERBS, GERUNDS, PASTS, THIRD_PERSON, is_base, word_set
from avatars.words import CONNECTORS, WEEKDAYS, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSettings:
    """What counts as a pause."""

    pause_seconds: float = 0.2
    """Silence between two words that may end a clause."""
    long_pause_seconds: float = 0.9
    """Silence that ends a clause whatever the words are (unless they plainly go on)."""


_GOES_ON_AFTER = word_set(
    "the a an to of for with by from in on at into about and or but will shall can could should would must is "
    "are was were my our your his her their this that these those not be have has had i we he she they going "
    "need needs if because as than very so no every each via per until before after next please let just also "
    "then maybe ada note"
)
"""A clause does not end on these."""
_MAY_STOP = word_set("maybe then so no not")
"""Of these, the ones that may still be a sentence's last word."""
_CONTINUES = word_set(
    "to of for with by from in on at into about than via per until till before after during within latest "
    "tomorrow today tonight next or as using including regarding without instead too please noon morning "
    "afternoon evening"
)
"""A clause does not begin with these when the words before still want more (a lone rest of a sentence)."""
_SUBORDINATORS = word_set(
    "that if when whether because until before after while once unless since as so think thinks thought guess "
    "believe hope hoped wish know knows knew say says said hear heard sure told tell tells asked ask what who "
    "which where how why whatever whoever suppose assume assuming imagine although though means mean where "
    "meaning afraid glad confirm confirmed note check see wonder wondering doubt expect decide decided agreed "
    "promise promised than like"
)
"""After these a subject and its verb belong to what came before."""
_ASKING = word_set("can could would will")
_FUTURE = word_set("will shall")
_MODAL = word_set("will shall can could should must would might may")
_SUBJECTS = word_set("i we you he she they everyone everybody somebody someone nobody it")
_OPENERS = word_set("if when because unless although though since once after before while whether suppose imagine")
_DETERMINERS = word_set("the a an our my their his her your this that these those")
_BE = word_set("is are was were has needs")
_MAY_END = word_set("well good great fine perfect right now like next first sure cool anyway finally exactly")
"""Connectors that may as well be the last word of what came before."""
_TAKES_OBJECT = word_set(
    "do take on of for with about like at after by handle manage from into know hear see than than tell"
)
_INTERJECTION_ENDS = word_set(
    "yet point idea problem please course news luck thanks thank question worries that's all"
)
_WH = word_set("who what when where how why")
_ASKS = word_set(
    "know tell see show ask of about and to on with for in at is are was remember me you us explain clear sure"
)
_DISCOURSE = word_set(
    "thanks thank welcome good great sure yes yeah no okay ok perfect right exactly hello hi sorry nice"
)
"""After a pause these open something new."""
_QUESTION_AUX = word_set("is are was were do does did can could will would should has have")


def split(
    tokens: Sequence[Token], present: Sequence[Present], settings: SplitSettings | None = None
) -> list[tuple[Token, ...]]:
    """Cut tokens into clauses, in order; connectors between two stay with the second.

    Args:
        tokens: of one utterance, with pauses where they are known.
        present: people whose names may open a clause.
        settings: what counts as a pause.
    """
    chosen = settings or SplitSettings()
    tags = tag([token.norm for token in tokens], present)
    clauses: list[tuple[Token, ...]] = []
    begin = 0
    for index in range(1, len(tokens)):
        if _ends_here(tokens, tags, begin, index, chosen):
            clauses.append(tuple(tokens[begin:index]))
            begin = index
    if begin < len(tokens):
        clauses.append(tuple(tokens[begin:]))
    return join_rests(clauses, present)


def _ends_here(
    tokens: Sequence[Token], tags: Sequence[str], begin: int, index: int, settings: SplitSettings
) -> bool:
    """Whether a clause ends in front of token `index`."""
    stop, gap = tokens[index - 1].stop, tokens[index].gap
    if stop in (".", "?", "!", ";", "…"):
        return True
    if tags[index] == "@":
        return False
    if tags[index] == "please" and tokens[index].stop in (".", "?", "!"):
        return False
    conditional = _is_open_condition(tags, begin, index)
    if _wants_more(tags, begin, index):
        return False
    if tags[index - 1] in _GOES_ON_AFTER and not _is_hanging_name(tags, index) and not _closes(tags, index):
        if tags[index - 1] in _MAY_STOP and gap >= settings.pause_seconds:
            return index - begin >= 2 and _starts_clause(tags, index)
        return gap >= settings.long_pause_seconds and _starts_clause(tags, index) and tags[index - 1] in CONNECTORS
    starts = _starts_clause(tags, index)
    if gap >= settings.pause_seconds and not conditional:
        if starts or gap >= settings.long_pause_seconds:
            return tags[index] not in _CONTINUES or gap >= 2 * settings.long_pause_seconds
        return tags[index] not in _CONTINUES and not is_date(tags, index) and _has_verb(tags[index:])
    if stop in (",", ":", "–", "—"):  # noqa: RUF001
        return starts and not conditional and _is_full(tags, begin, index)
    if conditional or not (_is_full(tags, begin, index) or _is_interjection(tags, begin, index)):
        return False
    return _starts_unmarked(tags, index)


def _wants_more(tags: Sequence[str], begin: int, index: int) -> bool:
    """ "could you |", "Bo will send | the budget": the verb or its object is still to come."""
    if index - begin < 2:
        return False
    last, before = tags[index - 1], tags[index - 2]
    if last.startswith("@") and before == "you" and index - begin >= 3 and tags[index - 3] in _ASKING:
        return True
    if (last == "you" or last.startswith("@")) and before in ("can", "could", "would", "will", "ask", "need"):
        return True
    return is_base(last) and (before in _MODAL or before in ("to", "please")) and tags[index] in _DETERMINERS


def _closes(tags: Sequence[str], index: int) -> bool:
    """ "I can do that | I'll order it": a pronoun that is an object may end a clause."""
    if index < 2 or tags[index - 1] not in ("that", "this", "these", "those", "her", "his", "yours"):
        return False
    promises = tags[index] in ("i", "we") and tags[index + 1 : index + 2] == ["will"]
    return tags[index - 2] in _TAKES_OBJECT or (promises and tags[index - 2] in ACTION_VERBS)


def _is_interjection(tags: Sequence[str], begin: int, index: int) -> bool:
    """ "not yet", "good point", "yes please": short, without a verb, cut off without harm."""
    words = tags[begin:index]
    return (
        1 <= len(words) <= 3
        and not any(
            word.startswith("@") or word in _MODAL or word in _SUBJECTS or word in _SUBORDINATORS
            for word in words[:-1] or words
        )
        and words[-1] in _INTERJECTION_ENDS
    )


def _is_hanging_name(tags: Sequence[str], index: int) -> bool:
    return tags[index - 1] == "please"


def _is_open_condition(tags: Sequence[str], begin: int, index: int) -> bool:
    """ "if the customer agrees | we will ship": both halves belong together, once."""
    first = begin
    while first < index and tags[first] in CONNECTORS:
        first += 1
    if first >= index or tags[first] not in _OPENERS:
        return False
    verbs = sum(tags[place] in _MODAL for place in range(first, index))
    return verbs == 0


def _is_full(tags: Sequence[str], begin: int, index: int) -> bool:
    """Whether the words so far can be a clause of their own."""
    own = [word for word in tags[begin:index] if word not in CONNECTORS and not word.startswith("@")]
    return len(own) >= 2 and _has_verb(tags[begin:index])


def _has_verb(tags: Sequence[str]) -> bool:
    return any(
        word in PASTS or word in THIRD_PERSON or word in GERUNDS or is_base(word) or word in _MODAL
        or word in ("is", "are", "was", "were", "am", "has", "had", "us")
        for word in tags[:12]
    )  # fmt: skip


def _skip_connectors(tags: Sequence[str], index: int) -> int:
    while index < len(tags) and tags[index] in CONNECTORS:
        index += 1
    return index


def _starts_clause(tags: Sequence[str], index: int) -> bool:
    """Whether a subject with a verb, a question or an order can begin here (weak: used beside a pause)."""
    if tags[index] in _DISCOURSE:
        return True
    at = _skip_connectors(tags, index)
    if at >= len(tags):
        return False
    word = tags[at]
    following = tags[at + 1] if at + 1 < len(tags) else ""
    if word in _SUBJECTS or word.startswith("@") or word in _OPENERS or word in ("let", "please", "what", "who"):
        return True
    if word in _QUESTION_AUX and (
        following in _SUBJECTS or following in _DETERMINERS or following.startswith("@")
    ):
        return True
    if word in _DETERMINERS or word in ("there", "that", "nobody", "some", "no", "how", "why", "where"):
        return any(other in _MODAL or other in PASTS or other in _BE for other in tags[at + 1 : at + 7])
    return is_base(word) and following in _DETERMINERS


def _starts_unmarked(tags: Sequence[str], index: int) -> bool:
    """Whether the words alone prove that a new clause begins here."""
    before = tags[index - 1]
    if tags[index] in _MAY_END:
        return False
    at = _skip_connectors(tags, index)
    joined = at > index
    if (
        at >= len(tags)
        or (before in _SUBORDINATORS and not _closes(tags, index))
        or (joined and tags[index] == "so" and before in _SUBORDINATORS)
    ):
        return False
    word, second, third = (tags[at + offset] if at + offset < len(tags) else "" for offset in range(3))
    if word == "let" and second in ("me", "us"):
        return True
    if word == "please" and joined and (is_base(second) or second == "remember"):
        return True
    if word in ("can", "could", "would", "will") and (second == "you" or second.startswith("@")) and third:
        return not (word == "will" and before.startswith("@"))
    if word in _WH and second in (*_QUESTION_AUX, "wants", "many", "much", "about") and before not in _ASKS:
        return True
    if word in ("we", "i") and second in ("decided", "agreed"):
        return True
    if word in _SUBJECTS and word != "it" and (second in _FUTURE or (second == "am" and third == "going")):
        return not _is_relative(tags, at, before)
    if (word, second, third) == ("i", "would", "like") and not before.startswith("@"):
        return True
    if word in _SUBJECTS and joined and word != "it":
        return True
    if word.startswith("@"):
        last = at
        while last + 1 < len(tags) and (tags[last + 1].startswith("@") or tags[last + 1] == "and"):
            last += 1
        after = tags[last + 1] if last + 1 < len(tags) else ""
        further = tags[last + 2] if last + 2 < len(tags) else ""
        if before in (
            "can",
            "could",
            "would",
            "will",
            "ask",
            "tell",
            "need",
            "for",
            "with",
            "to",
            "from",
            "and",
            "by",
        ):
            return False
        if after == "i" and further in ("would", "need", "want"):
            return True
        if after in ("will", "shall", "please") or (after in ("can", "could") and further):
            return True
        if after in ("is", "needs", "has", "should", "must") and (joined or further in ("going", "to")):
            return True
        return joined and (after in PASTS or after in THIRD_PERSON)
    if joined and word in _DETERMINERS:
        return any(
            tags[place] in _MODAL or tags[place] in ("is", "was", "are", "were", "has", "needs")
            for place in range(at + 1, min(at + 5, len(tags)))
        )
    if word in _DETERMINERS and not joined and _is_due_thing(tags, at) and before not in _ASKS:
        return True
    if word in _DETERMINERS and not joined:
        return (is_date_end(tags, index) or is_full_stop(before)) and any(
            tags[place] in ("will", "is", "was", "has", "are", "were")
            for place in range(at + 1, min(at + 4, len(tags)))
        )
    return second in _FUTURE and not joined and _is_unknown_name(word) and third != "" and is_date_end(tags, index)


def _is_due_thing(tags: Sequence[str], at: int) -> bool:
    """ "the exact number has to be checked"."""
    for place in range(at + 2, min(at + 6, len(tags) - 2)):
        if tags[place] in ("has", "have", "needs", "need") and tags[place + 1 : place + 3] == ["to", "be"]:
            return True
        if tags[place] == "must" and tags[place + 1] == "be":
            return True
    return False


def _is_relative(tags: Sequence[str], at: int, before: str) -> bool:
    """ "the slides we will show": the pronoun opens a relative clause."""
    return (
        tags[at] in ("we", "you", "they")
        and tags[at - 1] == before
        and before not in WEEKDAYS
        and at >= 2
        and (tags[at - 2] in _DETERMINERS)
    )


def _is_unknown_name(word: str) -> bool:
    return word.isalpha() and word not in CONNECTORS and word not in _SUBORDINATORS
