"""The composition root: builds every object once, opens and closes in order."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from fastapi import FastAPI

from avatars.adapters.espeak import EspeakSettings, EspeakVoice
from avatars.adapters.wyoming import WyomingVoice, WyomingVoiceSettings
from avatars.avatar import Avatar
from avatars.persona import Persona
from avatars.speech import Voice
from media.adapters.silero import SileroDetector
from media.audio import Samples
from media.vad import SpeechDetector
from server import model_process
from server.api.parts import HttpParts, HttpSettings, LobbyPerson, OfficeView
from server.assets import asset, assets_dir
from server.audit.keys import FOLDER as AUDIT_FOLDER
from server.audit.keys import SigningKey
from server.audit.notary import Notary
from server.audit.roots_file import ROOTS_FILE, RootsFile
from server.background import Background
from server.config import Settings
from server.connectors.shipped import LANES, connectors
from server.engine_board import EngineBoard
from server.engines import EnginePlan, choose
from server.exports.record import Line
from server.flows.calls import Calls
from server.flows.colleagues import Colleagues
from server.flows.conversation import Conversation
from server.flows.inbox import Inbox
from server.flows.letters import Letters
from server.flows.listening import Listening
from server.flows.meetings import Meetings
from server.flows.messages import Messages
from server.flows.moving import Moving
from server.flows.presence import Presence
from server.flows.privacy import Privacy
from server.flows.relays import Relays
from server.flows.signs import Signs
from server.flows.tasks import Tasks
from server.flows.video import Video
from server.gateway import Gateway
from server.http import create_http
from server.identity import Identity, load_secret
from server.mail_codes import MailCodes
from server.mailboxes import Mailboxes
from server.mailing import Mailer
from server.model_process import ModelSettings
from server.models.glossary import load_terms
from server.office import Office
from server.protocol import messages as m
from server.protocol.handshake import RateSettings
from server.protocol.messages import Message
from server.recordings import FOLDER as RECORDINGS_FOLDER
from server.recordings import Recordings
from server.records import Person, Records
from server.sealed import Sealer
from server.session import Handler
from server.sound_link import SoundLink
from server.sound_port import MediaSettings, OpenSound, Sound, SoundState
from server.speech_link import SpeechLink
from server.speech_port import OpenSpeech, Speech
from server.spool import FOLDER as SPOOL_FOLDER
from server.spool import Spool
from server.telemetry import metrics, sound_in_words, speech_in_words
from server.ticker import Ticker
from server.turn import RelaySettings
from server.work.definitions import FOLDER as WORKFLOWS_FOLDER
from server.work.desk import Desk
from server.work.dispatcher import Dispatcher, DispatchSettings
from server.work.erasure import CONNECTOR as PEOPLE
from server.work.erasure import Erasure
from server.work.schedules import Schedules
from server.work.shelf import Shelf
from server.work.sight import Sight
from server.work.timers import Timers
from server.workers import Workers
from spatial.participant import Participant, ParticipantId
from spatial.plan import Plan
from spatial.pose import Pose
from spatial.room import Room
from workflows.adapters.sql_store import SqlStore
from workflows.connector import Connector
from workflows.engine import Engine
from workflows.tasks import TaskList

logger = logging.getLogger(__name__)

ROOM = "hq"
COLLEAGUE = "ada"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """What touches the world; tests pass scripted ones."""

    sound: OpenSound
    detector: Callable[[], SpeechDetector]
    voice: Callable[[Persona], Voice]
    speech: OpenSpeech
    workers: Callable[[], Workers]
    plans: Sequence[EnginePlan]
    """Which recognisers `speech` has, the best first."""
    monotonic: Callable[[], float] = time.monotonic
    rates: RateSettings = field(default_factory=RateSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An open office."""

    office: Office
    http: FastAPI
    identity: Identity
    engine: Engine
    tasks: TaskList
    records: Records
    listening: Listening
    speech: Speech
    sound: Sound
    ticker: Ticker


