"""The composition root: builds every object once, opens and closes in order."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from avatars.avatar import Avatar
from avatars.by_rules import RuleRecognizer
from avatars.mind import described
from server import model_process
from server.adapters import COLLEAGUE, Adapters, colleague
from server.api.parts import HttpParts, HttpSettings
from server.assets import asset
from server.background import Background
from server.clock import Clock
from server.config import Settings
from server.engine_board import EngineBoard
from server.exports.record import Line
from server.flows.calls import Calls
from server.flows.colleagues import Colleagues
from server.flows.conversation import Conversation
from server.flows.listening import Listening
from server.flows.meetings import Meetings
from server.flows.moving import Moving
from server.flows.presence import Presence
from server.flows.privacy import Privacy
from server.flows.readings import Readings
from server.flows.relays import Relays
from server.flows.reviewing import Reviewing
from server.flows.signs import Signs
from server.flows.video import Video
from server.flows.writing import Writing
from server.gateway import Gateway
from server.http import create_http
from server.identity import Identity, load_secret
from server.lobby import lobby
from server.models.glossary import load_terms
from server.office import Office
from server.protocol import messages as m
from server.protocol.messages import Message
from server.recordings import FOLDER as RECORDINGS_FOLDER
from server.recordings import Recordings
from server.records import Meeting, Person, Records
from server.sealed import Sealer
from server.session import Handler
from server.sound_news import SoundNews
from server.sound_port import Sound
from server.speech_port import Speech
from server.spool import FOLDER as SPOOL_FOLDER
from server.spool import Spool
from server.summaries import Summaries
from server.switches import Switches
from server.telemetry import metrics, sound_in_words, speech_in_words
from server.ticker import Ticker
from server.turn import RelaySettings
from server.workers import Workers
from server.workplace import build_work
from spatial.participant import Participant, ParticipantId
from spatial.plan import Plan
from spatial.pose import Pose
from spatial.room import Room
from workflows.adapters.sql_store import SqlStore
from workflows.engine import Engine
from workflows.tasks import TaskList

logger = logging.getLogger(__name__)

ROOM = "hq"


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
    readings: Readings
    speech: Speech
    sound: Sound
    ticker: Ticker


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
    info = EngineBoard(office, voice, adapters.plans, adapters.mind)
    news = SoundNews(office)
    sound = await stack.enter_async_context(
        adapters.sound(on_frame=news.frame, on_lost=news.lost, on_state=news.state)
    )
    speech = await stack.enter_async_context(adapters.speech(on_state=info.changed))
    secret = load_secret(settings.data_dir)
    spool = Spool.open(settings.data_dir / SPOOL_FOLDER, Sealer(secret, "spool"), wall=office.wall)
    recordings = Recordings(
        settings.data_dir / RECORDINGS_FOLDER, Sealer(secret, "recordings"), days=settings.recording_days
    )
    work = build_work(stack, settings, office, records, identity, engine, store, task_list, recordings, secret)
    told: list[Callable[[str, bool], None]] = []

    def meeting_changed(zone: str, is_open: bool) -> None:
        for tell in told:
            tell(zone, is_open)

    mind = adapters.mind
    meetings = Meetings(office, records, meeting_changed, summed_up_by=described(mind) if mind else "")
    colleagues = Colleagues(office, records, work.tasks, meetings, sound, humans_speaking=news.speaking)
    rules = RuleRecognizer({persona.name: persona.heard_as})
    conversation = Conversation(office, records, workers, work.tasks, colleagues, rules)
    privacy = Privacy(
        office, records, meetings, recordings,
        on_off_record=lambda people: listening.went_off_record(people), on_sweep=spool.expire,
    )  # fmt: skip
    told += [colleagues.meeting_changed, privacy.meeting_changed]
    colleague_id = f"avatar-{persona.id}"
    reviewing = Reviewing(office, records, work.tasks, workers, colleague=colleague_id)
    summaries = Summaries(store.rows)
    writing = Writing(records, summaries, mind, wall=office.wall, heard_out=lambda id: readings.heard_out(id))
    stack.push_async_callback(writing.close)
    stack.push_async_callback(privacy.close)
    listening = Listening(
        office, speech, spool, meetings,
        detector=adapters.detector, off_record=privacy.off_record, keep_sound=privacy.keep_sound,
        on_heard=conversation.take, glossary=lambda: list(load_terms(settings.data_dir)),
        language=settings.spoken,
    )  # fmt: skip
    stack.push_async_callback(listening.close)
    readings = Readings(office, records, reviewing.review, listening.settled)

    def ended(meeting: Meeting) -> None:
        readings.ended(meeting)
        writing.ended(meeting)

    meetings.on_ended = ended
    stack.push_async_callback(readings.close)
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
        work.messages.entered(participant)
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
    for flow in (presence, moving, signs, calls, video, meetings, privacy, listening, work.tasks):
        handlers.update(flow.handlers())
    ticker = Ticker(office, sound, [colleagues.step, video.step, privacy.step])

    home = office.plan.home(COLLEAGUE)
    if home is None:
        raise LookupError(f"the plan has no place for {COLLEAGUE}: add one under avatar_homes")
    colleagues.enter(Avatar(persona, colleague_id), voice, Pose(x=home.x, z=home.z, yaw=home.yaw))
    await work.restore()
    await meetings.restore()
    await privacy.restore()
    if taken_up := listening.recover():
        logger.warning("utterances of before are taken up", extra={"utterances": taken_up})
    if unread := await readings.restore():
        logger.warning("meetings of before are read", extra={"meetings": unread})

    async def forget(person: Person) -> None:
        listening.forget(ParticipantId(person.id))
        presence.expel(ParticipantId(person.id), 4001, "erased", "This office has erased you, as was asked for.")
        office.forget(person.name)

    work.erasure.on_erase, work.erasure.on_erased = forget, work.tasks.restore

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
            sight=work.sight,
            desk=work.desk,
            schedules=work.schedules,
            shelf=work.shelf,
            erasure=work.erasure,
            mailboxes=work.mailboxes,
            plans={ROOM: asset(f"rooms/{ROOM}.json").read_text(encoding="utf-8")},
            office_view=lambda: lobby(office, info.engines()),
            metrics=lambda: metrics(office, sound, ticker, workers, speech, listening, spool, privacy),
            health=lambda: {
                "room": "ok",
                "recognizer": speech_in_words(speech),
                "understanding": "by rules alone: the models do not answer"
                if conversation.by_rules_since
                else "ok",
                "sound": sound_in_words(sound),
                "audit": "its entries are not signed; see the log" if work.notary.trouble else "ok",
            },
            speech_view=lambda: info.view(speech, listening, spool, settings.language),
            on_glossary_changed=glossary_changed,
            on_corrected=corrected,
            digest=reviewing.digest,
            review=readings.look_again,
            mind=mind,
            written=writing.read,
            write=writing.ask,
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
    work.start(background)
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
        readings=readings,
        speech=speech,
        sound=sound,
        ticker=ticker,
    )
