"""The office as its entrance shows it."""

from __future__ import annotations

from server.api.parts import LobbyPerson, OfficeView
from server.office import Office
from spatial.participant import Participant


def lobby(office: Office, engine: dict[str, object]) -> OfficeView:
    """Who is inside, for the entrance."""
    people = [_in_lobby(office, p) for p in office.room.participants.values() if p.present]
    return OfficeView(people=people, engine=engine)


def _in_lobby(office: Office, participant: Participant) -> LobbyPerson:
    zone = office.plan.zone_by_id.get(participant.zone)
    return LobbyPerson(
        name=participant.name,
        zone=zone.name if zone else "",
        look=participant.look.indices(),
        kind=participant.kind.value,
    )
