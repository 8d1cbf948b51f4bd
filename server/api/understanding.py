"""How understanding is doing, for the owner: the models in use, and what people made of what was heard."""

from __future__ import annotations

import asyncio
import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from avatars.drift import EDGES
from server.api.auth import for_owner
from server.api.parts import Parts
from server.models.registered import load_registry
from server.models.registry import Kind, Registry
from server.work.feedback import Week, feedback
from workflows.task import Verdict

router = APIRouter(tags=["models"], dependencies=[Depends(for_owner("how understanding is doing is"))])


class ModelView(BaseModel):
    """A model in use."""

    kind: str
    """`utterances` or `meetings`."""
    id: str
    licence: str
    data: str
    """What it was trained on."""
    promoted_at: float
    """Seconds since the epoch."""
    promoted_by: str
    """`shipped`: it came with Atrium."""
    overall: float
    """Its mean figure on the fixed suite."""


class WeekView(BaseModel):
    """The tasks that were heard in a week that begins on a Monday, by what people made of them."""

    start: datetime.date
    kept: int
    changed: int
    rejected: int
    waiting: int


class ScoresView(BaseModel):
    """How sure the models were, of late and before."""

    index: float | None
    """Population stability index: from 0.1 on worth a look, from 0.25 on another population; null: too few."""
    edges: list[float]
    """Confidences between the bins."""
    before: list[int]
    late: list[int]


class UnderstandingView(BaseModel):
    """How understanding is doing."""

    models: list[ModelView]
    weeks: list[WeekView]
    """The oldest first."""
    judged: int
    wrong: int
    """Of those judged: changed or rejected."""
    scores: ScoresView


@router.get("/understanding")
async def read_understanding(parts: Parts) -> UnderstandingView:
    """Say which models are in use, what people made of what was heard, and whether scores shift."""
    registry = await asyncio.to_thread(load_registry, parts.settings.models_dir)
    found = feedback(await parts.tasks.all(), parts.now().astimezone(parts.settings.timezone))
    return UnderstandingView(
        models=[_model(registry, kind) for kind in Kind],
        weeks=[_week(week) for week in found.weeks],
        judged=found.judged,
        wrong=found.wrong,
        scores=ScoresView(
            index=found.scores.index,
            edges=list(EDGES),
            before=list(found.scores.before),
            late=list(found.scores.late),
        ),
    )


def _model(registry: Registry, kind: Kind) -> ModelView:
    model, promotion = registry.current(kind), registry.last_promotion(kind)
    return ModelView(
        kind=kind.value,
        id=model.id,
        licence=model.licence,
        data=model.data,
        promoted_at=promotion.at.timestamp(),
        promoted_by=promotion.by,
        overall=promotion.overall,
    )


def _week(week: Week) -> WeekView:
    return WeekView(
        start=week.start,
        kept=week.verdicts[Verdict.KEPT],
        changed=week.verdicts[Verdict.CHANGED],
        rejected=week.verdicts[Verdict.REJECTED],
        waiting=week.verdicts[Verdict.WAITING],
    )
