"""Logging: a constant message and its fields, to standard error."""

from __future__ import annotations

import logging

_PLAIN = frozenset(vars(logging.makeLogRecord({})))


class FieldFormatter(logging.Formatter):
    """A constant message and its fields: `time level logger message key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback if there is one."""
        line = super().format(record)
        fields = {k: v for k, v in vars(record).items() if k not in _PLAIN and k not in ("message", "asctime")}
        if not fields:
            return line
        head, newline, rest = line.partition("\n")
        return head + "".join(f" {k}={v}" for k, v in fields.items()) + newline + rest


def set_up_logging(level: str) -> None:
    """Log to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(FieldFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("aioice", "aiortc", "alembic", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
