"""What can be wrong with a self-test."""

from __future__ import annotations

from server.errors import ServerError


class SelftestError(ServerError):
    """The test cannot be done."""

    code = "selftest"
