"""The embedded voice: espeak-ng as a program of its own (`python -m avatars.adapters.espeak_worker`).

espeak-ng is licensed under the GPL, version 3. It is therefore loaded here and nowhere else: this program
runs in its own process and speaks with the office over pipes only. It imports nothing of the office.

In (stdin), one JSON object a line:
    {"id": 1, "text": "Noted.", "voice": "en-us+f3", "rate": 165, "pitch": 50}
    {"id": 2, "voices": true}
Out (stdout), for each of them: 4 bytes length of the header (little endian), the header as JSON, then the
sound as 16-bit little-endian mono samples, as many as the header says:
    {"id": 1, "rate": 22050, "samples": 16896, "words": [[seconds, offset, length], ...],
     "phonemes": [[seconds, name], ...]}
    {"id": 2, "samples": 0, "voices": ["en-us", ...]}      or      {"id": 3, "samples": 0, "error": "..."}
The program ends when stdin does.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import espeakng_loader

MAX_CHARACTERS = 2000
_SYNCHRONOUS, _PHONEME_EVENTS, _DO_NOT_EXIT = 2, 0x0001, 0x8000
_RATE, _PITCH = 1, 3
_AT_CHARACTER, _UTF8 = 1, 1
_END_OF_LIST, _WORD, _PHONEME = 0, 1, 7


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


class _VoiceRecord(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("unused", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The library. It keeps global state, so one per process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._data = Path(espeakng_loader.get_data_path())
        options = _PHONEME_EVENTS | _DO_NOT_EXIT
        self.rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, str(self._data).encode(), options)
        if self.rate <= 0:
            raise RuntimeError(f"espeak-ng could not start with its data in {self._data}")
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
            ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self._library.espeak_ListVoices.argtypes = [ctypes.c_void_p]
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_VoiceRecord))
        self._callback = _Callback(self._take)
        self._library.espeak_SetSynthCallback(self._callback)
        self._pcm = bytearray()
        self._words: list[list[float]] = []
        self._phonemes: list[list[float | str]] = []
        # "en-gb" is a language, the library wants the name of its file ("gmw/en").
        self._files = {language: file for language, file in self._list()}

    def voices(self) -> list[str]:
        """English voices, plain; "+f3" and the like may be added for variants."""
        return sorted(language for language in self._files if language.startswith("en"))

    def variants(self) -> list[str]:
        """What may stand behind the "+" of a voice."""
        return sorted(path.name for path in (self._data / "voices" / "!v").iterdir())

    def speak(self, text: str, voice: str, rate: int, pitch: int) -> tuple[dict[str, Any], bytes]:
        """Synthesise; returns header fields and the sound."""
        if not text.strip() or len(text) > MAX_CHARACTERS:
            raise ValueError(f"the text must have 1 to {MAX_CHARACTERS} characters, not {len(text)}")
        base, _, variant = voice.partition("+")
        if variant and variant not in self.variants():
            raise ValueError(f"no voice variant {variant!r}; one of: {', '.join(self.variants())}")
        name = self._files.get(base, base) + (f"+{variant}" if variant else "")
        if self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise ValueError(f"no voice {base!r}; one of: {', '.join(self.voices())}")
        self._library.espeak_SetParameter(_RATE, max(80, min(450, rate)), 0)
        self._library.espeak_SetParameter(_PITCH, max(0, min(99, pitch)), 0)
        self._pcm, self._words, self._phonemes = bytearray(), [], []
        encoded = text.replace("\0", " ").encode() + b"\0"
        status = self._library.espeak_Synth(encoded, len(encoded), 0, _AT_CHARACTER, 0, _UTF8, None, None)
        if status != 0:
            raise RuntimeError(f"espeak-ng answered {status}")
        header = {"rate": self.rate, "words": self._words, "phonemes": self._phonemes}
        return header, bytes(self._pcm)

    def _take(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._pcm += ctypes.string_at(samples, 2 * count)
        k = 0
        while events[k].type != _END_OF_LIST:
            event = events[k]
            seconds = event.audio_position / 1000
            if event.type == _WORD:
                self._words.append([seconds, max(0, event.text_position - 1), event.length])
            elif event.type == _PHONEME:
                self._phonemes.append([seconds, event.id.string.decode(errors="replace")])
            k += 1
        return 0

    def _list(self) -> Iterator[tuple[str, str]]:
        records = self._library.espeak_ListVoices(None)
        k = 0
        while records[k]:
            record = records[k].contents
            # `languages` is a list of (priority byte, name, 0); the first is what the voice is called by.
            yield record.languages[1:].decode(), record.identifier.decode()
            k += 1


def answer(espeak: Espeak, line: bytes) -> tuple[dict[str, Any], bytes]:
    """What to say to one line: header and sound. A line that makes no sense gets an error, not a crash."""
    request_id: Any = None
    try:
        request = json.loads(line)
        request_id = request["id"]
        if request.get("voices"):
            return {"id": request_id, "samples": 0, "voices": espeak.voices()}, b""
        header, pcm = espeak.speak(
            str(request["text"]),
            str(request.get("voice", "en-us")),
            int(request.get("rate", 165)),
            int(request.get("pitch", 50)),
        )
        return {"id": request_id, "samples": len(pcm) // 2, **header}, pcm
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        return {"id": request_id, "samples": 0, "error": f"{type(error).__name__}: {error}"}, b""


def serve(lines: BinaryIO, out: BinaryIO) -> None:
    """Answer lines until there are no more."""
    espeak = Espeak()
    for line in lines:
        header, pcm = answer(espeak, line)
        text = json.dumps(header).encode()
        out.write(struct.pack("<I", len(text)) + text + pcm)
        out.flush()


def main() -> None:
    """Serve stdin and stdout; what the library itself prints goes to stderr."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