def real_adapters(settings: Settings) -> Adapters:
    """What an office uses in earnest."""
    persona = colleague()
    models = ModelSettings(
        heard_as={persona.name: persona.heard_as},
        understanding_dir=assets_dir() / "models" / "understanding",
    )
    plans = choose(settings)
    return Adapters(
        sound=_sound(settings),
        detector=SileroDetector,
        voice=lambda persona: _voice(settings, persona),
        speech=partial(SpeechLink, plans, processes=settings.speech_processes, log_level=settings.log_level),
        plans=plans,
        workers=lambda: Workers(model_process.start, (models,)),
    )


def _sound(settings: Settings) -> OpenSound:
    """In a process of its own, or in this one."""
    media = MediaSettings(
        path="stock" if settings.media_path == "stock" else "direct",
        ports=settings.media_ports,
        advertised=settings.advertised,
    )
    if settings.single_process:
        from server.sound_process import (
            open_engine,  # loads the whole media path, which else only the process needs
        )

        return partial(open_engine, media)
    return partial(SoundLink, media, log_level=settings.log_level)


def colleague() -> Persona:
    """Who works here besides the people.

    Raises:
        PersonaError: the file that says so is broken.
    """
    return Persona.load(asset(f"avatars/{COLLEAGUE}.toml").read_text(encoding="utf-8"), f"{COLLEAGUE}.toml")


def _voice(settings: Settings, persona: Persona) -> Voice:
    if settings.wyoming_tts:
        host, _, port = settings.wyoming_tts.rpartition(":")
        return WyomingVoice(WyomingVoiceSettings(uri=f"tcp://{host}:{port}", voice=persona.voice.piper))
    spoken = persona.voice
    return EspeakVoice(
        EspeakSettings(voice=spoken.espeak, pitch=spoken.pitch, words_per_minute=spoken.words_per_minute)
    )


@asynccontextmanager
async def open_office(settings: Settings, adapters: Adapters) -> AsyncIterator[Running]:
    """Open an office: store, models, room, flows, HTTP; closed in reverse.

    Raises:
        StoreError: the data folder cannot be used.
        SecretError: its key cannot be read.
        PlanError: the floor plan is broken.
        SoundFailed: the sound cannot start.
    """
    async with AsyncExitStack() as stack:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = await SqlStore.open(settings.database)
        stack.push_async_callback(store.close)
        records = Records(store.rows)
        wall = Clock(settings.clock_offset)
        identity = await Identity.open(settings.data_dir, store.rows, now=wall())
        engine = Engine(store, timezone=settings.zone)
        tasks = TaskList(engine, store)
        workers = adapters.workers()
        stack.push_async_callback(workers.close)
        plan = Plan.load(asset(f"rooms/{ROOM}.json").read_text(encoding="utf-8"), f"{ROOM}.json")
        office = Office(
            name=settings.office_name,
            room=Room(ROOM, plan),
            plan=plan,
            timezone=settings.zone,
            monotonic=adapters.monotonic,
            wall=wall,
        )
        yield await _wire(stack, settings, adapters, office, records, identity, engine, tasks, store, workers)


