"""Writes assets/models/understanding/registry.json: which models of understanding are shipped, and their figures.

To be run when a shipped model, its card, the suite or the sheet has changed; a test fails when that was forgotten.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from server.models.card import read_card
from server.models.examination import Examiner
from server.models.registered import REGISTRY, describe, shipped_dir
from server.models.registry import CARDS, SHIPPED, Kind, Promotion, Registered, Registry, from_json, to_json


def shipped(kind: Kind) -> Registered:
    """Describe a shipped model."""
    folder = shipped_dir()
    card = read_card((folder / CARDS[kind]).read_text(encoding="utf-8"), kind, CARDS[kind])
    return describe(kind, folder, card.licence, card.data)


def promotion(model: Registered, examiner: Examiner, now: datetime) -> Promotion:
    """Examine a shipped model."""
    found = examiner.examine(model.kind, shipped_dir(), shipped_dir())
    return Promotion(
        model=model.id,
        at=now,
        by=SHIPPED,
        before=None,
        suite=found.suite,
        figures=found.figures,
        overall=found.overall,
    )


def main() -> int:
    """Write the file; a model that is shipped already keeps its day."""
    file = shipped_dir() / REGISTRY
    before = from_json(file.read_text(encoding="utf-8"), str(file)) if file.exists() else Registry()
    days = {one.model: one.at for one in before.promotions}
    now, examiner = datetime.now(UTC).replace(microsecond=0), Examiner()
    models = tuple(shipped(kind) for kind in Kind)
    promotions = tuple(promotion(model, examiner, days.get(model.id, now)) for model in models)
    file.write_text(to_json(Registry(models=models, promotions=promotions)), encoding="utf-8")
    for one in promotions:
        print(f"{one.model}: overall {one.overall:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
