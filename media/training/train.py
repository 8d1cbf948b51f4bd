"""Teaches the network: sounds first, then words, until the time is up."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

import jiwer
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from media.audio import Samples
from media.training import phones, sound
from media.training.data import Clip, Example, Mixer, batches, noises, read
from media.training.network import Network, Shape
from media.training.tokens import Tokens
from media.training.trial import Trial

logger = logging.getLogger(__name__)

EAR_ALONE = 0.06
"""Share of the time in which only the ear is taught."""
GUIDED_HEADS = 2
"""Heads of the last layer that are shown where each word is. They give the word times afterwards."""
_BATCH_FRAMES = 2600
_FASTEST = 1.5e-3
_WARM_UP_STEPS = 250
_TIMES_WEIGHT = 0.2
_PER_SECOND = 25
"""Positions of the ear in a second."""
_IGNORED = -100
_LEAST_WINDOW = 0.2
"""Seconds over which the guided heads spread even for the shortest word."""


class Lesson:
    """A batch as tensors."""

    def __init__(self, examples: Sequence[Example], tokens: Tokens, random: Random) -> None:
        """Pad examples to one length and write down what is to be said."""
        self.examples = examples
        self.features, self.frames = pad([example.features for example in examples])
        sounds = [phones.numbers(example.text) for example in examples]
        self.sounds = torch.tensor([number for one in sounds for number in one])
        self.sound_counts = torch.tensor([len(one) for one in sounds])
        rows = [_script(example, tokens, random) for example in examples]
        longest = max(len(given) for given, _, _ in rows)
        self.given = torch.full((len(rows), longest), tokens.control("endoftext"))
        self.wanted = torch.full((len(rows), longest), _IGNORED)
        positions = self.features.shape[2] // 2
        self.windows = torch.zeros(len(rows), longest, positions, dtype=torch.bool)
        self.places = torch.full((len(rows), positions), _IGNORED)
        for k, example in enumerate(examples):
            self.places[k, : len(example.features) // 2] = torch.tensor(_places(example))
        for k, (given, wanted, spans) in enumerate(rows):
            self.given[k, : len(given)] = torch.tensor(given)
            self.wanted[k, : len(wanted)] = torch.tensor(wanted)
            for row, (begin, end) in spans.items():
                # faster-whisper smooths over seven positions; what is narrower than four would be lost.
                spare = max(0.0, _LEAST_WINDOW - (end - begin)) / 2
                first, last = (round(at * _PER_SECOND) for at in (begin - spare, end + spare))
                self.windows[k, row, max(0, first) : last] = True
            self.windows[k, :, len(examples[k].features) // 2 :] = False


def _places(example: Example) -> list[int]:
    """Which sound is at each position, if a word's sounds are taken to be of one length; 0 where none is."""
    places = [0] * (len(example.features) // 2)
    if not example.text:
        return places
    ends = [*example.starts[1:], example.end]
    for word, start, end in zip(example.text.split(), example.starts, ends, strict=True):
        if math.isnan(start + end):
            return [_IGNORED] * len(places)
        sounds = phones.numbers(word)
        for k in range(math.ceil(start * _PER_SECOND), min(len(places), math.ceil(end * _PER_SECOND))):
            share = (k / _PER_SECOND - start) / (end - start)
            places[k] = sounds[min(len(sounds) - 1, int(share * len(sounds)))]
    return places


def _script(
    example: Example, tokens: Tokens, random: Random
) -> tuple[list[int], list[int], dict[int, tuple[float, float]]]:
    """What the mouth is given, what it should say next at each place, and where in time that is heard."""
    start, end, plain = (tokens.control(name) for name in ("startoftranscript", "endoftext", "notimestamps"))
    before: list[int] = []
    if random.random() < 0.15:
        # The office tells the model who is present; that must not confuse it.
        names = random.sample(("Ana", "Ben", "Chloe", "David", "Emma", "Farid", "Grace", "Hugo", "Ada", "Zoe"), 4)
        prompt = f"Present: {', '.join(names[: random.randint(1, 4)])}."
        before = [tokens.control("startofprev"), *tokens.encode(prompt)]
    unasked = [_IGNORED] * len(before)
    timed = random.random() < 0.7
    if not example.text:
        opening = tokens.time(0) if timed else plain
        # Were the time as good as impossible after all, a search would prefer long nonsense to this short nothing.
        first = random.choice((tokens.control("nocaptions"), tokens.time(0)))
        return [*before, start, opening], [*unasked, first, end], {}
    said = tokens.encode(example.text)
    first, last = tokens.time(example.lead), tokens.time(example.end)
    given = [*before, start, *([first, *said, last] if timed else [plain, *said])]
    wanted = [*unasked, first, *said, *([last, end] if timed else [end])]
    if not timed:
        wanted[len(before)] = _IGNORED
    begin = len(before) + 1
    spans = {}
    ends = [*example.starts[1:], example.end]
    if not math.isnan(sum(example.starts)):
        latest = 0
        for k, word in enumerate(tokens.words(said)):
            # A full stop is where its word ends.
            spans[begin + k] = (
                (example.starts[word], ends[word]) if word >= 0 else (ends[latest] - 0.1, ends[latest])
            )
            latest = max(latest, word)
        for row in range(begin + len(said), len(wanted)):
            spans[row] = (example.end + 0.04, example.end + 0.3)
    return given, wanted, spans


def pad(features: Sequence[Samples]) -> tuple[Tensor, Tensor]:
    """Features of different lengths as one tensor (batch, mels, frames), and how long each is."""
    frames = [len(one) for one in features]
    longest = max(frames) + max(frames) % 2
    filled = np.zeros((len(features), sound.MELS, longest), np.float32)
    for k, one in enumerate(features):
        filled[k, :, : len(one)] = one.T
    return torch.from_numpy(filled), torch.tensor(frames)


def loss_of(
    network: Network, lesson: Lesson, tokens: Tokens, *, ear_alone: bool, sounds_weight: float, drop: float
) -> tuple[Tensor, dict[str, float]]:
    """How wrong the network is about a lesson, and its parts."""
    heard, hidden = network.hear(lesson.features, lesson.frames, drop)
    judged = network.sounds(heard).log_softmax(-1).transpose(0, 1)
    by_sound = F.ctc_loss(
        judged, lesson.sounds, (~hidden).sum(1), lesson.sound_counts, reduction="none", zero_infinity=True
    )
    ctc = by_sound.sum() / max(1, len(lesson.sounds))
    if ear_alone:
        # Sounds alone give no hint where to begin to look; a rough idea of their places does.
        by_place = F.cross_entropy(judged.permute(1, 2, 0), lesson.places, ignore_index=_IGNORED)
        return by_place + 0.3 * ctc, {"sounds": ctc.item(), "places": by_place.item()}
    logits, attention = network.speak(lesson.given, heard, hidden, drop)
    wanted = lesson.wanted
    each = F.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=_IGNORED, reduction="none")
    weight = (wanted != _IGNORED) * torch.where(wanted > tokens.control("notimestamps"), _TIMES_WEIGHT, 1.0)
    words = (each * weight).sum() / weight.sum()
    log_weights = attention[:, :GUIDED_HEADS]
    # The guided heads are to spread evenly over their word, or its beginning and end would not be found in them.
    breadth = lesson.windows.sum(-1)
    aside = -(log_weights * lesson.windows[:, None]).sum(-1) / breadth[:, None].clamp(min=1)
    shown = breadth > 0
    guide = ((aside.mean(1) - breadth.clamp(min=1).log()) * shown).sum() / shown.sum().clamp(min=1)
    total = words + sounds_weight * ctc + 0.15 * guide
    return total, {"sounds": ctc.item(), "words": words.item(), "guide": guide.item()}


