"""Which recogniser turns sound into words on this machine, which stands in for it, and why: in words too."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from media.adapters.cuda import Card, look_at_card, preload
from media.adapters.pocketsphinx import PocketSphinxTranscriber
from media.adapters.whisper import WhisperSettings, WhisperTranscriber
from media.adapters.whisper_files import (
    BEST_ON_CPU,
    BEST_ON_GPU,
    NEEDED,
    best_model,
    cache_folder,
    cached_models,
    model_name,
)
from media.adapters.whisper_torch import TorchSettings, TorchTranscriber, torch_device
from media.adapters.wyoming import WyomingSettings, WyomingTranscriber
from media.errors import ModelMissing
from media.transcriber import Transcriber
from server.config import Settings
from server.models.manifest import Format
from server.models.store import chosen_model, installed, look_at

ENOUGH_CORES = 4
"""From so many on Whisper keeps up on a processor; with fewer only where somebody asked for it."""
MOST_PROCESSES = 8
GET_MODEL = "fetch one with `atrium models pull small.en`"


class Engine(StrEnum):
    """The kinds of recognisers."""

    WHISPER = "whisper"
    """faster-whisper on CTranslate2."""
    TORCH = "torch"
    """Whisper on torch, for cards that CTranslate2 does not know."""
    WYOMING = "wyoming"
    """A server in the network."""
    EMBEDDED = "pocketsphinx"
    """Part of every installation."""


LABELS: Mapping[Engine, str] = {
    Engine.WHISPER: "Whisper",
    Engine.TORCH: "Whisper",
    Engine.WYOMING: "Wyoming",
    Engine.EMBEDDED: "PocketSphinx",
}
"""What the screen calls a recogniser."""

PACKAGES: Mapping[Engine, str] = {
    Engine.WHISPER: "faster-whisper",
    Engine.TORCH: "transformers",
    Engine.WYOMING: "",
    Engine.EMBEDDED: "pocketsphinx",
}
"""What runs it, where that is of this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePlan:
    """One recogniser as it is to be run, and why; plain data that a process can be given."""

    engine: Engine
    why: str
    """For people: why this one and why so."""
    model: Path | None = None
    """Folder of a model, where the engine needs one."""
    address: str = ""
    """`host:port` of a server."""
    device: str = "cpu"
    """`cpu`, `cuda`, or what torch calls another card."""
    compute_type: str = ""
    """How numbers are held, such as "int8"."""
    threads: int = 1
    """Per process."""
    processes: int = 1
    """So many of them can work side by side to good use."""
    batch: int = 1
    """So many requests at once are worth it."""
    language: str = ""
    """What is spoken where a person has not said, ISO 639-1; empty: what is heard."""

    @property
    def label(self) -> str:
        """What the screen calls it."""
        return LABELS[self.engine]

    @property
    def model_name(self) -> str:
        """What to call the model; empty where the engine has its own."""
        return "" if self.model is None else model_name(self.model)

    @property
    def version(self) -> str:
        """The version of what runs it; empty where that is not on this machine."""
        package = PACKAGES[self.engine]
        try:
            return importlib.metadata.version(package) if package else ""
        except importlib.metadata.PackageNotFoundError:
            return ""

    @property
    def embedded(self) -> bool:
        """Whether it is part of every installation."""
        return self.engine is Engine.EMBEDDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What there is to run on."""

    cores: int
    card: Card
    torch: str = ""
    """A device that torch can use and CTranslate2 cannot; empty: none."""
    cache: Path
    """Models that other programs fetched."""

    @classmethod
    def look(cls) -> Machine:
        """Look at this machine; may take seconds where there is a card."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        card = look_at_card()
        return cls(
            cores=cores, card=card, torch="" if card.compute_types else torch_device(), cache=cache_folder()
        )


def choose(settings: Settings, machine: Machine | None = None) -> list[EnginePlan]:
    """Choose the recognisers: the best first, the embedded one always last, to stand in for it.

    Args:
        settings: what the person who runs the office wants.
        machine: what there is; None: look.

    Raises:
        ModelMissing: what was asked for is not there; the text says how to get it.
    """
    there = machine or Machine.look()
    embedded = _embedded(settings, there)
    best = _best(settings, there, embedded)
    return [embedded] if best is None else [best, embedded]


def open_engine(plan: EnginePlan) -> Transcriber:
    """Load what a plan says (seconds); to be called where it is to run.

    Raises:
        ModelMissing: the model is not whole, or cannot be loaded on this device.
    """
    match plan.engine:
        case Engine.WYOMING:
            host, _, port = plan.address.rpartition(":")
            return WyomingTranscriber(WyomingSettings(host=host, port=int(port), language=plan.language))
        case Engine.WHISPER:
            if plan.device == "cuda":
                preload()
            return WhisperTranscriber(
                _model_of(plan),
                WhisperSettings(
                    device=plan.device,
                    compute_type=plan.compute_type,
                    threads=plan.threads,
                    batch=plan.batch,
                    language=plan.language,
                ),
            )
        case Engine.TORCH:
            return TorchTranscriber.load(
                _model_of(plan),
                TorchSettings(
                    device=plan.device, compute_type=plan.compute_type, batch=plan.batch, language=plan.language
                ),
            )
        case Engine.EMBEDDED:
            return PocketSphinxTranscriber()


def _model_of(plan: EnginePlan) -> Path:
    if plan.model is None:
        raise ModelMissing(f"{plan.label} needs a model: {GET_MODEL}")
    return plan.model


