"""Understanding with a BERT sentence encoder on ONNX Runtime: clauses -> vectors and cues -> heads -> slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from avatars import cues as cue_module
from avatars.clauses import split
from avatars.coordination import parts
from avatars.cues import cues, plain
from avatars.cursor import is_name
from avatars.errors import ModelError
from avatars.grammar import Force, Reading
from avatars.heads import KINDS, Heads
from avatars.intent import Intent, IntentKind
from avatars.paraphrase import plainly
from avatars.recognizer import Context, Present, PresentKind
from avatars.slots import Slots, fill, written
from avatars.veto import may_be_decision, may_be_task
from avatars.words import CONNECTORS, Token, tokenise
from media.utterance import Utterance

MODEL = "encoder.onnx"
WIDTH = 384
"""Length of a sentence vector."""
LONGEST = 64
"""Tokens of a clause that are looked at."""
HEADS = "heads.npz"


class Encoder:
    """Turns clauses into sentence vectors."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Load the encoder.

        Raises:
            ModelError: a file is missing or cannot be loaded.
        """
        model, words = folder / MODEL, folder / "tokenizer.json"
        for path in (model, words):
            if not path.is_file():
                raise ModelError(path.name, f"is missing in {folder}: fetch assets/models/understanding again")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer: Any = Tokenizer.from_file(str(words))
        except Exception as error:
            raise ModelError(model.name, f"cannot be loaded: {error}") from error
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.no_padding()

    def encode(self, clauses: Sequence[str]) -> NDArray[np.float32]:
        """Sentence vectors.

        Args:
            clauses: texts, lower case.

        Returns:
            (clauses, WIDTH) float32 of length 1: the mean over the tokens of the last layer.
        """
        if not clauses:
            return np.zeros((0, WIDTH), dtype=np.float32)
        return np.stack([_mean(self._hidden(item.ids)) for item in self._tokenizer.encode_batch(list(clauses))])

    def encode_words(
        self, text: str, words: Sequence[tuple[int, int]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The vector of a text and those of its words, in one pass.

        Args:
            text: lower case.
            words: character offsets of its words.

        Returns:
            (WIDTH,) as from `encode`, and (words, WIDTH): the mean over a word's pieces in the last layer, of
            length 1; zeros for words behind the `LONGEST` tokens.
        """
        encoding = self._tokenizer.encode(text)
        hidden = self._hidden(encoding.ids)
        rows = np.zeros((len(words), WIDTH), dtype=np.float32)
        for place, (start, end) in enumerate(words):
            inside = [
                at for at, (first, last) in enumerate(encoding.offsets) if max(first, start) < min(last, end)
            ]
            if inside:
                rows[place] = _mean(hidden[inside])
        return _mean(hidden), rows

    def _hidden(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """One at a time: int8 scales depend on all that is in a batch, and the same words must mean the same."""
        row = np.asarray([ids], dtype=np.int64)
        hidden: NDArray[np.float32] = self._session.run(
            None, {"input_ids": row, "attention_mask": np.ones_like(row)}
        )[0][0]
        return hidden


def _mean(hidden: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = hidden.mean(axis=0)
    vector: NDArray[np.float32] = (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)
    return vector


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognizerSettings:
    """From what confidence a clause is passed on as an intent (an avatar may want more: see its persona)."""

    action_item: float = 0.5
    decision: float = 0.5
    question: float = 0.5
    request: float = 0.5

    def enough(self, kind: IntentKind) -> float:
        """The confidence that this kind needs."""
        match kind:
            case IntentKind.ACTION_ITEM:
                return self.action_item
            case IntentKind.DECISION:
                return self.decision
            case IntentKind.QUESTION:
                return self.question
            case _:
                return self.request


class BertRecognizer:
    """The `Recognizer` of the office."""

    def __init__(
        self,
        folder: Path,
        *,
        heads: Path | None = None,
        heard_as: Mapping[str, Sequence[str]] | None = None,
        settings: RecognizerSettings | None = None,
        threads: int = 1,
    ) -> None:
        """Load encoder and heads.

        Args:
            folder: with encoder.onnx, tokenizer.json and heads.npz (assets/models/understanding).
            heads: the folder of other heads for that encoder; None: those beside it.
            heard_as: for the name of an avatar, other spellings under which recognisers write it.
            settings: from what confidence an intent counts.
            threads: of the encoder.

        Raises:
            ModelError: a file is missing or does not fit this version.
        """
        self.encoder = Encoder(folder, threads)
        """To share with whoever reads beside it."""
        self._heads = Heads.load((heads or folder) / HEADS, WIDTH + len(cue_module.NAMES))
        self._heard_as = {name.lower(): tuple(forms) for name, forms in (heard_as or {}).items()}
        self._settings = settings or RecognizerSettings()

    def recognize(self, utterance: Utterance, context: Context) -> list[Intent]:
        """Every clause that means something, in the order spoken.

        Raises:
            ModelError: the time zone of the context is not known.
        """
        now = local_time(context)
        tokens = self._call_by_name(tokenise(utterance.text, utterance.words), context.present)
        clauses = split(tokens, context.present)
        if not clauses:
            return []
        pieces = [
            piece for clause in clauses for piece in parts(plainly(clause, context.present), context.present, now)
        ]
        clauses = [piece.clause for piece in pieces]
        readings = resolve_pronouns([piece.reading for piece in pieces])
        vectors = self.encoder.encode([plain(reading, context.present) for reading in readings])
        extra = np.stack(
            [cues(reading, clause, context.present) for reading, clause in zip(readings, clauses, strict=True)]
        )
        shares = self._heads.probabilities(np.concatenate([vectors, extra], axis=1))
        intents: list[Intent] = []
        for clause, reading, row in zip(clauses, readings, shares, strict=True):
            intent = self._intent(utterance, context, clause, reading, row)
            if intent is not None:
                intents.append(intent)
        return intents

    def _intent(
        self,
        utterance: Utterance,
        context: Context,
        clause: tuple[Token, ...],
        reading: Reading,
        row: NDArray[np.float32],
    ) -> Intent | None:
        shares = row.copy()
        if not may_be_task(reading):
            shares[KINDS.index(IntentKind.ACTION_ITEM)] = 0.0
        if not may_be_decision(reading):
            shares[KINDS.index(IntentKind.DECISION)] = 0.0
        if sum(token.norm not in CONNECTORS for token in clause) < 2:
            shares[[KINDS.index(IntentKind.QUESTION), KINDS.index(IntentKind.DECISION)]] = 0.0
        best = int(shares.argmax())
        kind, confidence = KINDS[best], float(shares[best])
        if kind is IntentKind.NONE or confidence < self._settings.enough(kind):
            return None
        slots = Slots(what="", owner=None, owner_name=None, due=None, due_phrase=None)
        if kind is IntentKind.ACTION_ITEM:
            slots = fill(reading, clause, context.present, utterance.speaker, utterance.speaker_name)
            if not slots.what or _asks_an_avatar(reading, slots, context):
                return None
        start, end = clause[0].start, clause[-1].end
        text = utterance.text[start:end]
        return Intent(
            kind=kind,
            confidence=confidence,
            text=text,
            span=(start, end),
            what=slots.what if kind is IntentKind.ACTION_ITEM else sentence(clause, reading, context.present),
            owner=slots.owner,
            owner_name=slots.owner_name,
            due=slots.due,
            due_phrase=slots.due_phrase,
            addressed="addressed" in reading.lead or kind is IntentKind.REQUEST,
        )

    def _call_by_name(self, tokens: tuple[Token, ...], present: Sequence[Present]) -> tuple[Token, ...]:
        """Write an avatar's name right where it opens what is said."""
        at = 0
        while at < len(tokens) and tokens[at].norm in CONNECTORS:
            at += 1
        for person in present:
            if person.kind is not PresentKind.AVATAR:
                continue
            for form in self._heard_as.get(person.name.lower(), ()):
                parts = form.split()
                if [token.norm for token in tokens[at : at + len(parts)]] == parts and len(tokens) > at + len(
                    parts
                ):
                    whole = replace(
                        tokens[at], norm=person.name.lower(), end=tokens[at + len(parts) - 1].end, stop=""
                    )
                    return (*tokens[:at], whole, *tokens[at + len(parts) :])
        return tokens


def _asks_an_avatar(reading: Reading, slots: Slots, context: Context) -> bool:
    """Work for an avatar that only keeps the notes is no task of anybody."""
    return any(person.id == slots.owner and person.kind is PresentKind.AVATAR for person in context.present)


def resolve_pronouns(readings: Sequence[Reading]) -> list[Reading]:
    """ "Bo is back on Monday. He will send it": he is Bo, named last in the same breath."""
    resolved: list[Reading] = []
    last: str | None = None
    for reading in readings:
        if reading.subject and reading.subject[0] in ("he", "she") and last is not None:
            at = next(place for place, tag in enumerate(reading.tags) if tag == reading.subject[0])
            tags = (*reading.tags[:at], last, *reading.tags[at + 1 :])
            reading = replace(reading, subject=(last,), tags=tags)
        named = [tag for tag in reading.subject if is_name(tag) and tag != "@"]
        last = named[-1] if len(named) == 1 else last
        resolved.append(reading)
    return resolved


def sentence(clause: Sequence[Token], reading: Reading, present: Sequence[Present]) -> str:
    """A clause as a sentence for the minutes: without what leads in, with a capital."""
    begin = reading.asked_at
    if "decided" in reading.lead and begin < len(clause) and clause[begin].norm == "to":
        begin += 1
    elif reading.force is Force.PROPOSE and reading.subject == ("we",) and begin + 2 <= len(clause):
        begin = reading.verb_at if not reading.negated else begin
    words: list[str] = []
    for token, tag in zip(clause[begin:], reading.tags[begin:], strict=True):
        if is_name(tag) and tag != "@" and not token.text.endswith("'s"):
            words.append(present[int(tag[1:])].name)
        elif token.text and tag != "@":
            words.append(written(token))
    while words and words[-1].lower() in ("then", "okay", "please", "and", "so"):
        words.pop()
    text = " ".join(words) or " ".join(token.text for token in clause if token.text)
    return text[:1].upper() + text[1:]


def local_time(context: Context) -> datetime:
    """The context's moment in the office's time zone.

    Raises:
        ModelError: the zone's name is not known.
    """
    try:
        return context.now.astimezone(ZoneInfo(context.timezone))
    except (KeyError, ValueError, OSError) as error:
        reason = "is not a known time zone: use a name like Europe/Berlin"
        raise ModelError(context.timezone or "time zone", reason) from error
