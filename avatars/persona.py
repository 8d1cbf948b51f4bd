"""Who an avatar is: read from a small TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from avatars.errors import PersonaError


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSettings:
    """How a persona sounds, for each kind of voice."""

    espeak: str = "en-us+f3"
    """Voice name of the embedded espeak-ng."""
    pitch: int = 50
    """0..99, espeak's scale."""
    words_per_minute: int = 165
    piper: str = ""
    """Voice name on a Wyoming speech server; empty: the server's default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How sure a persona must be before it acts; confidence 0..1."""

    action_item: float = 0.5
    decision: float = 0.5
    request: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Who an avatar is."""

    id: str
    name: str
    role: str
    heard_as: tuple[str, ...] = ()
    """Other spellings under which a recogniser writes the name, lower case."""
    look: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    """skin, hair, hair style, outfit, accent: 0..5 each, palette indices of the client."""
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    thresholds: Thresholds = field(default_factory=Thresholds)
    help: str = ""
    """What it answers when asked what it can do."""

    @classmethod
    def load(cls, text: str, source: str) -> Persona:
        """Read a persona.

        Args:
            text: the TOML text.
            source: where it came from, for error messages.

        Raises:
            PersonaError: the text is not TOML, a key is missing, unknown or has a wrong value.
        """
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PersonaError(source, f"not valid TOML: {error}") from error
        reader = _Reader(source, data)
        persona = cls(
            id=reader.text("id"),
            name=reader.text("name"),
            role=reader.text("role"),
            heard_as=tuple(word.lower() for word in reader.texts("heard_as")),
            look=reader.look(),
            voice=_voice(reader.table("voice")),
            thresholds=_thresholds(reader.table("thresholds")),
            help=reader.text("help", ""),
        )
        reader.nothing_left()
        return persona


def _voice(table: _Reader) -> VoiceSettings:
    default = VoiceSettings()
    voice = VoiceSettings(
        espeak=table.text("espeak", default.espeak),
        pitch=table.whole("pitch", default.pitch, 0, 99),
        words_per_minute=table.whole("words_per_minute", default.words_per_minute, 80, 450),
        piper=table.text("piper", default.piper),
    )
    table.nothing_left()
    return voice


def _thresholds(table: _Reader) -> Thresholds:
    default = Thresholds()
    thresholds = Thresholds(
        action_item=table.share("action_item", default.action_item),
        decision=table.share("decision", default.decision),
        request=table.share("request", default.request),
    )
    table.nothing_left()
    return thresholds


class _Reader:
    """Takes keys out of a TOML table, and knows which are left."""

    def __init__(self, source: str, data: Mapping[str, Any], prefix: str = "") -> None:
        self._source = source
        self._data = dict(data)
        self._prefix = prefix

    def _fault(self, key: str, reason: str) -> PersonaError:
        return PersonaError(self._source, f"'{self._prefix}{key}' {reason}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self._data.pop(key, default)
        if value is None:
            raise self._fault(key, 'is missing: add it as a text, like key = "value"')
        if not isinstance(value, str):
            raise self._fault(key, f"must be a text in quotes, not {value!r}")
        if default is None and not value.strip():
            raise self._fault(key, "is empty: write something there")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._data.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._fault(key, 'must be a list of texts, like ["eda", "aida"]')
        return tuple(value)

    def look(self) -> tuple[int, int, int, int, int]:
        value = self._data.pop("look", [0, 0, 0, 0, 0])
        if (
            not isinstance(value, list)
            or len(value) != 5
            or not all(type(item) is int and 0 <= item <= 5 for item in value)
        ):
            raise self._fault("look", "must be five whole numbers 0..5: skin, hair, style, outfit, accent")
        skin, hair, style, outfit, accent = value
        return (skin, hair, style, outfit, accent)

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        value = self._data.pop(key, default)
        if type(value) is not int or not low <= value <= high:
            raise self._fault(key, f"must be a whole number from {low} to {high}, not {value!r}")
        return value

    def share(self, key: str, default: float) -> float:
        value = self._data.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self._fault(key, f"must be a number from 0 to 1, not {value!r}")
        return float(value)

    def table(self, key: str) -> _Reader:
        value = self._data.pop(key, {})
        if not isinstance(value, dict):
            raise self._fault(key, f"must be a table: write [{key}] on a line of its own")
        return _Reader(self._source, value, f"{self._prefix}{key}.")

    def nothing_left(self) -> None:
        """Raise when a key was given that nobody reads (a slip of the pen should not be silent)."""
        for key in self._data:
            raise self._fault(key, "is not known here: remove it or check its spelling")
