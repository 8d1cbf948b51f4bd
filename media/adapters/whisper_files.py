"""Where Whisper models lie that this machine already has, and which of them is the best."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

NEEDED = ("model.bin", "config.json", "tokenizer.json")
"""Without these files faster-whisper has no model."""

BEST_ON_CPU = (
    "small.en",
    "small",
    "base.en",
    "base",
    "tiny.en",
    "tiny",
    "large-v3-turbo",
    "turbo",
    "distil-small.en",
    "medium.en",
    "medium",
    "large-v3",
    "large-v2",
)
"""The best that keeps up with live talk first; those that are too slow for that last."""

BEST_ON_GPU = (
    "large-v3-turbo",
    "turbo",
    "large-v3",
    "large-v2",
    "medium.en",
    "medium",
    "small.en",
    "small",
    "distil-large-v3",
    "base.en",
    "base",
    "distil-small.en",
    "tiny.en",
    "tiny",
)

_ORGANISATIONS = ("Systran", "mobiuslabsgmbh", "deepdml", "guillaumekln")


def cache_folder() -> Path:
    """Return the Hugging Face cache of this machine, which may not exist."""
    if "HF_HUB_CACHE" in os.environ:
        return Path(os.environ["HF_HUB_CACHE"])
    home = os.environ.get("HF_HOME")
    return (Path(home) if home else Path.home() / ".cache" / "huggingface") / "hub"


def cached_models(cache: Path | None = None) -> dict[str, Path]:
    """Find the complete faster-whisper models in the cache: size, such as "small.en", and folder.

    Args:
        cache: the Hugging Face cache; None: this machine's.
    """
    models = {}
    for folder in sorted((cache or cache_folder()).glob("models--*--faster*whisper-*")):
        snapshots = sorted((folder / "snapshots").glob("*"), key=lambda path: path.stat().st_mtime)
        whole = [path for path in snapshots if all((path / name).is_file() for name in NEEDED)]
        if whole and (size := _size(folder.name)):
            models[size] = whole[-1]
    return models


def best_model(models: Iterable[str], *, order: Sequence[str] = BEST_ON_CPU, english: bool = True) -> str | None:
    """Choose among model sizes; those that the order does not know come last, by name.

    Args:
        models: sizes, such as "small.en".
        order: best first.
        english: whether models that know English only are of use.
    """
    fit = [name for name in models if english or not name.endswith(".en")]
    return min(fit, key=lambda name: (order.index(name) if name in order else len(order), name), default=None)


def model_name(folder: Path) -> str:
    """Return what the model in a folder is called: the folder's name, but not the checksum of a cache."""
    if folder.parent.name != "snapshots":
        return folder.name
    kept = folder.parent.parent.name
    return _size(kept) or kept.removeprefix("models--").replace("--", "/")


def _size(folder: str) -> str:
    organisation, _, model = folder.removeprefix("models--").partition("--")
    return model.rpartition("whisper-")[2] if organisation in _ORGANISATIONS else ""
