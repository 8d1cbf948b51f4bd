"""The office's own words, which recognisers are told of: one a line in `glossary.txt` of the data folder."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from server.errors import Unacceptable
from server.models.errors import ModelError

logger = logging.getLogger(__name__)

GLOSSARY = "glossary.txt"
MOST_TERMS = 200
MOST_CHARACTERS = 40
"""Of one term."""
_MOST_BYTES = 64 * 1024


def load_terms(data_dir: Path) -> tuple[str, ...]:
    """Read the glossary; empty where there is none. What cannot be a term is left out and logged."""
    file = data_dir / GLOSSARY
    try:
        with file.open("rb") as content:
            text = content.read(_MOST_BYTES).decode("utf-8-sig", errors="replace")
    except FileNotFoundError:
        return ()
    except OSError as fault:
        logger.warning("the glossary cannot be read", extra={"file": str(file), "fault": fault.strerror})
        return ()
    terms = _distinct(text.splitlines())
    good = [term for term in terms if _fault(term) is None][:MOST_TERMS]
    if len(good) < len(terms):
        logger.warning("lines of the glossary were left out", extra={"lines": len(terms) - len(good)})
    return tuple(good)


def clean_terms(terms: Iterable[str]) -> tuple[str, ...]:
    """Give terms as they are kept: no empty ones, none twice, single spaces.

    Raises:
        Unacceptable: too many, too long, or not a word at all; the text says which.
    """
    cleaned = _distinct(terms)
    for term in cleaned:
        if (fault := _fault(term)) is not None:
            raise Unacceptable(fault)
    if len(cleaned) > MOST_TERMS:
        raise Unacceptable(
            f"the glossary holds {MOST_TERMS} terms, these are {len(cleaned)}; keep those that matter most"
        )
    return tuple(cleaned)


def save_terms(data_dir: Path, terms: Iterable[str]) -> tuple[str, ...]:
    """Keep a new glossary in place of the old one; gives the terms as they are kept.

    Raises:
        Unacceptable: they cannot be taken; the old ones stay.
        ModelError: the file cannot be written.
    """
    cleaned = clean_terms(terms)
    file, fresh = data_dir / GLOSSARY, data_dir / f".{GLOSSARY}.tmp"
    try:
        fresh.write_text("".join(f"{term}\n" for term in cleaned), encoding="utf-8")
        fresh.replace(file)
    except OSError as fault:
        raise ModelError(f"the glossary cannot be written to {file}: {fault.strerror}") from fault
    return cleaned


def _distinct(terms: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for term in terms:
        plain = " ".join(term.split())
        if plain:
            found.setdefault(plain.casefold(), plain)
    return list(found.values())


def _fault(term: str) -> str | None:
    if len(term) > MOST_CHARACTERS:
        return f"a term has at most {MOST_CHARACTERS} characters; {term[:30]!r}… has {len(term)}"
    if not term.isprintable():
        return f"{term!r} holds characters that cannot be shown"
    if not any(character.isalpha() for character in term):
        return f"{term!r} holds no letter; write it as it is spoken"
    return None
