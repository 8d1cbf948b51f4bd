"""The revisions of the database schema, oldest first, so that others can name them without a database."""

from __future__ import annotations

REVISIONS: tuple[str, ...] = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every revision this version of Atrium knows; a test holds it equal to the migrations."""
HEAD = REVISIONS[-1]
"""The revision that this version of Atrium works with."""
