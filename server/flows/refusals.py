"""What a refused command says to the person who gave it."""

from __future__ import annotations

from collections.abc import Iterable

from server.office import Office
from server.protocol import messages as m
from server.protocol.codec import encode
from server.session import Refusal, Session
from spatial.events import Event, Reason, Refused
from spatial.participant import Participant

REASONS = {
    Reason.WALL: "There is a wall.",
    Reason.FURNITURE: "Something stands there.",
    Reason.TOO_FAST: "That was too far for one step.",
    Reason.SEAT_TAKEN: "Somebody sits there. Take another seat.",
    Reason.TOO_FAR: "That seat is out of reach. Walk up to it.",
    Reason.ROOM_FULL: "The office is full. Try again when somebody has left.",
    Reason.NOT_HERE: "You are not in the room. Reload the page.",
    Reason.SEATED: "You are sitting. Press X to stand up.",
}


def here(office: Office, session: Session) -> Participant:
    """The person of a session.

    Raises:
        Refusal: they are no longer in the room.
    """
    participant = office.participant(session.participant_id)
    if participant is None:
        raise Refusal(Reason.NOT_HERE, REASONS[Reason.NOT_HERE])
    return participant


def tell_refusals(office: Office, session: Session, events: Iterable[Event]) -> None:
    """Say why, and where one stands instead."""
    for event in events:
        if isinstance(event, Refused):
            pose = event.pose or here(office, session).pose
            message = m.Refused(
                command=event.command,
                reason=event.reason.value,
                seq=event.seq,
                x=pose.x,
                z=pose.z,
                yaw=pose.yaw,
                text=REASONS[event.reason],
            )
            session.send(encode(message))
