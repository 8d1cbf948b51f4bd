"""The speech models that are known by a short name, with what one needs to know to choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType

from server.models.errors import ModelError
from server.models.manifest import Format
from server.models.store import is_name

_MB = 1_000_000
_FILES: Mapping[Format, tuple[str, ...]] = {
    Format.CTRANSLATE2: (
        "config.json",
        "model.bin",
        "preprocessor_config.json",
        "tokenizer.json",
        "vocabulary.*",
    ),
    Format.TRANSFORMERS: (
        "added_tokens.json",
        "config.json",
        "generation_config.json",
        "merges.txt",
        "model.safetensors",
        "normalizer.json",
        "preprocessor_config.json",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.json",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model that can be fetched."""

    name: str
    repository: str
    format: Format = Format.CTRANSLATE2
    purpose: str = ""
    """What it is good for; one sentence."""
    licence: str = ""
    """SPDX id; empty: see the repository."""
    languages: str = ""
    size: int = 0
    """Bytes to fetch, about; 0: not known before it is asked for."""
    memory_int8: int = 0
    """MB that it takes on a processor (int8), about."""
    memory_float16: int = 0
    """MB that it takes on a graphics card (float16), about."""


def _whisper(
    name: str, mb: int, int8: int, float16: int, purpose: str, repository: str = "", licence: str = "MIT"
) -> Offer:
    return Offer(
        name=name,
        repository=repository or f"Systran/faster-whisper-{name}",
        purpose=purpose,
        licence=licence,
        languages="English" if name.endswith(".en") or name.startswith("distil") else "99 languages",
        size=mb * _MB,
        memory_int8=int8,
        memory_float16=float16,
    )


_OFFERS = (
    _whisper("tiny.en", 78, 300, 400, "Small machines; makes many mistakes."),
    _whisper("tiny", 78, 300, 400, "Small machines, any language; makes many mistakes."),
    _whisper("base.en", 148, 400, 550, "Two cores and one or two people who talk."),
    _whisper("base", 148, 400, 550, "Two cores, any language."),
    _whisper("small.en", 487, 900, 1300, "Four cores and more: a good start for English."),
    _whisper("small", 487, 900, 1300, "Four cores and more: a good start for other languages."),
    _whisper(
        "distil-small.en",
        336,
        700,
        950,
        "As small.en, quicker and a little less exact.",
        "Systran/faster-distil-whisper-small.en",
    ),
    _whisper("medium.en", 1531, 2100, 2900, "Eight cores, or a graphics card."),
    _whisper("medium", 1531, 2100, 2900, "Eight cores or a graphics card, any language."),
    _whisper(
        "large-v3-turbo",
        1621,
        2200,
        2800,
        "A graphics card: nearly as exact as large-v3 and much quicker.",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    ),
    _whisper(
        "distil-large-v3.5",
        1516,
        2000,
        2600,
        "A graphics card, English alone: quicker than large-v3-turbo.",
        "distil-whisper/distil-large-v3.5-ct2",
    ),
    _whisper("large-v3", 3091, 3500, 4700, "A large graphics card: the most exact, and slow."),
    Offer(
        name="small-torch",
        repository="openai/whisper-small",
        format=Format.TRANSFORMERS,
        purpose="Cards that faster-whisper does not know; needs the extra [gpu].",
        licence="Apache-2.0",
        languages="99 languages",
        size=970 * _MB,
        memory_float16=1500,
    ),
    Offer(
        name="large-v3-turbo-torch",
        repository="openai/whisper-large-v3-turbo",
        format=Format.TRANSFORMERS,
        purpose="Large cards that faster-whisper does not know; needs the extra [gpu].",
        licence="MIT",
        languages="99 languages",
        size=1624 * _MB,
        memory_float16=2900,
    ),
)

CATALOG: Mapping[str, Offer] = MappingProxyType({offer.name: offer for offer in _OFFERS})
"""By name, in the order in which they are shown."""


def find_offer(wanted: str) -> Offer:
    """Find a model by its short name or its repository.

    Args:
        wanted: "small.en", or any repository as "owner/name".

    Raises:
        ModelError: it is neither.
    """
    if (offer := CATALOG.get(wanted)) is not None:
        return offer
    for offer in _OFFERS:
        if offer.repository == wanted:
            return offer
    owner, slash, name = wanted.partition("/")
    if slash and is_name(owner) and is_name(name):
        return Offer(name=name, repository=wanted)
    raise ModelError(
        f"there is no model {wanted!r}; known are {', '.join(CATALOG)}, or a repository as owner/name"
    )


def belongs(path: str, kind: Format) -> bool:
    """Say whether a file of a repository is part of a model; the rest is not fetched."""
    return "/" not in path and any(fnmatchcase(path, pattern) for pattern in _FILES[kind])
