"""What a model's folder holds, written down when it was fetched: sizes and checksums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from server.models.errors import DamagedModel

MANIFEST = "manifest.json"
_BLOCK = 1024 * 1024
_MOST_BYTES = 1024 * 1024


class Format(StrEnum):
    """What can load a model."""

    CTRANSLATE2 = "ctranslate2"
    """faster-whisper, on a processor or an NVIDIA card."""
    TRANSFORMERS = "transformers"
    """transformers on torch, for cards that CTranslate2 does not know."""


NEEDED: Mapping[Format, tuple[str, ...]] = {
    Format.CTRANSLATE2: ("model.bin", "config.json", "tokenizer.json"),
    Format.TRANSFORMERS: ("model.safetensors", "config.json", "tokenizer.json", "preprocessor_config.json"),
}
"""Without these files a model cannot be loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model."""

    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was fetched, and from where."""

    name: str
    format: Format
    repository: str
    """As the hub calls it: `Systran/faster-whisper-small.en`."""
    revision: str
    """The hub's commit; empty where it is not known."""
    licence: str
    fetched_at: float
    """Seconds since the epoch."""
    files: Mapping[str, ModelFile] = field(default_factory=dict)
    """By path inside the folder."""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())

    def to_json(self) -> str:
        """Write it down."""
        table = {
            "name": self.name,
            "format": self.format.value,
            "repository": self.repository,
            "revision": self.revision,
            "licence": self.licence,
            "fetched_at": self.fetched_at,
            "files": {
                path: {"size": file.size, "sha256": file.sha256} for path, file in sorted(self.files.items())
            },
        }
        return json.dumps(table, indent=2) + "\n"


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of a model's folder; None where there is none.

    Raises:
        DamagedModel: there is one, but it cannot be read.
    """
    file = folder / MANIFEST
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise DamagedModel(f"{file} is too large for a list of files; fetch the model again")
        return _from_json(json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise DamagedModel(f"{file} cannot be read ({fault}); fetch the model again") from fault


def _from_json(table: Any) -> Manifest:
    files = {}
    for path, entry in table["files"].items():
        if not is_plain_path(path):
            raise ValueError(f"{path!r} does not lie inside the folder")
        files[path] = ModelFile(size=int(entry["size"]), sha256=str(entry["sha256"]).lower())
    return Manifest(
        name=str(table["name"]),
        format=Format(table["format"]),
        repository=str(table["repository"]),
        revision=str(table["revision"]),
        licence=str(table["licence"]),
        fetched_at=float(table["fetched_at"]),
        files=files,
    )


def is_plain_path(path: str) -> bool:
    """Say whether a path stays inside its folder and is written in one way only."""
    pure = PurePosixPath(path)
    return (
        bool(path)
        and "\\" not in path
        and not pure.is_absolute()
        and ".." not in pure.parts
        and str(pure) == path
        and path != "."
    )


def sha256_of(file: Path) -> str:
    """Give a file's SHA-256, hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
