"""What can be wrong with a message."""

from __future__ import annotations


class ProtocolError(Exception):
    """A message that breaks the protocol; the session that sent it is closed with `close_code`."""

    code = "protocol"
    close_code = 4003

    def __init__(self, reason: str) -> None:
        """Keep the reason, in words for the log and the other side."""
        super().__init__(reason)
        self.reason = reason


class MalformedMessage(ProtocolError):
    """Not a message: bytes that do not decode, an unknown name, a wrong field."""

    code = "malformed"


class MessageTooLarge(ProtocolError):
    """More bytes than a message may have."""

    code = "too_large"
    close_code = 4004


class MessagesTooFast(ProtocolError):
    """More messages a second than a session may send."""

    code = "too_fast"
    close_code = 4005


class VersionMismatch(ProtocolError):
    """The other side speaks another version of the protocol."""

    code = "version"
    close_code = 4002
