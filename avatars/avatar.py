"""An avatar at work: hears utterances with their intents, and decides what to note and what to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from avatars import answers, deeds, phrasing
from avatars.actions import Action, AssignTask, ByKey, EditTask, LookAt, MoveTask, NoteDecision, Say, SetState
from avatars.intent import Intent, IntentKind
from avatars.later import Change, apply, change_of, known, said_again, taken_by
from avatars.meaning import AvatarSettings as AvatarSettings
from avatars.meaning import with_day_behind, without_echoes
from avatars.memory import Memory, Noted, key_of
from avatars.persona import Persona
from avatars.recognizer import Context, OpenTask, PresentKind
from avatars.reference import gathered
from avatars.requests import SpokenRequest
from avatars.understanding import local_day, read_answer, taken
from media.utterance import Utterance
from workflows.errors import WorkflowError
from workflows.task import DROP, TEXT_LIMIT, Task, TaskDraft


class Avatar:
    """A colleague. Pure: words and times in, actions out; `server.flows` carries them out.

    While it speaks, the flow sets the states "speaking" and then "listening" from the sound itself.
    """

    def __init__(self, persona: Persona, id: str, settings: AvatarSettings | None = None) -> None:
        self.persona = persona
        self.id = id
        self._settings = settings or AvatarSettings()
        self._memory = Memory()
        self._asked: tuple[str, float] | None = None
        self._said = ""

    def hear(
        self,
        utterance: Utterance,
        intents: Sequence[Intent],
        context: Context,
        now: float,
        request: SpokenRequest | None = None,
    ) -> list[Action]:
        """Decide what to do about something said within hearing.

        Args:
            utterance: what was said.
            intents: what the recogniser understood of it.
            context: who is there, whether a meeting runs, which tasks are open.
            now: seconds on any clock that only goes forward.
            request: what a colleague was asked for by name, if one was.

        Returns:
            Actions in order; empty when it is none of this avatar's business. The same utterance a second
            time gives none.
        """
        if utterance.speaker == self.id or self._is_avatar(utterance.speaker, context):
            return []
        self._memory.enter(context.meeting_id if context.in_meeting else None, now)
        if not self._memory.first_time(utterance.id, now):
            return []
        called = any(intent.addressed for intent in intents) or answers.calls(utterance.text, self.persona)
        if not context.in_meeting and not called and self._asked is None:
            return []
        look: list[Action] = [LookAt(participant=utterance.speaker)]
        answered = self._hear_answer(utterance, intents, context, now)
        if answered is not None:
            return [*look, *answered]
        if not context.in_meeting and not called:
            return []
        if request is not None:
            done = self._do(request, utterance, context)
            if done is not None:
                return [*look, *done]
        change = change_of(utterance, intents, context, self._memory, now, self._settings)
        if change is not None:
            return [*look, *self._take(change, utterance, context, intents)]
        if not any(intent.kind is IntentKind.ACTION_ITEM for intent in intents):
            agreed = taken(utterance, context, self._settings.answer_seconds)
            intents = intents if agreed is None else [*intents, agreed]
        done, line = self._work(utterance, intents, context, now, called)
        if not line:
            return [*look, *done, SetState(state="listening")] if context.in_meeting or done else look
        self._said = line
        return [*look, SetState(state="thinking"), *done, Say(text=line)]

    def refused(
        self, action: AssignTask | MoveTask | EditTask, task: Task | None, error: WorkflowError, today: date
    ) -> Say:
        """What to say in place of what was to be said, where an action of `hear` was not kept.

        Args:
            action: which.
            task: as it is now; None: there is none.
            error: what the store said.
            today: where the office is.
        """
        if isinstance(action, AssignTask):
            self._memory.forget(action.key)
        elif isinstance(action.task, ByKey) and task is not None:
            self._memory.stands(action.task.key, task)
        self._said = phrasing.not_kept(task, error, today)
        return Say(text=self._said)

    def _do(self, request: SpokenRequest, utterance: Utterance, context: Context) -> list[Action] | None:
        """What is done about a request at once, if it is one of those."""
        reply = deeds.reply(request, context, utterance)
        if reply is None:
            return None
        self._said = reply.line
        return [SetState(state="thinking"), *reply.actions, Say(text=reply.line)]

    def _is_avatar(self, speaker: str, context: Context) -> bool:
        return any(person.id == speaker and person.kind is PresentKind.AVATAR for person in context.present)

    def _hear_answer(
        self, utterance: Utterance, intents: Sequence[Intent], context: Context, now: float
    ) -> list[Action] | None:
        """The answer to "Who takes it?", if it was asked and this is one."""
        if self._asked is None:
            return None
        key, at = self._asked
        if now - at > self._settings.answer_seconds:
            self._asked = None
            return None
        answer = read_answer(utterance, intents, context)
        if answer is None:
            return None
        self._asked = None
        return self._take(taken_by(key, answer), utterance, context)

    def _take(
        self, change: Change, utterance: Utterance, context: Context, intents: Sequence[Intent] = ()
    ) -> list[Action]:
        """What was said changes a task that was noted; that it is dropped may be a decision as well."""
        task = apply(change, self._memory)
        if task is None:
            return []
        action: Action = self._edit(change, utterance)
        self._said = f"Thanks. {phrasing.sentence(self._statement(task, local_day(context)))}"
        if change.dropped:
            which, words = ByKey(change.key), utterance.text
            action = MoveTask(task=which, event=DROP, by=self.id, utterance=utterance.id, words=words)
            self._said = f"Dropped: {phrasing.sentence(task.text)}"
        return [SetState(state="thinking"), action, *self._decide(intents, utterance), Say(text=self._said)]

    def _decide(self, intents: Sequence[Intent], utterance: Utterance) -> list[Action]:
        """Decisions that were not noted yet."""
        return [
            NoteDecision(text=intent.what, utterance=utterance.id, confidence=intent.confidence)
            for intent in intents
            if intent.kind is IntentKind.DECISION
            and intent.confidence >= self.persona.thresholds.decision
            and self._memory.decide(intent.what)
        ]

    def _edit(self, change: Change, utterance: Utterance) -> EditTask:
        return EditTask(
            task=ByKey(change.key),
            text=change.text,
            owner_id=change.owner_id,
            owner_name=change.owner_name,
            due=change.due,
            due_phrase=change.due_phrase,
            by=self.id,
            utterance=utterance.id,
            words=utterance.text,
        )

    def _statement(self, task: Noted, today: date) -> str:
        return phrasing.statement(task.text, task.owner_name, task.due, task.due_phrase, today)

    def _work(
        self, utterance: Utterance, intents: Sequence[Intent], context: Context, now: float, called: bool
    ) -> tuple[list[Action], str]:
        """Note what was agreed; (actions, what to say)."""
        actions: list[Action] = []
        noted: list[Noted] = []
        lines: list[str] = []
        thresholds = self.persona.thresholds
        number = 0
        intents = without_echoes(gathered(intents))
        intents = with_day_behind(intents, utterance, context)
        for intent in intents:
            match intent.kind:
                case IntentKind.ACTION_ITEM:
                    key = key_of(utterance.id, number)
                    number += 1
                    if intent.confidence >= thresholds.action_item:
                        action, task = self._note(key, intent, utterance, context, now)
                        if action is not None:
                            actions.append(action)
                        if task is not None:
                            noted.append(task)
                        elif called:
                            lines.append("That is on the board already.")
                case IntentKind.DECISION if intent.confidence >= thresholds.decision:
                    actions += self._decide([intent], utterance)
                    if called:
                        lines.append(f"Noted as decided: {phrasing.sentence(intent.what)}")
                case IntentKind.REQUEST if answers.only_calls(utterance.text, self.persona):
                    lines.append("Yes?")
                case IntentKind.REQUEST if intent.confidence >= thresholds.request:
                    lines.append(self._answer(intent, utterance, context))
                case _:
                    pass
        if noted:
            lines.insert(0, self._confirm(noted, local_day(context), now))
        elif called and not lines and answers.wants_a_note(utterance.text):
            lines.append("I note tasks and decisions. Tell me who does what, and by when.")
        elif called and not lines and answers.only_calls(utterance.text, self.persona):
            lines.append("Yes?")
        return actions, " ".join(dict.fromkeys(line for line in lines if line))

    def _answer(self, intent: Intent, utterance: Utterance, context: Context) -> str:
        return answers.answer(
            intent.text,
            persona=self.persona,
            speaker_name=utterance.speaker_name,
            tasks=[self._read(task, local_day(context)) for task in context.open_tasks],
            decisions=self._memory.decisions,
            said=self._said,
        )

    @staticmethod
    def _read(task: OpenTask, today: date) -> str:
        return phrasing.statement(task.text, task.owner_name, task.due, None, today)

    def _confirm(self, noted: Sequence[Noted], today: date, now: float) -> str:
        owned = [self._statement(task, today) for task in noted if task.owner_name]
        unowned = [task for task in noted if not task.owner_name]
        if len(unowned) == 1:
            self._asked = (unowned[0].key, now)
        return phrasing.confirm(owned, [self._statement(task, today) for task in unowned])

    def _note(
        self, key: str, intent: Intent, utterance: Utterance, context: Context, now: float
    ) -> tuple[Action | None, Noted | None]:
        """A new task, a change of a known one, or nothing; and what to confirm."""
        found = known(intent, utterance, context, self._memory, now, self._settings)
        if isinstance(found, Noted):
            return self._change(found, intent, utterance)
        if found is None:
            return None, None
        intent = found
        task = Noted(
            key=key,
            text=intent.what,
            owner_id=intent.owner,
            owner_name=intent.owner_name,
            due=intent.due,
            due_phrase=intent.due_phrase,
            at=now,
            speaker=utterance.speaker,
        )
        self._memory.note(task)
        draft = TaskDraft(
            text=intent.what[:TEXT_LIMIT],
            owner_id=intent.owner,
            owner_name=intent.owner_name,
            due=intent.due,
            due_phrase=intent.due_phrase,
            source_utterance=utterance.id,
            source_words=intent.text,
            confidence=intent.confidence,
            heard_with=intent.heard_with,
            meeting_id=context.meeting_id,
            created_by=self.id,
        )
        return AssignTask(draft=draft, key=key, utterance=utterance.id), task

    def _change(self, task: Noted, intent: Intent, utterance: Utterance) -> tuple[Action | None, Noted | None]:
        """Said again: take over an owner or a date that is new; otherwise do nothing."""
        change = said_again(task, intent)
        if change is None:
            return None, None
        changed = apply(change, self._memory)
        if self._asked is not None and self._asked[0] == task.key and change.owner_name:
            self._asked = None
        return self._edit(change, utterance), changed
