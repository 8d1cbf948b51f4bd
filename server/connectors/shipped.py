"""The connectors that come with Atrium, by name."""

from __future__ import annotations

from collections.abc import Mapping

from server.connectors.mail import Post
from server.connectors.message import Message
from server.connectors.task import Note
from server.connectors.verbs import Verbs
from server.flows.messages import Messages
from server.mailing import Mailer
from server.office import Office
from server.records import Records
from server.work.lanes import LaneSettings
from workflows.tasks import TaskList

LANES = {"mail": LaneSettings(most_together=4, rest_seconds=30.0)}
"""A mail server does not like to be hurried, and is seldom back within seconds."""


def connectors(
    office: Office, records: Records, tasks: TaskList, messages: Messages, mailer: Mailer | None
) -> Mapping[str, Verbs]:
    """Build each once; without a `mailer`, mail is refused with what to set."""
    message = Message(messages, records, office.plan)
    note = Note(tasks, records, office.wall)
    return {
        "office": Verbs("office", {"message": message.say, "task": note.note}),
        "mail": Verbs("mail", {"send": Post(mailer, office.wall).send}),
    }
