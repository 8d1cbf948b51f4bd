"""Whisper on torch and transformers, for cards that CTranslate2 does not know."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from media.adapters.batching import Heard, Piece, in_batches
from media.errors import ModelMissing, TranscriptionFailed
from media.transcriber import RATE, Capabilities, Outcome, Request, Word

TORCH_NEEDED = ("model.safetensors", "config.json", "tokenizer.json", "preprocessor_config.json")
_ASK = (
    "import torch; print('cuda' if torch.cuda.is_available() else "
    "'mps' if torch.backends.mps.is_available() else '')"
)
_SIGNS = ("/dev/kfd", "/dev/nvidiactl", "/dev/dxg")
_ASK_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchSettings:
    """How the model is run."""

    device: str = "cuda"
    compute_type: str = "float16"
    """A name of torch: float16, bfloat16 or float32."""
    batch: int = 8
    language: str = "en"
    """Where a request does not say; empty: what is heard."""
    most_names: int = 60
    """More words than this are not put before the sound: there is not room for all."""
    window_seconds: float = 30.0


def torch_device() -> str:
    """Say which card torch can use here: "cuda", "mps" or, where there is none or no torch, an empty text.

    Torch is asked in a process of its own: once loaded it would keep hundreds of megabytes here.
    """
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
        return ""
    if sys.platform == "linux" and not any(Path(sign).exists() for sign in _SIGNS):
        return ""
    try:
        asked = subprocess.run(
            [sys.executable, "-c", _ASK], capture_output=True, text=True, timeout=_ASK_SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return ""  # a torch that cannot even say so is of no use
    return asked.stdout.strip()


class TorchTranscriber:
    """Speech to words by transformers' Whisper; never downloads anything."""

    name = "whisper-torch"

    def __init__(self, model: Any, processor: Any, settings: TorchSettings, *, label: str = "") -> None:
        """Take a loaded model.

        Args:
            model: a `transformers.WhisperForConditionalGeneration` on its device.
            processor: its `transformers.WhisperProcessor`.
            settings: how to run it.
            label: what to call the model.
        """
        self._model, self._processor, self._settings, self._label = model, processor, settings, label
        self._multilingual = getattr(model.generation_config, "lang_to_id", None) is not None
        self._timed = bool(getattr(model.generation_config, "alignment_heads", None))

    @classmethod
    def load(cls, folder: Path, settings: TorchSettings | None = None) -> TorchTranscriber:
        """Load a model from its folder (seconds).

        Raises:
            ModelMissing: the folder is not a complete model, torch is not installed, or it cannot be loaded.
        """
        chosen = settings or TorchSettings()
        if missing := [name for name in TORCH_NEEDED if not (folder / name).is_file()]:
            raise ModelMissing(f"{folder} is no Whisper model for torch: {', '.join(missing)} missing")
        try:
            import torch
            from transformers import WhisperForConditionalGeneration, WhisperProcessor
        except ImportError as error:
            raise ModelMissing("torch and transformers are missing: pip install 'atrium-office[gpu]'") from error
        try:
            kind = getattr(torch, chosen.compute_type)
            model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=kind, local_files_only=True)
            processor = WhisperProcessor.from_pretrained(folder, local_files_only=True)
            return cls(model.to(chosen.device).eval(), processor, chosen, label=folder.name)
        except (RuntimeError, ValueError, OSError, AttributeError) as error:
            raise ModelMissing(f"torch cannot load {folder} on {chosen.device}: {error}") from error

    @property
    def capabilities(self) -> Capabilities:
        """What it can do with this model."""
        return Capabilities(
            languages=() if self._multilingual else ("en",),
            batch=self._settings.batch,
            vocabulary=True,
            punctuation=True,
        )

    def describe(self) -> str:
        """Say what is at work."""
        settings = self._settings
        versions = ", ".join(f"{name} {_version(name)}" for name in ("transformers", "torch"))
        return f"Whisper on {versions}, {self._label}, {settings.compute_type} on {settings.device}"

    def prepare(self, vocabulary: Sequence[str]) -> None:
        """Nothing to prepare: words go along with each request."""

    def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
        """Recognise some requests, those of the same words and language together; see `Transcriber.transcribe`."""
        if self._model is None:
            return [TranscriptionFailed("this recogniser was closed") for _ in requests]
        return in_batches(
            requests,
            self._recognise,
            window_seconds=self._settings.window_seconds,
            batch=self._settings.batch,
            alike=lambda piece: (piece.language, piece.vocabulary),
        )

    def forget(self, stream: str) -> None:
        """Nothing is kept of a stream."""

    def close(self) -> None:
        """Give back the model's memory."""
        self._model = self._processor = None

    def _recognise(self, pieces: Sequence[Piece]) -> list[Heard]:
        settings, tokenizer = self._settings, self._processor.tokenizer
        inputs = self._processor(
            [piece.samples for piece in pieces],
            sampling_rate=RATE,
            return_tensors="pt",
            return_attention_mask=True,
        )
        options: dict[str, Any] = {
            "attention_mask": inputs.attention_mask.to(settings.device),
            "num_beams": 1,
            "do_sample": False,
            "return_dict_in_generate": True,
            "output_scores": True,
            "return_token_timestamps": self._timed,
        }
        language = pieces[0].language or settings.language
        if self._multilingual:
            options["task"] = "transcribe"
            if language:
                options["language"] = language
        names = pieces[0].vocabulary[: settings.most_names]
        if names:
            prompt = self._processor.get_prompt_ids(f"Present: {', '.join(names)}.", return_tensors="pt")
            options["prompt_ids"] = prompt.to(settings.device)
        features = inputs.input_features.to(settings.device, getattr(self._model, "dtype", None))
        given = self._model.generate(features, **options)
        return [
            self._heard(piece, given, at, tokenizer, "" if self._multilingual else "en")
            for at, piece in enumerate(pieces)
        ]

    def _heard(self, piece: Piece, given: Mapping[str, Any], at: int, tokenizer: Any, language: str) -> Heard:
        """Take one row of what was generated: its tokens, their times and how likely each was."""
        tokens = [int(token) for token in given["sequences"][at]]
        scores = given["scores"]
        first = len(tokens) - len(scores)
        for text in tokenizer.convert_ids_to_tokens(tokens[:first]):
            if text in self._codes():
                language = text.strip("<|>")
        times = [float(time) for time in given["token_timestamps"][at]] if self._timed else None
        said: list[_Token] = []
        for step, token in enumerate(tokens[first:]):
            if token >= tokenizer.eos_token_id:  # in a Whisper all text comes before the marks
                break
            said.append(
                _Token(
                    id=token,
                    # The time of a token is when it ends; it begins where the one before it ends.
                    start=None if times is None else times[max(0, first + step - 1)],
                    end=None if times is None else times[first + step],
                    chance=float(scores[step][at].float().softmax(-1)[token]),
                )
            )
        return Heard(words=_words(said, tokenizer, piece.seconds), language=language or piece.language)

    def _codes(self) -> Mapping[str, int]:
        return getattr(self._model.generation_config, "lang_to_id", None) or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    id: int
    start: float | None
    end: float | None
    chance: float


def _words(said: Sequence[_Token], tokenizer: Any, seconds: float) -> tuple[Word, ...]:
    """Put tokens together to words; a token that begins with a space begins a word.

    Where the model tells no times they are spread over the sound by length.
    """
    groups: list[list[_Token]] = []
    for token in said:
        if not groups or tokenizer.decode([token.id]).startswith(" "):
            groups.append([])
        groups[-1].append(token)
    texts = [tokenizer.decode([token.id for token in group]).strip() for group in groups]
    letters = np.cumsum([0, *(len(text) + 1 for text in texts)]).tolist()
    words: list[Word] = []
    for at, (text, group) in enumerate(zip(texts, groups, strict=True)):
        start, end = group[0].start, group[-1].end
        if start is None or end is None:
            start, end = (seconds * letters[k] / letters[-1] for k in (at, at + 1))
        if not text:
            continue
        start = min(max(start, 0.0), seconds)
        chance = sum(token.chance for token in group) / len(group)
        words.append(Word(text=text, start=start, end=min(max(end, start), seconds), confidence=chance))
    return tuple(words)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "?"
