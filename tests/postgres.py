"""A PostgreSQL server of one's own: the one that the self-test starts."""

from __future__ import annotations

from server.selftest.postgres import PostgresMissing, PostgresServer, postgres_server

__all__ = ["PostgresMissing", "PostgresServer", "postgres_server"]