async def _wire(
    stack: AsyncExitStack,
    settings: Settings,
    adapters: Adapters,
    office: Office,
    records: Records,
    identity: Identity,
    engine: Engine,
    task_list: TaskList,
    store: SqlStore,
    workers: Workers,
) -> Running:
    """Build the flows, each once, and let them know each other."""
    persona = colleague()
    voice = adapters.voice(persona)
    stack.callback(voice.close)
    info = EngineBoard(office, voice, adapters.plans)
    news = _SoundNews(office)
    sound = await stack.enter_async_context(
        adapters.sound(on_frame=news.frame, on_lost=news.lost, on_state=news.state)
    )
    speech = await stack.enter_async_context(adapters.speech(on_state=info.changed))
    secret = load_secret(settings.data_dir)
    spool = Spool.open(settings.data_dir / SPOOL_FOLDER, Sealer(secret, "spool"), wall=office.wall)
    recordings = Recordings(
        settings.data_dir / RECORDINGS_FOLDER, Sealer(secret, "recordings"), days=settings.recording_days
    )
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
    told: list[Callable[[str, bool], None]] = []

    def meeting_changed(zone: str, is_open: bool) -> None:
        for tell in told:
            tell(zone, is_open)

    meetings = Meetings(office, records, meeting_changed)
    colleagues = Colleagues(office, records, tasks, meetings, sound, humans_speaking=news.speaking)
    conversation = Conversation(office, records, workers, tasks, colleagues)
    privacy = Privacy(
        office, records, meetings, recordings,
        on_off_record=lambda people: listening.went_off_record(people), on_sweep=spool.expire,
    )  # fmt: skip
    told += [colleagues.meeting_changed, privacy.meeting_changed]
    stack.push_async_callback(privacy.close)
    listening = Listening(
        office, speech, spool, meetings,
        detector=adapters.detector, off_record=privacy.off_record, keep_sound=privacy.keep_sound,
        on_heard=conversation.take, glossary=lambda: list(load_terms(settings.data_dir)),
        language=settings.spoken,
    )  # fmt: skip
    stack.push_async_callback(listening.close)
    relays = Relays(
        office,
        RelaySettings(urls=settings.relays, secret=settings.turn_secret, ttl_seconds=settings.turn_ttl_seconds),
    )
    calls = Calls(office, sound)
    video = Video(office, sound)
    news.listening, news.calls, news.video = listening, calls, video
    switches = Switches(sound, listening)

    async def leave(participant_id: ParticipantId) -> None:
        listening.leave(participant_id)
        await calls.gone(participant_id)
        await video.gone(participant_id)

    def joined(participant: Participant) -> None:
        meetings.entered(participant)
        privacy.joined(participant)
        calls.joined(participant.id)
        video.joined(participant.id)
        messages.entered(participant)
        listening.words_changed()

    background = Background("office")
    stack.push_async_callback(background.cancel)
    presence = Presence(
        office,
        records,
        engine_info=info.record,
        ice_servers=relays.admit,
        on_gone=lambda pid: background.start(leave(pid)),
        on_consent=switches.consent,
        on_muted=switches.muted,
        on_moved=joined,
        on_lost=listening.stop,
    )
    stack.push_async_callback(presence.close)
    stack.push_async_callback(meetings.close)

    def entered(participant: Participant) -> None:
        meetings.entered(participant)
        privacy.entered(participant)

    moving = Moving(office, entered)
    signs = Signs(office, records, on_muted=switches.muted, on_consent=switches.consent)
    handlers: dict[type[Message], Handler] = {}
    for flow in (presence, moving, signs, calls, video, meetings, privacy, listening, tasks):
        handlers.update(flow.handlers())
    ticker = Ticker(office, sound, [colleagues.step, video.step, privacy.step])

    home = office.plan.home(COLLEAGUE)
    if home is None:
        raise LookupError(f"the plan has no place for {COLLEAGUE}: add one under avatar_homes")
    colleagues.enter(Avatar(persona, f"avatar-{persona.id}"), voice, Pose(x=home.x, z=home.z, yaw=home.yaw))
    actions = [action for connector in shipped.values() for action in connector.actions]
    shelf = Shelf(engine, assets_dir() / "workflows", settings.data_dir / WORKFLOWS_FOLDER, actions)
    shelf.load()
    await tasks.restore()
    await inbox.restore()
    if letters is not None:
        await letters.restore()
    await meetings.restore()
    await privacy.restore()
    if taken_up := listening.recover():
        logger.warning("utterances of before are taken up", extra={"utterances": taken_up})

    async def forget(person: Person) -> None:
        listening.forget(ParticipantId(person.id))
        presence.expel(ParticipantId(person.id), 4001, "erased", "This office has erased you, as was asked for.")
        office.forget(person.name)

    erasure.on_erase, erasure.on_erased = forget, tasks.restore

    async def glossary_changed(terms: tuple[str, ...]) -> None:
        listening.words_changed()

    async def corrected(meeting_id: str, line: Line, by_name: str) -> None:
        office.correct(line.id, line.text, by_name)
        zone = meetings.zone_of(meeting_id)
        if zone is not None:
            here = {p.id for p in office.room.in_zone(zone)}
            office.broadcast(m.Corrected(id=line.id, text=line.text, by=by_name), only=here)

    http = create_http(
        HttpParts(
            identity=identity,
            records=records,
            engine=engine,
            tasks=task_list,
            sight=sight,
            desk=desk,
            schedules=schedules,
            shelf=shelf,
            erasure=erasure,
            mailboxes=mailboxes,
            plans={ROOM: asset(f"rooms/{ROOM}.json").read_text(encoding="utf-8")},
            office_view=lambda: lobby(office, info.record()),
            metrics=lambda: metrics(office, sound, ticker, workers, speech, listening, spool, privacy),
            health=lambda: {
                "room": "ok",
                "recognizer": speech_in_words(speech),
                "sound": sound_in_words(sound),
                "audit": "its entries are not signed; see the log" if notary.trouble else "ok",
            },
            speech_view=lambda: info.view(speech, listening, spool, settings.language),
            on_glossary_changed=glossary_changed,
            on_corrected=corrected,
            recordings=recordings,
            on_meeting_changed=meetings.renamed,
            now=office.wall,
            settings=HttpSettings(
                office_name=settings.office_name,
                public_url=settings.public_url or None,
                timezone=settings.zone,
                secure=settings.tls != "off",
                data_dir=settings.data_dir,
                models_dir=settings.models,
            ),
        )
    )
    Gateway(office, identity, records, presence, handlers, rates=adapters.rates).mount(http)
    background.start(ticker.run())
    background.start(calls.keep_telling())
    background.start(relays.keep_renewing())
    background.start(presence.keep_places())
    background.start(timers.run())
    background.start(notary.run())
    background.start(dispatcher.run(engine, store))
    if letters is not None:
        background.start(letters.run())
    background.start(workers.run(model_process.ready))
    background.start(privacy.keep_sweeping())
    listening.words_changed()
    return Running(
        office=office,
        http=http,
        identity=identity,
        engine=engine,
        tasks=task_list,
        records=records,
        listening=listening,
        speech=speech,
        sound=sound,
        ticker=ticker,
    )


