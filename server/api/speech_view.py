"""How recognition is doing, as the owners' page shows it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

EngineUse = Literal["working", "ready", "loading", "failed", "off"]


class EngineView(BaseModel):
    """One engine of the chain: the first is the best, the last always there."""

    name: str
    """Short and stable: `whisper`, `wyoming`, `pocketsphinx`."""
    label: str = ""
    """One line for people."""
    use: EngineUse = "ready"
    """`working` is asked now; `ready` could take over; `failed` did not answer and is tried again."""
    primary: bool = True
    """False: it stands in while a better one is down."""
    model: str = ""
    version: str = ""
    """Of the engine's library."""
    revision: str = ""
    """Of the model; the page fills it in for models that were fetched."""
    licence: str = ""
    device: str = ""
    """`cpu`, `cuda`, or an address."""
    compute: str = ""
    """`int8`, `float16`."""
    memory_mb: float | None = None
    """What the model takes in one process; the page fills in what is expected of models that it knows."""
    why: str = ""
    """Why it was chosen, or why it is off or failed; one sentence."""


class ProcessView(BaseModel):
    """One speech process."""

    index: int
    pid: int | None = None
    up: bool = False
    engine: str = ""
    """The name of the engine that it asks now."""
    device: str = ""
    memory_mb: float | None = None
    restarts: int = 0
    up_since: float | None = None
    """Seconds since the epoch."""
    real_time_factor: float | None = None
    """Seconds of work per second of sound, since it is up."""


class SpeedView(BaseModel):
    """How fast, over the last utterances; None until there were some."""

    real_time_factor: float | None = None
    """Seconds of work per second of sound; below 1 keeps up with one speaker."""
    wait_p50_ms: float | None = None
    """How long a finished utterance waits for its turn."""
    wait_p99_ms: float | None = None
    final_p50_ms: float | None = None
    """From the end of speech, beyond the pause that ends it, to the final words."""
    final_p99_ms: float | None = None
    first_word_p50_ms: float | None = None
    """From a word being spoken to its caption."""
    finals: int = 0
    """How many utterances these figures are of."""


class QueueView(BaseModel):
    """What waits now."""

    final: int = 0
    likely: int = 0
    partial: int = 0
    running: int = 0
    oldest_seconds: float = 0.0
    load: float = 0.0
    """Work asked for over work that can be done; above 1 it falls behind."""
    cadence_seconds: float | None = None
    """Between two partial captions of one speaker."""
    hurry: bool = False
    """The quicker, less exact way is taken for now."""
    dropped: dict[str, int] = {}
    """Partial work that was given up, by reason."""
    on_disk: int = 0
    """Utterances that lie in the spool until their words have been handled."""
    lost: int = 0
    """Utterances that the full spool could not keep."""


class FallbackView(BaseModel):
    """One change from an engine to another."""

    at: float
    """Seconds since the epoch."""
    engine: str
    """The one that is asked since then."""
    instead_of: str
    reason: str


class MissingView(BaseModel):
    """Something that would make recognition better, and how to get it."""

    what: str
    why: str = ""
    command: str = ""
    """To be typed in the office's folder; empty: there is none."""


class SpeechView(BaseModel):
    """How recognition is doing."""

    engines: list[EngineView] = []
    """The chain, the best first."""
    processes: list[ProcessView] = []
    speed: SpeedView = SpeedView()
    queue: QueueView = QueueView()
    suppressed: dict[str, int] = {}
    """How often words were not believed, by reason (`media.suppression.Reason`)."""
    fallbacks: list[FallbackView] = []
    """Newest first, bounded."""
    missing: list[MissingView] = []
    since: float | None = None
    """Since when is counted; seconds since the epoch."""
    language: str = ""
