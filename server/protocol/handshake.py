"""From an open socket to a person in a room: connecting, joined, closing. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from server.protocol import PROTOCOL_VERSION
from server.protocol.errors import MalformedMessage, MessagesTooFast, VersionMismatch
from server.protocol.messages import Hello, Message, Move


class State(StrEnum):
    """Where a connection stands."""

    CONNECTING = "connecting"
    JOINED = "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSettings:
    """How fast one session may talk: token buckets."""

    messages_per_second: float = 15.0
    message_burst: float = 60.0
    moves_per_second: float = 40.0
    move_burst: float = 80.0


class Bucket:
    """A token bucket; time is an argument (seconds)."""

    def __init__(self, rate: float, burst: float) -> None:
        """`rate` tokens a second, at most `burst` saved."""
        self._rate, self._burst = rate, burst
        self._tokens, self._at = burst, 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed now."""
        self._tokens = min(self._burst, self._tokens + max(now - self._at, 0.0) * self._rate)
        self._at = max(now, self._at)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Handshake:
    """What may come when: `hello` first and once, then anything else, not too fast."""

    def __init__(self, rates: RateSettings, known_room: Callable[[str], bool]) -> None:
        """`known_room` says whether a room of that name exists."""
        self.state = State.CONNECTING
        self._known_room = known_room
        self._messages = Bucket(rates.messages_per_second, rates.message_burst)
        self._moves = Bucket(rates.moves_per_second, rates.move_burst)

    def receive(self, message: Message, now: float) -> Message:
        """Let a decoded message through.

        Raises:
            MessagesTooFast: the session sends more than it may.
            VersionMismatch: `hello` names another version.
            MalformedMessage: the message may not come now, or the room does not exist.
        """
        bucket = self._moves if isinstance(message, Move) else self._messages
        if not bucket.take(now):
            raise MessagesTooFast("too many messages; wait a moment and open the page again")
        if self.state is State.CONNECTING:
            if not isinstance(message, Hello):
                raise MalformedMessage("the first message is hello")
            if message.version != PROTOCOL_VERSION:
                raise VersionMismatch(
                    f"this office speaks version {PROTOCOL_VERSION}, you speak {message.version}: reload the page"
                )
            if not self._known_room(message.room):
                raise MalformedMessage(f"there is no room {message.room!r}")
            self.state = State.JOINED
        elif isinstance(message, Hello):
            raise MalformedMessage("hello comes once")
        return message