class _SoundNews:
    """What the sound reports, to the flows that it concerns; the sound is opened before they stand."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.listening: Listening | None = None
        self.calls: Calls | None = None
        self.video: Video | None = None

    def frame(self, participant_id: str, frame: Samples) -> None:
        """Somebody who agreed is heard."""
        if self.listening is not None:
            self.listening.hear(participant_id, frame)

    def lost(self, participant_id: str) -> None:
        """Nothing more comes of them: what they said until now counts."""
        if self.listening is not None:
            self.listening.stop(ParticipantId(participant_id))

    def speaking(self) -> set[ParticipantId]:
        """Who is speaking now."""
        return set() if self.listening is None else self.listening.speaking()

    def state(self, state: SoundState) -> None:
        """The sound came, went or has another load."""
        if not state.up:
            for participant_id in self._office.room.participants:
                self.lost(participant_id)
        if self.calls is not None:
            self.calls.changed(state)
        if self.video is not None:
            self.video.changed(state)


class Switches:
    """A person mutes or refuses: mixer and recognition are told together."""

    def __init__(self, sound: Sound, listening: Listening) -> None:
        """Both are told at once."""
        self._sound, self._listening = sound, listening

    def muted(self, participant_id: ParticipantId, muted: bool) -> None:
        """Nobody hears a muted person; what they said until now still counts."""
        self._sound.set_muted(participant_id, muted)
        if muted:
            self._listening.stop(participant_id)

    def consent(self, participant_id: ParticipantId, transcribed: bool) -> None:
        """Who refuses is not listened to from this moment."""
        self._sound.set_transcribed(participant_id, transcribed)
        if not transcribed:
            self._listening.forget(participant_id)


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


class Clock:
    """The time of day, aware UTC; shifted by whole days in demonstrations."""

    def __init__(self, offset: timedelta) -> None:
        """`offset` is added to the real time."""
        self._offset = offset

    def __call__(self) -> datetime:
        """Now."""
        return datetime.now(UTC) + self._offset
