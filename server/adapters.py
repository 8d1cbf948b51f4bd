"""What of an office touches the world, and which of it is picked in earnest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from avatars.adapters.bert import WIDTH
from avatars.adapters.chat import ChatMind, ChatSettings
from avatars.adapters.espeak import EspeakSettings, EspeakVoice
from avatars.adapters.wyoming import WyomingVoice, WyomingVoiceSettings
from avatars.mind import Mind
from avatars.persona import Persona
from avatars.speech import Voice
from media.adapters.silero import SileroDetector
from media.vad import SpeechDetector
from server import model_process
from server.assets import asset
from server.config import Settings
from server.engines import EnginePlan, choose
from server.model_process import ModelSettings
from server.models.office_head import office_head_in_use
from server.models.registered import in_use_or_shipped, shipped_dir
from server.models.registry import Kind
from server.protocol.handshake import RateSettings
from server.sound_link import SoundLink
from server.sound_port import MediaSettings, OpenSound
from server.speech_link import SpeechLink
from server.speech_port import OpenSpeech
from server.workers import Workers

COLLEAGUE = "ada"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """What touches the world; tests pass scripted ones."""

    sound: OpenSound
    detector: Callable[[], SpeechDetector]
    voice: Callable[[Persona], Voice]
    speech: OpenSpeech
    workers: Callable[[], Workers]
    plans: Sequence[EnginePlan]
    """Which recognisers `speech` has, the best first."""
    mind: Mind | None = None
    """Who sums meetings up; None: nobody."""
    monotonic: Callable[[], float] = time.monotonic
    rates: RateSettings = field(default_factory=RateSettings)


def real_adapters(settings: Settings) -> Adapters:
    """What an office uses in earnest."""
    models = model_settings(settings)
    plans = choose(settings)
    return Adapters(
        sound=_sound(settings),
        detector=SileroDetector,
        voice=lambda persona: _voice(settings, persona),
        speech=partial(SpeechLink, plans, processes=settings.speech_processes, log_level=settings.log_level),
        plans=plans,
        workers=lambda: Workers(model_process.start, (models,)),
        mind=_mind(settings),
    )


def model_settings(settings: Settings) -> ModelSettings:
    """What the model process is told: who may be called, and which models understand."""
    persona = colleague()
    return ModelSettings(
        heard_as={persona.name: persona.heard_as},
        understanding_dir=shipped_dir(),
        heads_dir=in_use_or_shipped(settings.models, Kind.UTTERANCES),
        nets_dir=in_use_or_shipped(settings.models, Kind.MEETINGS),
        office_head=office_head_in_use(settings.models, WIDTH) if settings.learn_from_corrections else None,
    )


def _sound(settings: Settings) -> OpenSound:
    """In a process of its own, or in this one."""
    media = MediaSettings(
        path="stock" if settings.media_path == "stock" else "direct",
        ports=settings.media_ports,
        advertised=settings.advertised,
    )
    if settings.single_process:
        from server.sound_process import (
            open_engine,  # loads the whole media path, which else only the process needs
        )

        return partial(open_engine, media)
    return partial(SoundLink, media, log_level=settings.log_level)


def colleague() -> Persona:
    """Who works here besides the people.

    Raises:
        PersonaError: the file that says so is broken.
    """
    return Persona.load(asset(f"avatars/{COLLEAGUE}.toml").read_text(encoding="utf-8"), f"{COLLEAGUE}.toml")


def _mind(settings: Settings) -> Mind | None:
    if not settings.chat_url:
        return None
    return ChatMind(
        ChatSettings(
            url=settings.chat_url,
            model=settings.chat_model,
            key=settings.chat_key,
            timeout_seconds=settings.chat_timeout_seconds,
            most_characters=settings.chat_request_characters,
        )
    )


def _voice(settings: Settings, persona: Persona) -> Voice:
    if settings.wyoming_tts:
        host, _, port = settings.wyoming_tts.rpartition(":")
        return WyomingVoice(WyomingVoiceSettings(uri=f"tcp://{host}:{port}", voice=persona.voice.piper))
    spoken = persona.voice
    return EspeakVoice(
        EspeakSettings(voice=spoken.espeak, pitch=spoken.pitch, words_per_minute=spoken.words_per_minute)
    )
