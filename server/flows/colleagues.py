"""AI colleagues in the room: they hear, note, come along and answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from avatars.actions import (
    Action,
    AssignTask,
    ById,
    EditTask,
    LookAt,
    MoveTask,
    NoteDecision,
    Say,
    SetState,
    Walk,
    Which,
)
from avatars.avatar import Avatar
from avatars.recognizer import Context
from avatars.speech import Voice
from avatars.understanding import local_day
from avatars.understood import Understood
from media.utterance import Utterance
from server.flows.body import Body
from server.flows.meetings import Meetings
from server.flows.speaking import Speaking
from server.flows.tasks import Tasks
from server.office import Office, look_of
from server.protocol import messages as m
from server.records import NoteKind, Records
from server.sound_port import Sound
from spatial.commands import Join
from spatial.commands import SetState as ShowState
from spatial.furnishing import ZoneTasks
from spatial.participant import Kind, ParticipantId
from spatial.pose import Pose
from workflows.errors import Conflict, NotAllowed, NotFound, TaskError, WorkflowError
from workflows.run import Data
from workflows.task import LATER, later_data

logger = logging.getLogger(__name__)

EXPECTED = (Conflict, NotAllowed, NotFound, TaskError)
"""Refusals, not faults."""


@dataclass(slots=True, kw_only=True)
class Colleague:
    """One avatar with its body and voice in the room."""

    id: ParticipantId
    avatar: Avatar
    body: Body
    speaking: Speaking
    task_ids: dict[str, str] = field(default_factory=dict)
    """The action's key and the task it made, for what is filled in later."""


