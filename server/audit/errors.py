"""What can go wrong with the office's word for its audit."""

from __future__ import annotations

from server.errors import ServerError


class AuditKeyError(ServerError):
    """The key that signs roots, or one that they are verified with, cannot be read or made."""

    code = "audit_key"


class RootsError(ServerError):
    """The file of roots cannot be read or written."""

    code = "audit_roots"
