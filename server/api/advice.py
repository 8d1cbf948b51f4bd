"""What would make recognition better on this machine, and the command that does it."""

from __future__ import annotations

from collections.abc import Sequence

from server.api.speech_view import EngineView, MissingView, SpeechView
from server.models.store import Installed

FEW_CORES = 4
"""With fewer, a larger model does not keep up."""


def advice(view: SpeechView, models: Sequence[Installed], chosen: str | None, *, cores: int) -> list[MissingView]:
    """Say what is missing, the most telling first.

    Args:
        view: how recognition is doing; what it says is missing itself comes first.
        models: those that lie here.
        chosen: the name of the chosen one; None: the office chooses.
        cores: how many this machine has.
    """
    found = list(view.missing)
    names = {model.name for model in models}
    if chosen is not None and chosen not in names:
        found.append(
            MissingView(
                what=f"The chosen model {chosen}",
                why="It does not lie here, or it is not whole; the office went on with another.",
                command=f"atrium models pull {chosen}",
            )
        )
    elif chosen is not None and view.engines and not any(is_of(engine, chosen) for engine in view.engines):
        found.append(MissingView(what=f"A restart, for {chosen}", why="Models are loaded when the office starts."))
    elif view.engines and not models and not any(_has_model(engine) for engine in view.engines):
        found.append(_first_model(view, cores))
    return _without_doubles(found)


def is_of(engine: EngineView, name: str) -> bool:
    """Say whether an engine runs a model; engines name it, or its folder."""
    return bool(name) and engine.model.replace("\\", "/").rstrip("/").rpartition("/")[2] == name


def _has_model(engine: EngineView) -> bool:
    return engine.name in ("whisper", "torch", "wyoming") and engine.use != "off"


def _first_model(view: SpeechView, cores: int) -> MissingView:
    name = "small.en" if view.language in ("", "en") else "small"
    if any(process.device.startswith("cuda") for process in view.processes):
        name = "large-v3-turbo"
    elif cores < FEW_CORES:
        name = name.replace("small", "base")
    return MissingView(
        what="A Whisper model",
        why="The built-in recogniser knows clear English and few words; Whisper writes what people say, with "
        "punctuation. Restart the office when it is here.",
        command=f"atrium models pull {name} --use",
    )


def _without_doubles(found: Sequence[MissingView]) -> list[MissingView]:
    distinct: dict[tuple[str, str], MissingView] = {}
    for one in found:
        distinct.setdefault((one.command, "" if one.command else one.what), one)
    return list(distinct.values())
