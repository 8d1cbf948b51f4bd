"""Inbox: tells people who are here when the questions before them change."""

from __future__ import annotations

from server.office import Office
from server.protocol import messages as m
from server.roles import Permission, may, roles_down_to
from server.session import Session
from workflows.engine import Changes, Engine
from workflows.run import Kind, Open, Run, Status
from workflows.store import Store

MOST_RESTORED = 100_000

Questions = tuple[Status, dict[str, Open]]
"""How a run is, and what it asks."""


class Inbox:
    """Knows whom each open question is before, so that those hear of it whom it concerned until now, too."""

    def __init__(self, office: Office, engine: Engine, store: Store) -> None:
        """One engine with its store, one office."""
        self._office, self._store = office, store
        self._asked: dict[str, Questions] = {}
        engine.listeners.append(self._changed)

    async def restore(self) -> None:
        """Learn what is asked already, after a start."""
        runs = {task.run for task in await self._store.human_tasks(only_open=True, limit=MOST_RESTORED)}
        for run_id in runs:
            run = await self._store.get(run_id)
            if run is not None and (asks := _asks(run)):
                self._asked[run.id] = (run.status, asks)

    def _changed(self, changes: Changes) -> None:
        concerned: set[str] = set()
        for run, _ in changes.moved:
            before = self._asked.pop(run.id, (run.status, {}))
            now = (run.status, _asks(run))
            if now[1]:
                self._asked[run.id] = now
            if before != now and (before[1] or now[1]):
                concerned |= _who(before) | _who(now)
        if not concerned:
            return
        here = [session for session in self._office.sessions.values() if may(session.role, Permission.DECIDE)]
        told = {session.participant_id for session in here if not concerned.isdisjoint(_is(session))}
        if told:
            self._office.broadcast(m.InboxChanged(), only=told)


def _asks(run: Run) -> dict[str, Open]:
    return {name: one for name, one in run.open.items() if one.kind is Kind.ASK}


def _who(questions: Questions) -> set[str]:
    return {
        who
        for one in questions[1].values()
        for who in (*(f"role:{role}" for role in one.roles), *(f"person:{person}" for person in one.people))
    }


def _is(session: Session) -> set[str]:
    return {f"person:{session.participant_id}", *(f"role:{role}" for role in roles_down_to(session.role))}
