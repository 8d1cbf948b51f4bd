"""Where work follows a workflow: its parts, built once, taken up again after a start, and kept going."""

from __future__ import annotations

import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass

from server.assets import assets_dir
from server.audit.keys import FOLDER as AUDIT_FOLDER
from server.audit.keys import SigningKey
from server.audit.notary import Notary
from server.audit.roots_file import ROOTS_FILE, RootsFile
from server.background import Background
from server.config import Settings
from server.connectors.shipped import LANES, connectors
from server.flows.inbox import Inbox
from server.flows.letters import Letters
from server.flows.messages import Messages
from server.flows.tasks import Tasks
from server.identity import Identity
from server.mail_codes import MailCodes
from server.mailboxes import Mailboxes
from server.mailing import Mailer
from server.office import Office
from server.recordings import Recordings
from server.records import Records
from server.work.definitions import FOLDER as WORKFLOWS_FOLDER
from server.work.desk import Desk
from server.work.dispatcher import Dispatcher, DispatchSettings
from server.work.erasure import CONNECTOR as PEOPLE
from server.work.erasure import Erasure
from server.work.schedules import Schedules
from server.work.shelf import Shelf
from server.work.sight import Sight
from server.work.timers import Timers
from workflows.adapters.sql_store import SqlStore
from workflows.connector import Connector
from workflows.engine import Engine
from workflows.tasks import TaskList


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """All parts of work in one office."""

    engine: Engine
    store: SqlStore
    tasks: Tasks
    inbox: Inbox
    sight: Sight
    desk: Desk
    schedules: Schedules
    timers: Timers
    mailboxes: Mailboxes
    messages: Messages
    letters: Letters | None
    """None where the office sends no mail."""
    erasure: Erasure
    dispatcher: Dispatcher
    notary: Notary
    shelf: Shelf

    async def restore(self) -> None:
        """Read the definitions, and take up what was under way before a start."""
        self.shelf.load()
        await self.tasks.restore()
        await self.inbox.restore()
        if self.letters is not None:
            await self.letters.restore()

    def start(self, background: Background) -> None:
        """Let work go on, until `background` is cancelled."""
        background.start(self.timers.run())
        background.start(self.notary.run())
        background.start(self.dispatcher.run(self.engine, self.store))
        if self.letters is not None:
            background.start(self.letters.run())


def build_work(
    stack: AsyncExitStack,
    settings: Settings,
    office: Office,
    records: Records,
    identity: Identity,
    engine: Engine,
    store: SqlStore,
    task_list: TaskList,
    recordings: Recordings,
    secret: bytes,
) -> Workplace:
    """Build the parts, each once; `stack` closes what has to be."""
    roots = RootsFile(settings.data_dir / AUDIT_FOLDER / ROOTS_FILE)
    notary = Notary(engine, store.rows, SigningKey.open(settings.data_dir), roots, office.wall)
    stack.push_async_callback(notary.sign)
    tasks = Tasks(office, task_list)
    inbox = Inbox(office, engine, store)
    sight = Sight(engine, store, records, store.rows)
    desk = Desk(engine, store, sight)
    schedules = Schedules(engine, store.rows, desk, office.wall)
    timers = Timers(engine, office.wall, beside=(schedules,))
    schedules.on_change = timers.look
    messages = Messages(office, records)
    stack.push_async_callback(messages.close)
    mailer = Mailer(settings.mail) if settings.mail else None
    codes = (
        MailCodes(mailer, secret=secret, office=settings.office_name, timezone=settings.zone) if mailer else None
    )
    mailboxes = Mailboxes(store.rows, codes)
    erasure = Erasure(
        engine, store, store.rows, records, identity, store.erase_person, office.wall, recordings=recordings
    )
    shipped = connectors(office, records, task_list, messages, mailer)
    known: dict[str, Connector] = {**shipped, PEOPLE: erasure}
    # On a server, other offices may share the outbox: what they have in hand is theirs until its lease runs out.
    dispatching = DispatchSettings(exclusive=not settings.database_url)
    dispatcher = Dispatcher(known, office.wall, name=uuid.uuid4().hex, settings=dispatching, lanes=LANES)
    letters = (
        Letters(office, sight, mailboxes, store.rows, engine, store, mailer, settings.public_url)
        if mailer
        else None
    )
    actions = [action for connector in shipped.values() for action in connector.actions]
    shelf = Shelf(engine, assets_dir() / "workflows", settings.data_dir / WORKFLOWS_FOLDER, actions)
    return Workplace(
        engine=engine,
        store=store,
        tasks=tasks,
        inbox=inbox,
        sight=sight,
        desk=desk,
        schedules=schedules,
        timers=timers,
        mailboxes=mailboxes,
        messages=messages,
        letters=letters,
        erasure=erasure,
        dispatcher=dispatcher,
        notary=notary,
        shelf=shelf,
    )
