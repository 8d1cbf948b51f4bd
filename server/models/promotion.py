"""A model of understanding takes the place of the one in use, if it is no worse; or an earlier one comes back."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from avatars.gate import objections
from server.models.errors import DamagedModel, ModelError
from server.models.examination import Examination, Examiner
from server.models.registered import (
    REGISTRY,
    REINSTALL,
    copy_candidate,
    described,
    is_shipped,
    load_own,
    load_registry,
    own_dir,
    save_own,
    shipped_dir,
    sync_folder,
    whole,
)
from server.models.registry import (
    SHIPPED,
    Kind,
    Promotion,
    Registered,
    Registry,
    fault_of_name,
    is_id,
)
from server.models.store import alone

logger = logging.getLogger(__name__)

_CANDIDATE = ".candidate-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a promotion."""

    model: Registered
    in_use: Registered
    """The model in use before."""
    examination: Examination | None
    """Of the model; None: it is in use already, and nothing was done."""
    compared: Examination | None
    """Of the model in use before; None where an earlier model came back."""
    reasons: tuple[str, ...]
    """Why it was refused; empty: it was not."""

    @property
    def promoted(self) -> bool:
        """Whether the model is in use now, and was not before."""
        return self.examination is not None and not self.reasons


Progress = Callable[[str, int, int], None]
"""Is told what is examined, and how much of it is done of how much."""


def find(models_dir: Path, registry: Registry, wanted: str) -> tuple[Registered, Path]:
    """Find a model to look at, by its id, or the word for the one in use ("meetings").

    Raises:
        DamagedModel: its files are not as they were registered.
        ModelError: there is none.
    """
    if wanted in list(Kind):
        model: Registered | None = registry.current(Kind(wanted))
    else:
        model = registry.find(wanted)
    if model is None:
        raise ModelError(f"there is no model {wanted}; `atrium models list` shows those that are")
    return model, whole(models_dir, model)


def evaluate(
    models_dir: Path, wanted: str, examiner: Examiner, progress: Progress
) -> tuple[Registered, Examination]:
    """Examine a model without promoting it.

    Args:
        models_dir: where models lie.
        wanted: an id, "utterances" or "meetings" for the one in use, or a folder.
        examiner: with the suite.
        progress: is told how far it is.

    Raises:
        DamagedModel: its files are not as they were registered.
        ModelError: there is no such model, or it is none.
    """
    if is_id(wanted) or wanted in list(Kind):
        model, folder = find(models_dir, load_registry(models_dir), wanted)
        return model, _examined(examiner, model, folder, progress)
    with _disk(Path(wanted)), tempfile.TemporaryDirectory(prefix="atrium-candidate-") as name:
        copy_candidate(Path(wanted), Path(name))
        model = described(Path(name))
        return model, _examined(examiner, model, Path(name), progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoter:
    """Who promotes, when, and by which suite."""

    models_dir: Path
    """Where models lie."""
    examiner: Examiner
    by: str
    now: datetime
    """Aware."""
    progress: Progress

    def promote(self, wanted: str) -> Outcome:
        """Examine a model, and make it the one in use unless it is worse.

        Either all of it is done when this returns, or nothing: a model's folder appears whole, and counts from the
        moment when the registry names it.

        Args:
            wanted: a folder with a candidate; or the id of an earlier model, which comes back uncompared.

        Raises:
            DamagedModel: the registry, or the model that comes back or is in use, is damaged.
            ModelError: it is no model, the name is none, or nothing can be written; the text says what to do.
        """
        fault = f"{SHIPPED} is taken" if self.by == SHIPPED else fault_of_name(self.by)
        if fault is not None:
            raise ModelError(f"{self.by!r} cannot promote: {fault}. Give your name with --by")
        folder = own_dir(self.models_dir)
        with _disk(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with alone(folder, "promotion", "a model is being promoted"):
                _sweep(folder)
                return self._promote(wanted, folder)

    def _promote(self, wanted: str, folder: Path) -> Outcome:
        registry = load_registry(self.models_dir)
        if is_id(wanted):
            model, _ = find(self.models_dir, registry, wanted)
            return self._bring_back(registry, model)
        with _staged(folder, Path(wanted)) as staged:
            model = described(staged)
            known = registry.find(model.id)
            return self._compare(registry, model, staged) if known is None else self._bring_back(registry, known)

    def _bring_back(self, registry: Registry, model: Registered) -> Outcome:
        """What was in use before was no worse then. It comes back even where what is in use now is damaged."""
        current = registry.current(model.kind)
        if current.id == model.id:
            return Outcome(model=model, in_use=current, examination=None, compared=None, reasons=())
        if model.ground != current.ground:
            raise ModelError(f"{model.id} was made for an Atrium with other inputs: train it again")
        found = self._examined(model, whole(self.models_dir, model))
        self._note(model, found, before=current.id, back=True)
        return Outcome(model=model, in_use=current, examination=found, compared=None, reasons=())

    def _compare(self, registry: Registry, model: Registered, staged: Path) -> Outcome:
        current = registry.current(model.kind)
        if model.ground != current.ground:
            raise DamagedModel(f"encoder or inputs are not what {REGISTRY} says of what is shipped. {REINSTALL}")
        place = whole(self.models_dir, current)
        found = self._examined(model, staged)  # first, since it may not even run
        against = self._examined(current, place)
        reasons = objections(found.figures, against.figures)
        if not reasons:
            target = own_dir(self.models_dir) / model.id
            shutil.rmtree(target, ignore_errors=True)  # of a promotion that was cut off before it was noted
            os.rename(staged, target)
            sync_folder(target.parent)
            self._note(model, found, before=current.id, back=False)
        return Outcome(model=model, in_use=current, examination=found, compared=against, reasons=reasons)

    def _note(self, model: Registered, found: Examination, *, before: str, back: bool) -> None:
        promotion = Promotion(
            model=model.id,
            at=self.now,
            by=self.by,
            before=before,
            suite=found.suite,
            figures=found.figures,
            overall=found.overall,
            back=back,
        )
        own = load_own(self.models_dir)
        known = own if is_shipped(model) else own.with_model(model)
        save_own(self.models_dir, known.with_note(promotion))
        logger.info("a model of understanding was promoted", extra={"model": model.id, "back": back})

    def _examined(self, model: Registered, folder: Path) -> Examination:
        return _examined(self.examiner, model, folder, self.progress)


def _examined(examiner: Examiner, model: Registered, folder: Path, progress: Progress) -> Examination:
    return examiner.examine(
        model.kind, shipped_dir(), folder, progress=lambda done, of: progress(model.id, done, of)
    )


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """Say in words what the disk does not do."""
    try:
        yield
    except OSError as error:
        place, reason = error.filename or folder, error.strerror or error
        raise ModelError(f"{place} cannot be read or written: {reason}") from error


@contextmanager
def _staged(folder: Path, source: Path) -> Iterator[Path]:
    """A copy of a candidate, which goes unless it was moved."""
    staged = Path(tempfile.mkdtemp(prefix=_CANDIDATE, dir=folder))
    try:
        staged.chmod(0o755)
        copy_candidate(source, staged)
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Take away copies that a promotion left which was cut off; there is no other at the same time."""
    for left in folder.glob(f"{_CANDIDATE}*"):
        shutil.rmtree(left, ignore_errors=True)
