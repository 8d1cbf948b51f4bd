"""Errors of the avatars. They carry ids and numbers only, so this module imports nothing."""

from __future__ import annotations


class AvatarError(Exception):
    """Base of everything that can go wrong in `avatars`."""

    code: str = "avatar"


class PersonaError(AvatarError):
    """A persona file cannot be used.

    Attributes:
        source: the file, or whatever the text came from.
        reason: what is wrong and what to do about it.
    """

    code = "persona"

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class ModelError(AvatarError):
    """The understanding model cannot be used (a file is missing or does not fit the others)."""

    code = "understanding_model"

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class TooFew(AvatarError):
    """There is not enough to learn from; the text says how much there is and is needed."""

    code = "too_few"


class SpeechError(AvatarError):
    """A voice could not make sound of a text."""

    code = "speech"


class MindError(AvatarError):
    """A mind gave no answer that can be used; the text says why, and what to do."""

    code = "mind"
