"""Where models of understanding lie: those that are shipped, and those that an office promoted.

models/understanding/
  registry.json               which there are, and every promotion
  meetings-25f2483961f4/      a model that was promoted: its weights and its card
  .candidate-k3x9/            a copy of one that is being examined
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from avatars import cues, meeting_input
from server.assets import assets_dir
from server.models.card import read_card
from server.models.errors import DamagedModel, ModelError
from server.models.manifest import ModelFile, sha256_of
from server.models.registry import (
    CARDS,
    ENCODER,
    WEIGHTS,
    Kind,
    Registered,
    Registry,
    content_hash,
    from_json,
    id_of,
    joined,
    listing_hash,
    to_json,
)
from server.models.store import UNDERSTANDING

logger = logging.getLogger(__name__)

REGISTRY = "registry.json"
REINSTALL = "Install Atrium again; in a checkout, run `python -m scripts.shipped_models`"
_MOST_BYTES = 512 * 1024 * 1024
"""Of one file of a model."""
_MOST_TEXT = 16 * 1024 * 1024
"""Of a registry, a card or a table of calibrations."""
_MODES = ("known-written", "known-recognised", "words-written", "words-recognised")
_LABELS = ("actions", "decisions", "problems")


def shipped_dir() -> Path:
    """The folder of encoder and models that Atrium carries.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    return assets_dir() / "models" / "understanding"


def own_dir(models_dir: Path) -> Path:
    """The folder of what an office promoted."""
    return models_dir / UNDERSTANDING


def load_own(models_dir: Path) -> Registry:
    """Read what an office promoted; empty where it never did.

    Raises:
        DamagedModel: the registry cannot be read; the text says what to do.
    """
    return _load(own_dir(models_dir) / REGISTRY, Registry())


def load_registry(models_dir: Path) -> Registry:
    """Read all models and their history, those that are shipped first.

    Raises:
        DamagedModel: a registry cannot be read; the text says what to do.
    """
    return joined(load_shipped(), load_own(models_dir))


def _load(file: Path, missing: Registry | None) -> Registry:
    try:
        return from_json(_text(file), str(file))
    except (FileNotFoundError, NotADirectoryError) as fault:
        if missing is None:
            raise DamagedModel(f"{file} is missing: install Atrium again") from fault
        return missing


def _text(file: Path) -> str:
    """A text file of a model.

    Raises:
        DamagedModel: it cannot be read.
        FileNotFoundError, NotADirectoryError: it is not there.
    """
    try:
        if file.stat().st_size > _MOST_TEXT:
            raise DamagedModel(f"{file} is too large: it may have {_MOST_TEXT} bytes")
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise
    except UnicodeDecodeError as fault:
        raise DamagedModel(f"{file} is no text in UTF-8") from fault
    except OSError as fault:
        raise DamagedModel(f"{file} cannot be read: {fault.strerror}") from fault


def save_own(models_dir: Path, registry: Registry) -> None:
    """Keep a registry in the place of the old one; it is on the disk when this returns.

    Raises:
        OSError: it cannot be written; the old one stays.
    """
    folder = own_dir(models_dir)
    fresh = folder / f".{REGISTRY}.tmp"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(to_json(registry))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / REGISTRY)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in a folder too.

    Raises:
        OSError: it does not.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load_shipped() -> Registry:
    """Read which models Atrium carries.

    Raises:
        DamagedModel: that cannot be read: the installation is incomplete.
    """
    return _load(shipped_dir() / REGISTRY, None)


def is_shipped(model: Registered) -> bool:
    """Whether Atrium carries this model.

    Raises:
        DamagedModel: what is shipped cannot be read.
    """
    return load_shipped().find(model.id) is not None


def folder_of(models_dir: Path, model: Registered) -> Path:
    """Where a model's files lie, or ought to: with what is shipped, or in a folder of its own.

    Raises:
        DamagedModel: what is shipped cannot be read.
    """
    return shipped_dir() if is_shipped(model) else own_dir(models_dir) / model.id


def faults_of(models_dir: Path, model: Registered) -> list[str]:
    """Compare a model's files with its checksums; one sentence a fault, empty: all is as it was registered."""
    folder, faults = folder_of(models_dir, model), []
    for name, file in model.files.items():
        try:
            right = sha256_of(folder / name) == file.sha256
        except OSError as fault:
            faults.append(f"{name} cannot be read: {fault.strerror}")
        else:
            if not right:
                faults.append(f"{name} is not what its checksum says")
    return faults


def whole(models_dir: Path, model: Registered) -> Path:
    """The folder of a model whose files are as they were registered.

    Raises:
        DamagedModel: they are not; the text says what to do.
    """
    if faults := faults_of(models_dir, model):
        cure = (
            REINSTALL
            if is_shipped(model)
            else "Put its folder back from a backup, or go back to another model with `atrium models promote`"
        )
        raise DamagedModel(f"{model.id}: {'; '.join(faults)}. {cure}")
    return folder_of(models_dir, model)


def in_use(models_dir: Path, kind: Kind) -> Path:
    """The folder of the model that the office uses.

    What an office promoted is compared with its checksums; what is shipped is trusted as the rest of Atrium is.

    Raises:
        DamagedModel: the registry or the model is damaged; the text says what to do.
    """
    model = load_registry(models_dir).current(kind)
    return shipped_dir() if is_shipped(model) else whole(models_dir, model)


