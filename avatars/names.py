"""Names that a recogniser wrote as it heard them: who in the room is meant?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from avatars.recognizer import Present
from avatars.verbs import is_base, word_set

_SOUNDS = (
    ("eaux", "o"), ("eau", "o"), ("ough", "o"), ("igh", "ai"), ("sch", "s"), ("tch", "x"), ("ch", "x"),
    ("sh", "x"), ("ph", "f"), ("th", "t"), ("gh", "g"), ("kn", "n"), ("wr", "r"), ("wh", "w"), ("ck", "k"),
    ("qu", "k"), ("dg", "j"), ("ee", "i"), ("ea", "i"), ("ie", "i"), ("ei", "i"), ("ey", "i"), ("oo", "u"),
    ("ou", "u"), ("ow", "o"), ("oa", "o"), ("oe", "o"), ("oh", "o"), ("aw", "o"), ("au", "o"), ("ai", "e"),
    ("ay", "e"), ("ah", "a"), ("c", "k"), ("z", "s"), ("x", "x"), ("v", "f"), ("y", "i"), ("q", "k"),
)  # fmt: skip
_COMMON = word_set(
    "a an the and or but so then this that these those it is was are be been am do does did has have had will "
    "would can could should must may might shall not no yes if when who what where why how there here all "
    "both each every some any none one two three in on at by to of for from with about into over after before "
    "until since than as i me my we us our you your he him his she her they them their its also just only "
    "very too more most much many well good great new now today tomorrow friday monday tuesday wednesday "
    "thursday saturday sunday week month day time thing people team customer client finance legal sales "
    "marketing support design someone somebody everyone everybody nobody anyone anybody line light like low "
    "know bone boss bowl bad bit but bow both lean lane learn an any and end a ad add aid odd later made mean "
    "main mine may mail me need name next same sum sun some song mark sue art bill will rob rich frank grace "
    "hope joy faith dawn rose ray jack drew pat"
)


@lru_cache(maxsize=8192)
def sound_key(word: str) -> str:
    """A rough key of how a word sounds: "bow", "beau" and "Bo" share one."""
    key = re.sub(r"[^a-z]", "", word.lower())
    key = re.sub(r"^h(?=[aeiou])", "", key)
    for letters, sound in _SOUNDS:
        key = key.replace(letters, sound)
    if len(key) > 2:
        key = re.sub(r"(?<=[^aeiou])e$", "", key)
    key = re.sub(r"h", "", key)
    return re.sub(r"(.)\1+", r"\1", key)


def bare(word: str) -> str:
    """ "Lin's" -> "lin"."""
    return re.sub(r"['’]s?$", "", word.lower())  # noqa: RUF001


def _forms(person: Present) -> list[str]:
    name = person.name.lower().strip()
    return list(dict.fromkeys([name, name.split()[0]])) if name else []


@lru_cache(maxsize=32768)
def _likeness(word: str, form: str) -> float:
    """1 the same, 0.9 sounds the same, less: a few letters differ, 0: another word."""
    if word == form:
        return 1.0
    if word in _COMMON and word not in ("bow", "both", "lean", "line", "mark", "bone", "any", "an"):
        return 0.0
    if sound_key(word) == sound_key(form):
        return 0.9
    if word in _COMMON or is_base(word):
        return 0.0
    ratio = DamerauLevenshtein.normalized_similarity(word, form)
    enough = 0.74 if min(len(word), len(form)) >= 4 else 0.99
    return ratio if ratio >= enough and word[0] == form[0] else 0.0


def match(words: Sequence[str], present: Sequence[Present], *, sure: bool = False) -> Present | None:
    """Who is called by these one or two words.

    Args:
        words: the name as it was heard, lower case.
        present: who may be meant.
        sure: accept only a name written right (where the place in the sentence proves nothing).

    Returns:
        The only best match; None when nobody or more than one person fits equally.
    """
    heard = bare(" ".join(words))
    joined = bare("".join(words))
    best: list[tuple[float, Present]] = []
    for person in present:
        score = max((max(_likeness(heard, form), _likeness(joined, form)) for form in _forms(person)), default=0.0)
        if score >= (1.0 if sure else 0.7):
            best.append((score, person))
    best.sort(key=lambda pair: -pair[0])
    if not best or (len(best) > 1 and best[1][0] == best[0][0]):
        return None
    return best[0][1]


def is_common(word: str) -> bool:
    """Whether a word is everyday English, so that it proves nothing as an unknown name."""
    return word in _COMMON


_AUX = word_set(
    "will shall can could should would must needs need has have is to please takes take and or well wheel "
    "whale we'll"
)
_NO_NAME_BEFORE = word_set(
    "the a an my our your their his her this that these those some no every each of very so too"
)


def tag(words: Sequence[str], present: Sequence[Present]) -> list[str]:
    """Replace the names of people present by "@0", "@1" (their place in `present`), other words stay.

    A second name word ("Maria Lopez") becomes "@" alone. Everyday words that sound like a name ("bow", "line")
    count only where a name stands: in front of "will", "can", "please" and the like.
    """
    tags = list(words)
    for index, word in enumerate(words):
        if tags[index] == "@":
            continue
        pair = match(words[index : index + 2], present) if index + 1 < len(words) else None
        if pair is not None and " " in pair.name and not is_common(words[index + 1]):
            tags[index], tags[index + 1] = f"@{present.index(pair)}", "@"
            continue
        person = match([word], present) or _called(words, index, present)
        if person is None:
            continue
        if is_common(bare(word)) and _is_address(words, index):
            tags[index] = f"@{present.index(person)}"
            continue
        exact = bare(word) in _forms(person)
        doubtful = is_common(bare(word)) or (exact and is_base(bare(word)))
        before = words[index - 1] if index else ""
        after = words[index + 1] if index + 1 < len(words) else ""
        if word.endswith(("'s", "s'")) or (before in _NO_NAME_BEFORE and not exact):
            continue
        if (
            doubtful
            and after not in _AUX
            and not (exact and before in ("", "and", "you", "can", "could", "please"))
        ):
            continue
        tags[index] = f"@{present.index(person)}"
    return tags


_OPENINGS = word_set("great good thanks okay ok and so then well right yes hi hello hey perfect nice now but")


def _skeleton(word: str) -> str:
    """The consonants of a word as they sound, with a mark for a vowel in front: "time" and "Tom" share "tm"."""
    key = sound_key(word)
    return ("a" if key[:1] in "aeiou" else "") + re.sub(r"[aeiou]", "", key)


def _is_address(words: Sequence[str], index: int) -> bool:
    """Whether only a name can stand here: "great ... please send", "... could you check"."""
    rest = list(words[index + 1 : index + 3])
    asked = rest in (["can", "you"], ["could", "you"], ["would", "you"], ["will", "you"])
    return (asked or (rest[:1] == ["please"] and is_base(rest[-1]))) and (
        index == 0 or words[index - 1] in _OPENINGS
    )


def _called(words: Sequence[str], index: int, present: Sequence[Present]) -> Present | None:
    """Who is spoken to by a word that only resembles a name, where nothing but a name can stand."""
    if not _is_address(words, index) or len(words[index]) < 2 or words[index] in _OPENINGS:
        return None
    wanted = _skeleton(words[index])
    alike = [person for person in present if any(_skeleton(form) == wanted for form in _forms(person)[-1:])]
    return alike[0] if len(alike) == 1 and len(wanted) >= 2 else None
