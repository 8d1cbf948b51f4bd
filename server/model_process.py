"""Composition root of the model process: understanding. Its functions run over there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from avatars.adapters.bert import BertRecognizer
from avatars.adapters.request_model import RequestReader
from avatars.adapters.reviewer import Reviewer
from avatars.corrections import Corrections
from avatars.office_head import OfficeHead
from avatars.recognizer import Context, Recognizer
from avatars.reviewing import Digest, MeetingReader, Review, Spoken
from avatars.understood import RequestUnderstander, Understood, asked, surroundings
from media.utterance import Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """What the model process needs to know."""

    heard_as: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For a colleague's name, other spellings under which recognisers write it."""
    understanding_dir: Path
    """Where the encoder and what is shipped lie."""
    heads_dir: Path | None = None
    """Where the heads lie that were promoted; None: those that are shipped."""
    nets_dir: Path | None = None
    """Where the nets for whole meetings lie that were promoted; None: those that are shipped."""
    office_head: OfficeHead | None = None
    """What the office has learnt from its people's verdicts, if it has and uses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What is loaded in this process."""

    recognizer: Recognizer
    requests: RequestUnderstander
    heard_as: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """For a colleague's name, lower case, other spellings under which recognisers write it."""
    reader: MeetingReader
    corrections: Corrections | None = None
    """None: confidences stay as they are."""


_models: list[Models] = []


def start(settings: ModelSettings) -> None:
    """Load the models; runs once in each model process."""
    folder = settings.understanding_dir
    recognizer = BertRecognizer(folder, heads=settings.heads_dir, heard_as=settings.heard_as)
    head = settings.office_head
    models = Models(
        recognizer=recognizer,
        requests=RequestReader.load(folder, recognizer.encoder),
        heard_as={name.lower(): forms for name, forms in settings.heard_as.items()},
        reader=Reviewer(folder, recognizer.encoder, nets=settings.nets_dir),
        corrections=Corrections(head, recognizer.encoder.encode) if head is not None else None,
    )
    install(lambda: models)


def install(make: Callable[[], Models]) -> None:
    """Take these models; tests pass scripted ones."""
    _models[:] = [make()]


def ready() -> None:
    """Nothing more than to be there: the first call of a process loads the models."""


def understand(utterance: Utterance, context: Context) -> Understood:
    """What was meant."""
    models = _models[0]
    words = asked(utterance.text, context, models.heard_as)
    intents = models.recognizer.recognize(utterance, context)
    return Understood(
        intents=tuple(models.corrections.intents(intents) if models.corrections is not None else intents),
        request=models.requests.read(words, surroundings(context)) if words else None,
    )


def prepare(texts: Sequence[str]) -> None:
    """Read some lines of a meeting ahead; a long one in pieces, so that nobody who speaks waits for it."""
    _models[0].reader.prepare(texts)


def review(meeting: Spoken) -> Review:
    """What a meeting agreed on that nobody noted."""
    models = _models[0]
    found = models.reader.review(meeting)
    return models.corrections.review(found) if models.corrections is not None else found


def digest(meeting: Spoken) -> Digest:
    """What a meeting was about."""
    return _models[0].reader.digest(meeting)
