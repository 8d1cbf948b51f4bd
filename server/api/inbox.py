"""Inbox: the questions that wait for somebody; decide them, or pass them on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, JsonValue

from server.api.auth import SignedIn
from server.api.parts import Parts
from server.api.run_models import AnswerView, InboxView, PersonView
from server.api.run_views import task_view
from server.api.runs import IdempotencyKey
from server.work.wording import ids_in_run, ids_in_task
from workflows.engine import new_id

router = APIRouter(prefix="/inbox", tags=["inbox"])


class Decision(BaseModel):
    """What is decided."""

    decision: Annotated[str, Field(min_length=1, max_length=80)]
    subject: Annotated[str, Field(max_length=64)]
    """Hash of what was shown: a decision holds for that alone."""
    form: dict[str, JsonValue] = Field(default_factory=dict)
    """What was filled in, as the question's JSON Schema wants it."""


class Delegation(BaseModel):
    """To whom a question is passed on."""

    to: Annotated[str, Field(min_length=1, max_length=80)]


@router.get("")
async def read_inbox(session: SignedIn, parts: Parts) -> InboxView:
    """List open questions before whoever asks, the oldest first; those that they have answered wait for others."""
    asked = await parts.desk.inbox(session)
    ids = [one for each in asked for one in (*ids_in_task(each.task), *ids_in_run(each.run))]
    names = await parts.sight.names(ids)
    people = await parts.sight.deciders()
    return InboxView(
        tasks=[task_view(one.task, one.run, one.definition, names, session) for one in asked],
        people=[PersonView(id=one.id, name=one.name) for one in people if one.id != session.person],
    )


@router.post("/{run_id}/{task}/decision")
async def decide(
    run_id: str,
    task: str,
    wish: Decision,
    session: SignedIn,
    parts: Parts,
    idempotency_key: IdempotencyKey = None,
) -> AnswerView:
    """Decide a question. 409 where what was shown has changed, or nobody asks any more."""
    outcome = await parts.desk.decide(
        session,
        run_id,
        task,
        wish.decision,
        subject=wish.subject,
        form=wish.form,
        key=idempotency_key or new_id(),
        now=parts.now(),
    )
    return AnswerView(changed=outcome.changed, status=outcome.run.status.value)


@router.post("/{run_id}/{task}/delegate")
async def delegate(run_id: str, task: str, wish: Delegation, session: SignedIn, parts: Parts) -> AnswerView:
    """Put another person before a question; whoever passes it on may still decide it."""
    outcome = await parts.desk.delegate(session, run_id, task, wish.to, now=parts.now())
    return AnswerView(changed=outcome.changed, status=outcome.run.status.value)
