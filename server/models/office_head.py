"""What an office learnt from its people's verdicts, as it lies beside the models that it promoted.

models/understanding/
  office-head.json   the head, who had it trained, when, from how many examples, and on which encoder it stands
"""

from __future__ import annotations

import logging
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from avatars.office_head import OfficeHead
from server.models.errors import DamagedModel, ModelError
from server.models.registered import hashed, own_dir, shipped_dir, sync_folder
from server.models.registry import ENCODER, listing_hash

logger = logging.getLogger(__name__)

OFFICE_HEAD = "office-head.json"
FORMAT = 1
_AGAIN = "train it again with `atrium train --from-corrections`, or remove it with `atrium train --forget`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A head as it is kept. None of the words that it was trained on are in it."""

    head: OfficeHead
    encoder: str
    """SHA-256 of the encoder whose vectors it reads, with its tokenizer."""
    by: str
    at: datetime
    """Aware."""
    right: int
    """Examples that people kept or changed."""
    wrong: int
    """Examples that they rejected."""
    format: int = FORMAT


def encoder_hash() -> str:
    """SHA-256 of encoder and tokenizer that are shipped.

    Raises:
        OSError: one cannot be read.
    """
    return listing_hash(hashed(shipped_dir(), ENCODER))


def keep(models_dir: Path, kept: Kept) -> Path:
    """Keep a head in the place of the one before, in one step; it is on the disk when this returns.

    Raises:
        OSError: it cannot be written; the one before stays.
    """
    folder = own_dir(models_dir)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{OFFICE_HEAD}.", dir=folder)
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(kept))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(folder / OFFICE_HEAD)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(folder)
    return folder / OFFICE_HEAD


def forget(models_dir: Path) -> bool:
    """Remove the head; says whether there was one.

    Raises:
        OSError: it cannot be removed.
    """
    file = own_dir(models_dir) / OFFICE_HEAD
    if not file.exists():
        return False
    file.unlink()
    sync_folder(file.parent)
    return True


def load_kept(models_dir: Path, length: int) -> Kept | None:
    """Read the head; None where there is none.

    Args:
        models_dir: where the office's models lie.
        length: of a sentence vector.

    Raises:
        DamagedModel: it cannot be read.
        ModelError: it stands on another encoder.
        OSError: the encoder that is shipped cannot be read.
    """
    file = own_dir(models_dir) / OFFICE_HEAD
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=Kept)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise DamagedModel(f"{file} cannot be read: {fault.strerror}") from fault
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise DamagedModel(f"{file} holds no head: {fault}; {_AGAIN}") from fault
    if kept.format != FORMAT or len(kept.head.weights) != length or kept.encoder != encoder_hash():
        raise ModelError(f"{file} was trained for another encoder than this Atrium has; {_AGAIN}")
    return kept


def office_head_in_use(models_dir: Path, length: int) -> OfficeHead | None:
    """The head, where one lies here and fits; the log says why it is not used.

    Args:
        models_dir: where the office's models lie.
        length: of a sentence vector.
    """
    try:
        kept = load_kept(models_dir, length)
    except (ModelError, OSError) as fault:
        logger.warning("what was learnt from corrections is not used", extra={"fault": str(fault)})
        return None
    return kept.head if kept is not None else None
