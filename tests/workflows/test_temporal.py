"""Runs on Temporal's API: the contract on DBOSify over PostgreSQL; Temporal's own package takes the workflow.

No Temporal server is at hand in these tests. Each part has a process of its own: what stands in for Temporal's
package is chosen once for a process.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


async def _run(*command: str, **environment: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return await process.wait(), said.decode(errors="replace")


async def test_the_contract_holds_on_dbosify() -> None:
    code, said = await _run(
        "-m", "pytest", "-q", "-p", "tests.workflows.as_dbosify", "tests/workflows/test_contract.py",
        ATRIUM_HOUSES="temporal",
    )  # fmt: skip
    assert code == 0, said[-5000:]
    assert " passed" in said
    assert "skipped" not in said


async def test_temporals_own_package_takes_the_workflow_into_its_sandbox() -> None:
    check = "from temporalio.worker import Replayer; from workflows.adapters.temporal import Machine; "
    code, said = await _run("-c", check + "Replayer(workflows=[Machine]); print('taken')")
    assert (code, said.strip().splitlines()[-1:]) == (0, ["taken"]), said