def _best(settings: Settings, machine: Machine, embedded: EnginePlan) -> EnginePlan | None:
    wanted = settings.speech_engine
    if wanted == "embedded":
        return None
    if wanted == "wyoming" or (wanted == "auto" and settings.wyoming_stt):
        return EnginePlan(
            engine=Engine.WYOMING,
            why=f"the server at {settings.wyoming_stt} was set",
            address=settings.wyoming_stt,
            processes=settings.speech_processes or 2,
            language=_language(settings),
        )
    if wanted == "torch":
        return _torch(settings, machine)
    if settings.speech_device == "cuda" and not machine.card.compute_types and not machine.torch:
        raise ModelMissing(f"speech_device is cuda, but {machine.card.why_not}; set it to cpu or auto")
    if wanted == "whisper" or settings.whisper_model or machine.card.compute_types or not machine.torch:
        return _whisper(settings, machine)
    return _torch(settings, machine, must=False) or _whisper(settings, machine)


def _whisper(settings: Settings, machine: Machine) -> EnginePlan | None:
    """Whisper on CTranslate2; None where it is not asked for and would not keep up, or no model is here."""
    on_card = settings.speech_device != "cpu" and bool(machine.card.compute_types)
    found = _find_whisper(settings, machine, on_card)
    if found is None:
        if settings.speech_engine == "whisper":
            raise ModelMissing(f"speech_engine is whisper, but no model is here: {GET_MODEL}")
        return None
    model, how, asked = found
    if not on_card and not asked and machine.cores < ENOUGH_CORES:
        return None
    processes = settings.speech_processes or 1
    plan = EnginePlan(
        engine=Engine.WHISPER, why="", model=model, processes=processes, language=_language(settings)
    )
    if on_card:
        kind = next(name for name in ("float16", "int8_float16", "float32") if name in machine.card.compute_types)
        return replace(plan, why=f"{how}, on the graphics card", device="cuda", compute_type=kind, batch=16)
    threads = max(1, min(machine.cores - 1, 8) // processes)
    reason = "on the processor" if settings.speech_device == "cpu" else machine.card.why_not
    return replace(plan, why=f"{how}; {reason}", compute_type="int8", threads=threads, batch=4)


def _find_whisper(settings: Settings, machine: Machine, on_card: bool) -> tuple[Path, str, bool] | None:
    """The model's folder, where it comes from in words, and whether somebody asked for it."""
    by_name = settings.speech_engine == "whisper" or settings.speech_device != "auto"
    if settings.whisper_model:
        return _named(settings, machine), f"the model {settings.whisper_model} was set", True
    chosen = chosen_model(settings.models)
    if chosen is not None and _is_ctranslate2(chosen):
        return chosen, f"the model {chosen.name} was chosen", True
    order = BEST_ON_GPU if on_card else BEST_ON_CPU
    english = _language(settings) == "en"
    fetched = {
        model.name: model.folder for model in installed(settings.models) if model.format is Format.CTRANSLATE2
    }
    for models, place in ((fetched, "fetched"), (cached_models(machine.cache), "in the cache of this machine")):
        name = best_model(models, order=order, english=english)
        if name is not None:
            return models[name], f"the best model that is {place}: {name}", by_name
    return None


def _named(settings: Settings, machine: Machine) -> Path:
    wanted = settings.whisper_model
    folder = Path(wanted).expanduser()
    if folder.is_dir():
        return folder
    kept = look_at(settings.models, wanted)
    found = kept.folder if kept is not None else cached_models(machine.cache).get(wanted)
    if found is None:
        raise ModelMissing(
            f"there is no Whisper model {wanted!r}: fetch it with `atrium models pull {wanted}`, or name a folder "
            "with model.bin; without the setting the embedded recogniser is used"
        )
    return found


def _is_ctranslate2(folder: Path) -> bool:
    return all((folder / name).is_file() for name in NEEDED)


def _torch(settings: Settings, machine: Machine, *, must: bool = True) -> EnginePlan | None:
    device = "cpu" if settings.speech_device == "cpu" else machine.torch or torch_device()
    if not device and settings.speech_device == "auto":
        device = "cpu"
    models = {
        model.name: model.folder for model in installed(settings.models) if model.format is Format.TRANSFORMERS
    }
    chosen = chosen_model(settings.models)
    name = (
        chosen.name
        if chosen is not None and chosen.name in models
        else best_model(models, order=BEST_ON_GPU, english=_language(settings) == "en")
    )
    folder = Path(settings.whisper_model).expanduser() if settings.whisper_model else None
    if folder is None and name is not None:
        folder = models[name]
    if folder is None or not folder.is_dir() or not device:
        if must:
            what = "torch sees no card" if not device else "no model for torch is here"
            raise ModelMissing(f"speech_engine is torch, but {what}: see docs/howto/models.md, or set it to auto")
        return None
    return EnginePlan(
        engine=Engine.TORCH,
        why=f"the model {folder.name} on torch: {machine.card.why_not or 'it was set so'}",
        model=folder,
        device=device,
        compute_type="float32" if device == "cpu" else "float16",
        batch=4 if device == "cpu" else 16,
        language=_language(settings),
    )


def _embedded(settings: Settings, machine: Machine) -> EnginePlan:
    if settings.speech_engine == "embedded":
        why = "it was set"
    elif machine.cores < ENOUGH_CORES and not machine.card.compute_types:
        why = f"in every installation; this machine's {machine.cores} cores are few for Whisper"
    else:
        why = f"in every installation; for better words {GET_MODEL}"
    if _language(settings) not in ("en", ""):
        why += f"; it knows English only, not {settings.language}"
    return EnginePlan(
        engine=Engine.EMBEDDED,
        why=why,
        processes=settings.speech_processes or min(machine.cores, MOST_PROCESSES),
        language="en",
    )


def _language(settings: Settings) -> str:
    return "" if settings.language == "auto" else settings.language