def in_use_or_shipped(models_dir: Path, kind: Kind) -> Path:
    """As `in_use`; where that is damaged, what is shipped stands in. The log says what is not used."""
    try:
        if (old := load_registry(models_dir).given_way(kind)) is not None:
            logger.warning("a promoted model was made for another Atrium: train it again", extra={"model": old})
        return in_use(models_dir, kind)
    except ModelError as fault:
        logger.warning("the model of understanding that was promoted cannot be used", extra={"fault": str(fault)})
        return shipped_dir()


def kind_in(folder: Path) -> Kind:
    """What kind of model a folder holds.

    Raises:
        ModelError: none, or two.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder} is neither a folder nor the id of a model; `atrium models list` shows the ids")
    found = [kind for kind, names in WEIGHTS.items() if any((folder / name).exists() for name in names)]
    if len(found) == 1:
        return found[0]
    wanted = "; or ".join(f"{', '.join((*WEIGHTS[kind], CARDS[kind]))} ({kind})" for kind in Kind)
    said = "two models: leave the files of one" if found else "no model: it needs"
    raise ModelError(f"{folder} holds {said}{':' if found else ''} {wanted}")


def copy_candidate(source: Path, target: Path) -> None:
    """Copy a model's files, so that what is examined is what is kept.

    Args:
        source: a folder with weights and card, and perhaps more, which stays behind.
        target: an empty folder.

    Raises:
        ModelError: a file is missing, too large, or the model stands on another encoder.
    """
    kind = kind_in(source)
    for name in (*WEIGHTS[kind], CARDS[kind]):
        file = source / name
        if not file.is_file():
            raise ModelError(f"{source} lacks {name}; a model of {kind} is {_listed(kind)}")
        if file.stat().st_size > _MOST_BYTES:
            raise ModelError(f"{file} is too large: it may have {_MOST_BYTES} bytes")
    for name in ENCODER:
        if (source / name).exists() and sha256_of(source / name) != sha256_of(shipped_dir() / name):
            raise ModelError(
                f"{source / name} is not the one that is shipped: train the model on the vectors of "
                f"{shipped_dir() / name}, and leave this file out"
            )
    for name in (*WEIGHTS[kind], CARDS[kind]):
        with (source / name).open("rb") as old, (target / name).open("wb") as new:
            shutil.copyfileobj(old, new)
            new.flush()
            os.fsync(new.fileno())
    sync_folder(target)


def described(folder: Path) -> Registered:
    """Describe the model in a folder, after a look at what can be seen without running it.

    Args:
        folder: with weights and card, as `copy_candidate` leaves it.

    Raises:
        ModelError: card, heads or calibrations are not as they have to be.
    """
    kind = kind_in(folder)
    card = read_card(_text(folder / CARDS[kind]), kind, CARDS[kind])
    if kind is Kind.MEETINGS:
        check_calibrations(_text(folder / "meetings.json"), "meetings.json")
    elif not zipfile.is_zipfile(folder / "heads.npz"):
        raise ModelError("heads.npz is not whole, or none: copy it again, or train it again")
    return describe(kind, folder, card.licence, card.data)


def describe(kind: Kind, folder: Path, licence: str, data: str) -> Registered:
    """Take down a model's checksums.

    Raises:
        OSError: a file cannot be read.
    """
    files = hashed(folder, (*WEIGHTS[kind], CARDS[kind]))
    sha256 = content_hash(files, kind)
    return Registered(
        id=id_of(kind, sha256),
        kind=kind,
        sha256=sha256,
        ground=ground_of(kind),
        files=files,
        licence=licence,
        data=data,
    )


def ground_of(kind: Kind) -> str:
    """SHA-256 of what models of a kind stand on in this Atrium.

    Raises:
        OSError: the encoder that is shipped cannot be read.
    """
    beside = " ".join(cues.NAMES) if kind is Kind.UTTERANCES else meeting_input.LAYOUT
    given = ModelFile(size=len(beside), sha256=hashlib.sha256(beside.encode()).hexdigest())
    return listing_hash({**hashed(shipped_dir(), ENCODER), "inputs": given})


def hashed(folder: Path, names: Iterable[str]) -> dict[str, ModelFile]:
    """Sizes and checksums of files.

    Raises:
        OSError: one cannot be read.
    """
    return {
        name: ModelFile(size=(folder / name).stat().st_size, sha256=sha256_of(folder / name)) for name in names
    }


def check_calibrations(text: str, source: str) -> None:
    """See that every way of reading a meeting has its calibration.

    Args:
        text: JSON, as in `meetings.json`.
        source: the file's name, for messages.

    Raises:
        ModelError: one is missing or no calibration; the text says which.
    """
    try:
        table: Any = json.loads(text)
    except ValueError as fault:
        raise ModelError(f"{source}: this is no JSON: {fault}") from fault
    if not isinstance(table, dict) or not all(isinstance(table.get(name), str) for name in ("model", "sha256")):
        raise ModelError(f"{source}: model and sha256 of the graph have to stand in it, as texts")
    calibrations = table.get("calibrations")
    if not isinstance(calibrations, dict):
        raise ModelError(f"{source}: calibrations are missing")
    for name in (f"{mode}-{label}" for mode in _MODES for label in _LABELS):
        one = calibrations.get(name)
        if not isinstance(one, dict) or set(one) != {"slope", "shift", "threshold"}:
            raise ModelError(f"{source}: calibration {name} has to have slope, shift and threshold")
        if not all(_is_number(value) for value in one.values()) or not 0 <= one["threshold"] <= 1:
            raise ModelError(f"{source}: calibration {name} needs numbers, and a threshold from 0 to 1")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _listed(kind: Kind) -> str:
    return ", ".join((*WEIGHTS[kind], CARDS[kind]))
