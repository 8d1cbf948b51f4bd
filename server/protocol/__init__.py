"""The room socket's language, without a socket: bytes to messages and back."""

PROTOCOL_VERSION = 3
"""Raised when an older client could misread what a newer server says."""

SUBPROTOCOL = "atrium.1"
"""The WebSocket subprotocol's name."""
