"""Roles, and what each may do: one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from server.errors import Forbidden


class Role(StrEnum):
    """Who somebody is in this office; each may do all that the next may."""

    OWNER = "owner"
    FACILITATOR = "facilitator"
    MEMBER = "member"
    GUEST = "guest"

    @property
    def rank(self) -> int:
        """3 for the owner down to 0 for a guest."""
        return _RANKS[self]


class Permission(StrEnum):
    """What may be asked of the office."""

    ENTER = "enter"
    """Be in a room: walk, speak, chat."""
    CREATE_TASKS = "create_tasks"
    EDIT_TASKS = "edit_tasks"
    """Without it: only tasks that one owns or has noted."""
    EDIT_MEETINGS = "edit_meetings"
    """Correct words, decisions and the title of meetings that one may read."""
    READ_MEETINGS = "read_meetings"
    """Without it: only meetings that one was in."""
    HOLD_MEETINGS = "hold_meetings"
    DELETE_MEETINGS = "delete_meetings"
    KEEP_SOUND = "keep_sound"
    """Have the sound of a meeting kept, or deleted; whoever holds a meeting may in that one."""
    START_RUNS = "start_runs"
    """Start work that follows a definition, and see what one has started or is asked about."""
    DECIDE = "decide"
    """Be asked, and answer."""
    READ_RUNS = "read_runs"
    """Without it: only runs that one has started, is or was asked about, or looks after."""
    OPERATE_RUNS = "operate_runs"
    """Move runs by hand; without it only stuck ones that one looks after."""
    KEEP_SCHEDULES = "keep_schedules"
    """Have runs start by themselves."""
    ERASE_PEOPLE = "erase_people"
    INVITE = "invite"
    """Never above one's own role."""
    READ_METRICS = "read_metrics"


_ROLE_NAMES = frozenset(Role)
_RANKS = {Role.GUEST: 0, Role.MEMBER: 1, Role.FACILITATOR: 2, Role.OWNER: 3}

_GUEST = frozenset({Permission.ENTER, Permission.CREATE_TASKS})
_MEMBER = _GUEST | {
    Permission.EDIT_TASKS,
    Permission.EDIT_MEETINGS,
    Permission.START_RUNS,
    Permission.DECIDE,
}
_FACILITATOR = _MEMBER | {
    Permission.READ_MEETINGS,
    Permission.HOLD_MEETINGS,
    Permission.INVITE,
    Permission.READ_METRICS,
}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.GUEST: _GUEST,
        Role.MEMBER: _MEMBER,
        Role.FACILITATOR: _FACILITATOR,
        Role.OWNER: frozenset(Permission),
    }
)

_DOWN_TO: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {role: tuple(r.value for r in Role if r.rank <= role.rank) for role in Role}
)

_LOWEST: Mapping[Permission, Role] = MappingProxyType(
    {p: min((r for r in Role if p in PERMISSIONS[r]), key=lambda r: r.rank) for p in Permission}
)


def roles_down_to(role: Role) -> tuple[str, ...]:
    """Give a role and all below it: what is asked of a role, those above it may answer."""
    return _DOWN_TO[role]


def may(role: Role | str, permission: Permission) -> bool:
    """Say whether a role allows something; an unknown role allows nothing."""
    return role in _ROLE_NAMES and permission in PERMISSIONS[Role(role)]


def require(role: Role, permission: Permission) -> None:
    """Let pass who may.

    Raises:
        Forbidden: the role does not allow it.
    """
    if not may(role, permission):
        what = permission.value.replace("_", " ")
        raise Forbidden(f"to {what} you need to be {_LOWEST[permission]}; you are {role}. Ask the office's owner.")
