"""Understanding with a BERT sentence encoder on ONNX Runtime: clauses -> vectors and cues -> heads -> slots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from avatars import cues as cue_module
from avatars.clause_reading import Clause, intent_of, read_clauses
from avatars.cues import cues, plain
from avatars.errors import ModelError
from avatars.heads import KINDS, Heads
from avatars.intent import Intent, IntentKind
from avatars.recognizer import Context
from avatars.veto import may_be_decision, may_be_task
from media.utterance import Utterance

MODEL = "encoder.onnx"
TOKENIZER = "tokenizer.json"
WIDTH = 384
"""Length of a sentence vector."""
LONGEST = 64
"""Tokens of a clause that are looked at."""
BATCH = 32
"""Clauses that are read in one pass: more do not make it faster."""
FILLED_UP = 4
"""Tokens by which a clause may be shorter than the longest of its pass: what is filled up is reckoned, too."""
HEADS = "heads.npz"


class Encoder:
    """Turns clauses into sentence vectors."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Load the encoder.

        Raises:
            ModelError: a file is missing or cannot be loaded.
        """
        model, words = folder / MODEL, folder / TOKENIZER
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
        rows = np.zeros((len(clauses), WIDTH), dtype=np.float32)
        for place, hidden in self._read([item.ids for item in self._tokenizer.encode_batch(list(clauses))]):
            rows[place] = _mean(hidden)
        return rows

    def encode_words(
        self, texts: Sequence[str], words: Sequence[Sequence[tuple[int, int]]]
    ) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """The vectors of texts and those of their words, in one pass.

        Args:
            texts: lower case.
            words: of each, character offsets of its words.

        Returns:
            of each, (WIDTH,) as from `encode`, and (words, WIDTH): the mean over a word's pieces in the last
            layer, of length 1; zeros for words behind the `LONGEST` tokens.
        """
        encodings = self._tokenizer.encode_batch(list(texts))
        found = [(np.zeros(WIDTH, np.float32), np.zeros((len(of), WIDTH), np.float32)) for of in words]
        for place, hidden in self._read([item.ids for item in encodings]):
            vector, rows = found[place]
            vector[:] = _mean(hidden)
            for row, (start, end) in zip(rows, words[place], strict=True):
                offsets = encodings[place].offsets
                inside = [at for at, (first, last) in enumerate(offsets) if max(first, start) < min(last, end)]
                if inside:
                    row[:] = _mean(hidden[inside])
        return found

    def _read(self, tokens: Sequence[Sequence[int]]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """The place of each clause and its last layer."""
        for together in _groups([len(one) for one in tokens]):
            yield from zip(together, self._hidden([tokens[place] for place in together]), strict=True)

    def _hidden(self, tokens: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """The last layer for each of some clauses, (its tokens, WIDTH).

        What fills up short ones changes nothing: it is masked, and each token has int8 scales of its own.
        """
        lengths = [len(one) for one in tokens]
        ids = np.zeros((len(tokens), max(lengths)), dtype=np.int64)
        mask = np.arange(ids.shape[1]) < np.array(lengths)[:, None]
        ids[mask] = np.concatenate(tokens)
        found = self._session.run(None, {"input_ids": ids, "attention_mask": mask.astype(np.int64)})[0]
        return [hidden[:length] for hidden, length in zip(found, lengths, strict=True)]


def _groups(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of clauses that are read in one pass: of like length, at most BATCH."""
    group: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: lengths[place]):
        if group and (len(group) == BATCH or lengths[place] - lengths[group[0]] > FILLED_UP):
            yield group
            group = []
        group.append(place)
    if group:
        yield group


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
        clauses = read_clauses(utterance, context, self._heard_as)
        if not clauses:
            return []
        vectors = self.encoder.encode([plain(clause.reading, context.present) for clause in clauses])
        extra = np.stack([cues(clause.reading, clause.tokens, context.present) for clause in clauses])
        shares = self._heads.probabilities(np.concatenate([vectors, extra], axis=1))
        found = (
            self._intent(utterance, context, clause, row) for clause, row in zip(clauses, shares, strict=True)
        )
        return [intent for intent in found if intent is not None]

    def _intent(
        self, utterance: Utterance, context: Context, clause: Clause, row: NDArray[np.float32]
    ) -> Intent | None:
        shares = row.copy()
        if not may_be_task(clause.reading):
            shares[KINDS.index(IntentKind.ACTION_ITEM)] = 0.0
        if not may_be_decision(clause.reading):
            shares[KINDS.index(IntentKind.DECISION)] = 0.0
        if clause.is_short:
            shares[[KINDS.index(IntentKind.QUESTION), KINDS.index(IntentKind.DECISION)]] = 0.0
        best = int(shares.argmax())
        kind, confidence = KINDS[best], float(shares[best])
        if kind is IntentKind.NONE or confidence < self._settings.enough(kind):
            return None
        return intent_of(utterance, context, clause, kind, confidence)