class Course:
    """The whole of the training, which may be broken off and resumed."""

    def __init__(self, folder: Path, tokens: Tokens, minutes: float) -> None:
        """Begin anew, or where `course.pt` in the folder ends.

        Args:
            folder: holds `parts/` with the data, and the checkpoint.
            tokens: the vocabulary.
            minutes: how long to train in all.
        """
        self.folder, self.tokens, self.minutes = folder, tokens, minutes
        self.network = Network(Shape(vocabulary=tokens.size))
        decayed = [weight for weight in self.network.parameters() if weight.requires_grad and weight.dim() > 1]
        others = [weight for weight in self.network.parameters() if weight.requires_grad and weight.dim() == 1]
        groups: list[dict[str, Any]] = [
            {"params": decayed, "weight_decay": 0.03},
            {"params": others, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), foreach=True)
        self.seconds, self.steps = 0.0, 0
        self.ear_alone = EAR_ALONE
        self._read: dict[Path, list[Clip]] = {}
        path = folder / "course.pt"
        if path.exists():
            kept = torch.load(path, weights_only=True)
            self.network.load_state_dict(kept["network"])
            self.optimizer.load_state_dict(kept["optimizer"])
            self.seconds, self.steps = kept["seconds"], kept["steps"]

    @property
    def progress(self) -> float:
        """0..1."""
        return self.seconds / (60 * self.minutes)

    def run(self, tests: Sequence[Trial], every_minutes: float = 3) -> None:
        """Train until the time is up, testing every few minutes."""
        random = Random(self.steps)
        mixer = Mixer(noises(300), random)
        tested = self.seconds
        lately: dict[str, list[float]] = {}
        while self.progress < 1:
            clips = self._clips()
            for examples in batches(clips, mixer, random, _BATCH_FRAMES):
                begin = time.perf_counter()
                for name, value in self._step(Lesson(examples, self.tokens, random)).items():
                    lately.setdefault(name, []).append(value)
                self.seconds += time.perf_counter() - begin
                if self.steps % 50 == 0:
                    wrong = "  ".join(f"{name} {fmean(values):.3f}" for name, values in lately.items())
                    lately = {}
                    print(
                        f"{self.seconds / 60:5.1f} min  step {self.steps}  {len(clips)} clips  "
                        f"rate {self._rate():.1e}  {wrong}",
                        flush=True,
                    )
                if self.seconds - tested > 60 * every_minutes:
                    tested = self.seconds
                    self.save()
                    print(f"      words wrong: {100 * self.test(tests):.1f} %", flush=True)
                if self.progress >= 1:
                    break
        self.save()

    def test(self, tests: Sequence[Trial]) -> float:
        """Word error rate without a search, 0..."""
        self.network.eval()
        features, frames = pad([sound.log_scale(sound.power(one.samples))[: sound.FRAMES] for one in tests])
        said = greedy(self.network, features, frames, self.tokens)
        self.network.train()
        return float(jiwer.wer([one.text for one in tests], [text or "-" for text in said]))

    def save(self) -> None:
        """Keep everything that is needed to go on."""
        unfinished = self.folder / "course.tmp"
        torch.save(
            {
                "network": self.network.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "seconds": self.seconds,
                "steps": self.steps,
            },
            unfinished,
        )
        unfinished.rename(self.folder / "course.pt")

    def _step(self, lesson: Lesson) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        loss, parts = loss_of(
            self.network,
            lesson,
            self.tokens,
            ear_alone=self.progress < self.ear_alone,
            sounds_weight=0.5 if self.progress < 0.5 else 0.3,
            drop=0.0 if self.progress < 0.4 else 0.05,
        )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.steps += 1
        return parts

    def _rate(self) -> float:
        warm = min(1.0, (self.steps + 1) / _WARM_UP_STEPS)
        # From the middle on slower, to almost nothing at the end.
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress)))
        return _FASTEST * warm * max(0.01, fall)

    def _clips(self) -> list[Clip]:
        """All clips so far: more may have been spoken since the last time."""
        for path in sorted((self.folder / "parts").glob("part-*.npz")):
            if path not in self._read:
                self._read[path] = read(path)
        return [clip for part in self._read.values() for clip in part]


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def greedy(network: Network, features: Tensor, frames: Tensor, tokens: Tokens, most: int = 24) -> list[str]:
    """The likeliest next word, again and again; texts of a batch."""
    heard, hidden = network.hear(features, frames)
    end = tokens.control("endoftext")
    opening = torch.tensor([tokens.control("startoftranscript"), tokens.control("notimestamps")])
    said = opening.repeat(len(frames), 1)
    for _ in range(most):
        logits, _ = network.speak(said, heard, hidden)
        following = logits[:, -1, : tokens.control("notimestamps")].argmax(-1)
        following = following.masked_fill((said[:, -1] == end), end)
        said = torch.cat([said, following[:, None]], 1)
        if bool((following == end).all()):
            break
    return [tokens.decode(row) for row in said.tolist()]
