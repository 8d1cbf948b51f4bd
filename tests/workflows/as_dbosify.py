"""Lets DBOSify, which needs PostgreSQL alone, stand in for Temporal: `pytest -p tests.workflows.as_dbosify`."""

from __future__ import annotations

import importlib
import sys

for _name in ("", ".activity", ".client", ".common", ".exceptions", ".worker", ".workflow"):
    sys.modules[f"temporalio{_name}"] = importlib.import_module(f"dbosify{_name}")
