"""`atrium models evaluate` and `promote`, and what `list` and `verify` say of models of understanding."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from avatars.gate import Figure, overall
from server.command_line import settings_of
from server.models.errors import ModelError
from server.models.registered import faults_of, load_registry
from server.models.registry import Kind, Promotion, Registered, Registry

if TYPE_CHECKING:
    from server.models.examination import Examination
    from server.models.promotion import Outcome

_EVERY = 50
"""Texts after which progress is told."""
_DAY = "%Y-%m-%d %H:%M"


def add_deeds(
    deeds: argparse._SubParsersAction[argparse.ArgumentParser], common: Callable[[argparse.ArgumentParser], None]
) -> None:
    """Add `evaluate` and `promote` to the deeds of `atrium models`.

    Args:
        deeds: of `atrium models`.
        common: adds the options that all deeds have.
    """
    deed = deeds.add_parser("evaluate", help="hold a model of understanding to the fixed suite")
    deed.add_argument("model", metavar="MODEL", help="an id of `list`, a folder, `utterances` or `meetings`")
    deed.add_argument("--json", action="store_true", help="print one JSON object")
    common(deed)
    deed.set_defaults(run=_evaluate)

    deed = deeds.add_parser("promote", help="use a model of understanding, if it is no worse than the one in use")
    deed.add_argument("model", metavar="FOLDER", help="a folder with model and card, or an earlier model's id")
    deed.add_argument("--by", metavar="NAME", help="who promotes it (default: your account's name)")
    deed.add_argument("--json", action="store_true", help="print one JSON object")
    common(deed)
    deed.set_defaults(run=_promote)


def _evaluate(arguments: argparse.Namespace) -> int:
    from server.models.examination import Examiner  # loads ONNX Runtime, which other deeds do without
    from server.models.promotion import evaluate

    models_dir = settings_of(arguments).models
    model, found = evaluate(models_dir, arguments.model, Examiner(), _progress)
    if arguments.json:
        print(json.dumps(_examined(model, found), ensure_ascii=False))
        return 0
    print(f"{model.id}, suite {found.suite}")
    print_table(_lines(found.figures))
    _print_failing(found)
    return 0


def _promote(arguments: argparse.Namespace) -> int:
    from server.models.examination import Examiner  # loads ONNX Runtime, which other deeds do without
    from server.models.promotion import Promoter

    promoter = Promoter(
        models_dir=settings_of(arguments).models,
        examiner=Examiner(),
        by=account() if arguments.by is None else arguments.by,
        now=datetime.now(UTC).replace(microsecond=0),
        progress=_progress,
    )
    outcome = promoter.promote(arguments.model)
    if arguments.json:
        print(json.dumps(_as_json(outcome, promoter.by), ensure_ascii=False))
    else:
        _print_outcome(outcome, promoter.by)
    return 1 if outcome.reasons else 0


def _print_outcome(outcome: Outcome, by: str) -> None:
    model, found = outcome.model, outcome.examination
    if found is None:
        print(f"{model.id} is the model in use already; nothing was changed.")
        return
    print(f"{model.id}, suite {found.suite}; in use: {outcome.in_use.id}")
    print_table(_lines(found.figures, outcome.compared.figures if outcome.compared is not None else None))
    if outcome.reasons:
        _print_failing(found)
        print(f"\nRefused: {model.id} is worse than {outcome.in_use.id}, which stays in use.")
        for reason in outcome.reasons:
            print(f"  {reason}")
        return
    print(f"\nPromoted by {by}. The office uses {model.id} from its next start.")
    print(f"To go back: atrium models promote {outcome.in_use.id}")


def print_models(models_dir: Path) -> None:
    """Print which models of understanding there are, and how they came to be used.

    Raises:
        DamagedModel: a registry cannot be read.
    """
    registry = load_registry(models_dir)
    print("\nModels of understanding:")
    print_table([_row(registry, model) for kind in Kind for model in registry.of_kind(kind)])
    for kind in Kind:
        if (old := registry.given_way(kind)) is not None:
            print(f"{old} was made for another Atrium, and what is shipped stands in: train it again.")
    print("\nPromoted:")
    print_table([_event(promotion) for promotion in registry.promotions])


def _row(registry: Registry, model: Registered) -> tuple[str, ...]:
    chosen = registry.current(model.kind).id == model.id
    figures = [one.overall for one in registry.promotions if one.model == model.id]
    return (
        f"{'*' if chosen else ' '} {model.id}",
        f"overall {figures[-1]:.3f}" if figures else "",
        model.licence,
        model.data,
    )


def _event(promotion: Promotion) -> tuple[str, ...]:
    return (
        f"  {promotion.at.astimezone(UTC).strftime(_DAY)} UTC",
        promotion.model,
        f"by {promotion.by}",
        "came back" if promotion.back else "",
    )


def models_as_json(models_dir: Path) -> dict[str, Any]:
    """Models of understanding, the ids of those in use by kind, and every promotion, the oldest first.

    Raises:
        DamagedModel: a registry cannot be read.
    """
    registry = load_registry(models_dir)
    plain: dict[str, Any] = msgspec.to_builtins(registry)
    in_use = {kind.value: registry.current(kind).id for kind in Kind}
    return {"in_use": in_use, "models": plain["models"], "promotions": plain["promotions"]}


def verify_models(models_dir: Path, say: Callable[[str], None]) -> int:
    """Compare models of understanding with their checksums; gives how many are damaged.

    Raises:
        DamagedModel: a registry cannot be read.
    """
    bad = 0
    for model in load_registry(models_dir).models:
        faults = faults_of(models_dir, model)
        for fault in faults:
            say(f"{model.id}: {fault}")
        bad += bool(faults)
        say(f"{model.id}: {'damaged.' if faults else 'as it was registered.'}")
    return bad


def _lines(found: Mapping[str, Figure], compared: Mapping[str, Figure] | None = None) -> list[tuple[str, ...]]:
    """A row a capability: figure, the one of the model in use, how much it differs, and of how many."""
    heading = ("capability", "rate", *(("in use", "change") if compared else ()), "of")
    rows = [heading]
    for name, figure in found.items():
        beside = _beside(figure.value, compared[name].value) if compared else ()
        rows.append((name, f"{figure.value:.3f}", *beside, str(figure.of)))
    beside = _beside(overall(found), overall(compared)) if compared else ()
    return [*rows, ("overall", f"{overall(found):.3f}", *beside, "")]


def _beside(value: float, compared: float) -> tuple[str, str]:
    change = value - compared
    return f"{compared:.3f}", f"{change:+.3f}" if abs(change) >= 0.0005 else "="


def _print_failing(found: Examination) -> None:
    parts = [(result.capability, result.failing) for result in found.results]
    parts += [(f"sheet: {score.label}", score.failing) for score in found.scores]
    if any(failing for _, failing in parts):
        print("\nFailing, the first of each:")
    for name, failing in parts:
        for example in failing:
            print(f"  {name}: {example}")


def _examined(model: Registered, found: Examination) -> dict[str, Any]:
    scores = {f"sheet: {score.label}": score.failing for score in found.scores}
    failing = {result.capability: result.failing for result in found.results} | scores
    return {
        "model": model.id,
        "kind": model.kind.value,
        "sha256": model.sha256,
        "licence": model.licence,
        "data": model.data,
        "suite": found.suite,
        "overall": found.overall,
        "capabilities": [
            {"name": name, "value": figure.value, "of": figure.of, "failing": list(failing[name])}
            for name, figure in found.figures.items()
        ],
    }


def _as_json(outcome: Outcome, by: str) -> dict[str, Any]:
    found, compared = outcome.examination, outcome.compared
    return {
        "model": outcome.model.id,
        "in_use_before": outcome.in_use.id,
        "promoted": outcome.promoted,
        "by": by,
        "reasons": list(outcome.reasons),
        "examination": _examined(outcome.model, found) if found is not None else None,
        "compared": _examined(outcome.in_use, compared) if compared is not None else None,
    }


def account() -> str:
    """The name of whoever types.

    Raises:
        ModelError: the account has none.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError) as fault:  # OSError from Python 3.13 on
        raise ModelError("your account has no name: say who you are, with --by NAME") from fault


def _progress(model: str, done: int, of: int) -> None:
    if sys.stderr.isatty() and (done % _EVERY == 0 or done == of):
        print(f"\r\033[K{model}: {done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows with their columns under each other; all have as many cells as the first."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