class Colleagues:
    """Carries out what the avatars decide."""

    def __init__(
        self,
        office: Office,
        records: Records,
        tasks: Tasks,
        meetings: Meetings,
        sound: Sound,
        *,
        humans_speaking: Callable[[], set[ParticipantId]],
    ) -> None:
        """`humans_speaking` says who speaks now."""
        self._office, self._records, self._tasks, self._meetings = office, records, tasks, meetings
        self._sound, self._humans_speaking = sound, humans_speaking
        self._colleagues: list[Colleague] = []

    def enter(self, avatar: Avatar, voice: Voice, home: Pose) -> None:
        """A colleague comes to work."""
        persona, pid = avatar.persona, ParticipantId(avatar.id)
        self._office.apply(
            Join(
                id=pid,
                name=persona.name,
                kind=Kind.AVATAR,
                look=look_of(persona.look),
                role=persona.role,
                pose=home,
                transcribed=False,
            )
        )
        speaking = Speaking(
            self._office,
            self._records,
            self._meetings,
            self._sound,
            participant_id=pid,
            voice=voice,
            humans_speaking=self._humans_speaking,
        )
        body = Body(self._office, pid, home)
        self._colleagues.append(Colleague(id=pid, avatar=avatar, body=body, speaking=speaking))

    def step(self, now: float) -> bool:
        """Walk, turn and speak; called at each tick. Returns whether anything is going on."""
        return any([c.body.step(now) | c.speaking.step(now) for c in self._colleagues])

    def meeting_changed(self, zone: str, is_open: bool) -> None:
        """A meeting started: go there and listen. It ended: to the next that is on, or back to one's place."""
        for colleague in self._colleagues[:1]:
            elsewhere = next(iter(self._meetings.zones()), None)
            if is_open:
                colleague.body.go_to_people(zone)
            elif elsewhere is not None:
                colleague.body.go_to_people(elsewhere)
            else:
                colleague.body.go_home()

    # --- hear and act -----------------------------------------------------------------------------

    async def hear(
        self,
        utterance: Utterance,
        understood: Understood,
        context: Context,
        audience: frozenset[ParticipantId],
    ) -> None:
        """An utterance reaches whoever hears it.

        What a meeting agreed is noted from its transcript even where no colleague hears it; a colleague
        answers and looks up only for what is audible where it stands.
        """
        hearers = [c for c in self._colleagues if c.id in audience]
        if not hearers and context.in_meeting:
            hearers = self._colleagues[:1]
        for colleague in hearers[:1]:
            actions = colleague.avatar.hear(
                utterance, understood.intents, context, self._office.monotonic(), understood.request
            )
            audible = colleague.id in audience
            zone = self._office.plan.zone_by_id.get(utterance.zone)
            proposed = zone is None or zone.tasks is ZoneTasks.PROPOSE
            instead: Say | None = None
            for action in actions:
                if isinstance(action, AssignTask | MoveTask | EditTask):
                    refused = await self._kept(colleague, action, context, audience, proposed=proposed)
                    instead = refused or instead
                elif isinstance(action, Say) and audible:
                    colleague.speaking.say((instead or action).text)
                elif audible or isinstance(action, NoteDecision):
                    await self._act(colleague, action, context, audience)

    async def _act(
        self, colleague: Colleague, action: Action, context: Context, audience: frozenset[ParticipantId]
    ) -> None:
        match action:
            case NoteDecision():
                await self._decision(action, context, audience)
            case LookAt(participant=participant):
                colleague.body.facing = ParticipantId(participant)
            case SetState(state=state):
                self._office.apply(ShowState(id=colleague.id, state=state))
            case Walk(x=x, z=z):
                colleague.body.go(x, z)

    async def _kept(
        self,
        colleague: Colleague,
        action: AssignTask | MoveTask | EditTask,
        context: Context,
        audience: frozenset[ParticipantId],
        *,
        proposed: bool,
    ) -> Say | None:
        """Have a task noted or changed; None once that is on the disk, else what there is to say of it."""
        task_id: str | None = None
        try:
            if isinstance(action, AssignTask):
                await self._assign(colleague, action, context, audience, proposed=proposed)
            else:
                task_id = _id_of(action.task, colleague.task_ids)
                await self._change(task_id, action)
        except WorkflowError as error:  # somebody was faster, a name is no name, the disk is full
            level = logging.WARNING if isinstance(error, EXPECTED) else logging.ERROR
            fields = {"task": task_id, "utterance": action.utterance, "error": str(error)}
            logger.log(level, "what was said of a task is not kept", extra=fields)
            task = await self._tasks.get(task_id) if task_id and isinstance(error, EXPECTED) else None
            return colleague.avatar.refused(action, task, error, local_day(context))
        return None

    async def _change(self, task_id: str, action: MoveTask | EditTask) -> None:
        event, data = (action.event, {}) if isinstance(action, MoveTask) else ("edit", _changes(action))
        words = {LATER: later_data(action.utterance, action.words)} if action.words else {}
        version = action.task.version if isinstance(action, EditTask) and isinstance(action.task, ById) else None
        await self._tasks.move(task_id, event, {**data, **words}, action.by, version)

    async def _assign(
        self,
        colleague: Colleague,
        action: AssignTask,
        context: Context,
        audience: frozenset[ParticipantId],
        *,
        proposed: bool,
    ) -> None:
        draft = replace(action.draft, meeting_id=context.meeting_id, created_by=colleague.id, proposed=proposed)
        outcome = await self._tasks.assign(draft, action.key)
        task = outcome.task
        colleague.task_ids[action.key] = task.id
        if outcome.changed:
            item = m.Item(
                utterance=action.utterance,
                kind="action_item",
                text=task.text,
                confidence=task.confidence,
                task=task.id,
                owner_name=task.owner_name,
                due=task.due.isoformat() if task.due else None,
            )
            self._office.broadcast(item, only=audience)

    async def _decision(self, action: NoteDecision, context: Context, audience: frozenset[ParticipantId]) -> None:
        if context.meeting_id is not None:
            await self._records.add_note(
                NoteKind.DECISION,
                context.meeting_id,
                text=action.text,
                utterance_id=action.utterance,
                confidence=action.confidence,
                now=self._office.wall(),
            )
        item = m.Item(utterance=action.utterance, kind="decision", text=action.text, confidence=action.confidence)
        self._office.broadcast(item, only=audience)


def _id_of(task: Which, made: Mapping[str, str]) -> str:
    """A task's id; `made` has those of tasks by their keys.

    Raises:
        NotFound: none was made with that key.
    """
    if isinstance(task, ById):
        return task.id
    if task.key not in made:
        raise NotFound(task.key)
    return made[task.key]


def _changes(action: EditTask) -> Data:
    """The fields of an edit; whoever has no id here takes the id's place with their name."""
    changes = {
        "text": action.text,
        "owner_name": action.owner_name,
        "due": action.due.isoformat() if action.due else None,
        "due_phrase": action.due_phrase,
    }
    given = {name: value for name, value in changes.items() if value is not None}
    return {**given, "owner_id": action.owner_id} if action.owner_name is not None else {**given}
