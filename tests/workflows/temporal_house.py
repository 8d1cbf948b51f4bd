"""Runs on Temporal's API, for the contract tests."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.worker import Worker as _Worker

from tests.workflows.houses import LIMIT, Refusal, Scripted
from workflows.adapters.temporal import Calls, Machine, Wanted
from workflows.connector import Connector
from workflows.definition import Definition
from workflows.run import Run
from workflows.run_document import run_from

Worker: Any = _Worker
"""DBOSify's takes an address in place of a client."""
LOOK_SECONDS = 0.02
PATIENCE = timedelta(seconds=2)
_CONNECTORS: dict[str, Connector] = {}
_NEW = [Calls(_CONNECTORS).call]
"""Activities for the first worker: DBOSify knows them for all workers of a process that follow."""


async def _connect(url: str) -> Any:
    """A client; DBOSify's is a context."""
    return await Client.connect(url)


class TemporalHouse:
    """Workflows of one worker."""

    def __init__(self, client: Any, library: Mapping[str, Definition], queue: str, scripted: Scripted) -> None:
        self._client, self._queue, self.scripted = client, queue, scripted
        self._documents = {name: json.dumps(definition.to_document()) for name, definition in library.items()}

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, library: Mapping[str, Definition]) -> AsyncIterator[TemporalHouse]:
        queue, scripted = f"atrium-{uuid.uuid4().hex}", Scripted()
        _CONNECTORS["test"] = scripted
        worker = Worker(url, task_queue=queue, workflows=[Machine], activities=_NEW)
        _NEW.clear()
        async with worker, await _connect(url) as client:
            yield cls(client, library, queue, scripted)

    async def start(self, definition: str, data: Mapping[str, Any], *, key: str, actor: str) -> Run:
        id = f"{definition}:{key}"
        start = {"id": id, "key": key, "data": dict(data), "actor": actor}
        wanted = Wanted(document=self._documents[definition], start=start, library=self._documents)
        try:
            await self._client.start_workflow(Machine.run, wanted, id=id, task_queue=self._queue)
        except Exception as fault:
            if type(fault).__name__ != "WorkflowAlreadyStartedError":
                raise
        return run_from((await self._state(id))["run"])

    async def send(
        self,
        run: Run,
        event: str,
        data: Mapping[str, Any],
        *,
        actor: str,
        roles: Sequence[str] = (),
        key: str | None = None,
    ) -> Run:
        handle = self._client.get_workflow_handle(run.id)
        if (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING:
            raise Refusal("over", "the workflow has ended")
        wanted = {"name": event, "actor": actor, "data": dict(data), "roles": list(roles), "key": key}
        try:
            answer = await handle.execute_update(Machine.send, wanted)
        except WorkflowUpdateFailedError as fault:
            cause = fault.cause
            raise Refusal(str(getattr(cause, "type", "")), str(cause)) from fault
        return run_from(answer["run"])

    async def get(self, run: Run) -> Run:
        return run_from((await self._state(run.id))["run"])

    async def outline(self, run: Run) -> list[tuple[str, str, str]]:
        history = (await self._state(run.id))["history"]
        return [(one["event"], one["to_state"], one["outcome"]) for one in history]

    async def until(self, run: Run, holds: Callable[[Run], bool]) -> Run:
        async with asyncio.timeout(LIMIT):
            # Nothing tells of what happens in a workflow: it has to be asked.
            while not holds(now := await self.get(run)):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_SECONDS)
            return now

    async def _state(self, id: str) -> Mapping[str, Any]:
        handle = self._client.get_workflow_handle(id)
        while True:
            try:
                state: Mapping[str, Any] = await handle.query(Machine.state, rpc_timeout=PATIENCE)
            except WorkflowQueryFailedError:  # asked in the moment in which the workflow ended: ask again
                continue
            return state
