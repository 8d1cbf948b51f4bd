"""Opus (RFC 6716) by libopus itself, the copy that PyAV brings along.

FFmpeg's wrapper offers neither loss concealment, nor forward error correction, nor a change of complexity on the
way, and costs about 20 microseconds more a packet. ctypes lets go of the interpreter's lock during a call.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np

from media.audio import FRAME, RATE, Samples
from media.errors import MediaError

LONGEST: Final = 5760
"""Samples a channel of the longest Opus packet: 120 ms."""
BITRATE: Final = 64_000
"""Bits per second of a listener's stereo sound. Below 56 000 libopus leaves its cheap mode."""
_PACKET: Final = 1276
"""Bytes of the largest frame."""

SILENCE: Final = bytes.fromhex("fcfffe")
"""20 ms of stereo silence: what the low-delay encoder makes of zeros. It decodes in any state of a decoder."""

# Numbers of opus_defines.h.
_LOWDELAY, _VOIP = 2051, 2048
_SET_BITRATE, _SET_COMPLEXITY, _SET_INBAND_FEC, _SET_LOSS = 4002, 4010, 4012, 4014
_SET_PREDICTION_DISABLED, _RESET_STATE = 4042, 4028


class OpusError(MediaError):
    """libopus refused a packet or a setting."""

    code = "opus"


def _places() -> Iterator[str]:
    package = Path(av.__file__).parent
    for folder in (package.parent / "av.libs", package / ".dylibs", package):
        yield from map(str, sorted(folder.glob("libopus*")))
    if found := ctypes.util.find_library("opus"):
        yield found


@functools.cache
def library() -> ctypes.CDLL | None:
    """libopus, with its types declared; None where neither PyAV nor the system has one."""
    for place in _places():
        try:
            lib = ctypes.CDLL(place)
            return _declared(lib)
        except (OSError, AttributeError):  # not a library for this machine, or not a whole one: try the next
            continue
    return None


def _declared(lib: ctypes.CDLL) -> ctypes.CDLL:
    pointer, number = ctypes.c_void_p, ctypes.c_int
    lib.opus_encoder_create.restype = pointer
    lib.opus_encoder_create.argtypes = [ctypes.c_int32, number, number, ctypes.POINTER(number)]
    lib.opus_encoder_destroy.argtypes = [pointer]
    lib.opus_encoder_destroy.restype = None
    lib.opus_encode_float.restype = ctypes.c_int32
    lib.opus_encode_float.argtypes = [pointer, pointer, number, pointer, ctypes.c_int32]
    lib.opus_decoder_create.restype = pointer
    lib.opus_decoder_create.argtypes = [ctypes.c_int32, number, ctypes.POINTER(number)]
    lib.opus_decoder_destroy.argtypes = [pointer]
    lib.opus_decoder_destroy.restype = None
    lib.opus_decode_float.restype = number
    lib.opus_decode_float.argtypes = [pointer, ctypes.c_char_p, ctypes.c_int32, pointer, number, number]
    lib.opus_strerror.restype = ctypes.c_char_p
    lib.opus_strerror.argtypes = [number]
    return lib


def _loaded() -> ctypes.CDLL:
    lib = library()
    if lib is None:
        raise OpusError("libopus was not found; install PyAV's wheel or Debian's package libopus0")
    return lib


def _checked(lib: ctypes.CDLL, result: int) -> int:
    if result < 0:
        raise OpusError(f"libopus: {lib.opus_strerror(result).decode('ascii', 'replace')}")
    return result


class OpusDecoder:
    """One person's packets to mono sound at 48 kHz; what came in stereo is mixed down by libopus.

    Raises:
        OpusError: there is no libopus.
    """

    __slots__ = ("_at", "_lib", "_pcm", "_state")

    def __init__(self) -> None:
        self._lib = _loaded()
        error = ctypes.c_int()
        self._state = self._lib.opus_decoder_create(RATE, 1, ctypes.byref(error))
        _checked(self._lib, error.value)
        self._pcm: Samples = np.zeros(LONGEST, np.float32)
        self._at = self._pcm.ctypes.data

    def decode(self, payload: bytes, out: Samples) -> int:
        """Decode a packet into the start of `out` (float32); returns the number of samples.

        Raises:
            OpusError: the packet is malformed, or longer than `out`.
        """
        count = self._lib.opus_decode_float(self._state, payload, len(payload), self._at, LONGEST, 0)
        return self._give(count, out)

    def recover(self, payload: bytes, out: Samples) -> int:
        """The lost frame before `payload`, from its in-band forward error correction; len(out) samples.

        Where the packet carries none, libopus conceals instead.

        Raises:
            OpusError: the packet is malformed.
        """
        return self._give(
            self._lib.opus_decode_float(self._state, payload, len(payload), self._at, len(out), 1), out
        )

    def conceal(self, out: Samples) -> int:
        """Go on for len(out) samples, a multiple of 2.5 ms, as if a packet had been lost."""
        return self._give(self._lib.opus_decode_float(self._state, None, 0, self._at, len(out), 0), out)

    def _give(self, count: int, out: Samples) -> int:
        if count < 0:
            _checked(self._lib, count)
        if count > len(out):
            raise OpusError(f"the packet has {count} samples, there is room for {len(out)}")
        out[:count] = self._pcm[:count]
        return count

    def __del__(self) -> None:
        if (state := getattr(self, "_state", None)) is not None:
            self._lib.opus_decoder_destroy(state)


class OpusEncoder:
    """Sound at 48 kHz to packets of 20 ms.

    Without `voice` it is libopus' low-delay mode (CELT alone): 2.5 ms of look-ahead, and a quarter of the cost of
    the mode for voices.

    Args:
        channels: 1 or 2.
        bitrate: bits per second.
        complexity: 0 (cheapest) to 10.
        voice: encode as browsers encode a microphone, with error correction for this share of lost packets.

    Raises:
        OpusError: there is no libopus, or a setting is out of its range.
    """

    __slots__ = ("_independent", "_lib", "_packet", "_state", "channels", "complexity")

    def __init__(
        self, *, channels: int = 2, bitrate: int = BITRATE, complexity: int = 5, voice: float | None = None
    ) -> None:
        self._lib = _loaded()
        error = ctypes.c_int()
        mode = _LOWDELAY if voice is None else _VOIP
        self._state = self._lib.opus_encoder_create(RATE, channels, mode, ctypes.byref(error))
        _checked(self._lib, error.value)
        self._packet = ctypes.create_string_buffer(_PACKET)
        self._independent = False
        self.channels = channels
        self.complexity = -1
        self._set(_SET_BITRATE, bitrate)
        self.set_complexity(complexity)
        if voice is not None:
            self._set(_SET_INBAND_FEC, 1)
            self._set(_SET_LOSS, round(100 * voice))

    def set_complexity(self, complexity: int) -> None:
        """0 (cheapest) to 10, from the next packet on."""
        if complexity != self.complexity:
            self._set(_SET_COMPLEXITY, complexity)
            self.complexity = complexity

    def make_independent(self) -> None:
        """Let the next packet be decodable without those before it, for listeners who come from another stream."""
        self._set(_SET_PREDICTION_DISABLED, 1)
        self._independent = True

    def reset(self) -> None:
        """Forget what was encoded before."""
        _checked(self._lib, self._lib.opus_encoder_ctl(ctypes.c_void_p(self._state), _RESET_STATE))

    def encode(self, samples: Samples) -> bytes:
        """Encode one frame: (960,) mono or (960, 2) left and right interleaved, float32, C-contiguous."""
        if samples.size != FRAME * self.channels or samples.dtype != np.float32 or not samples.flags.c_contiguous:
            raise OpusError(f"expected {FRAME} x {self.channels} contiguous float32 samples, got {samples.shape}")
        return self.encode_at(samples.ctypes.data)

    def encode_at(self, address: int) -> bytes:
        """The same for samples that lie at this address of memory; nothing is checked."""
        size = self._lib.opus_encode_float(self._state, address, FRAME, self._packet, _PACKET)
        if size < 0:
            _checked(self._lib, size)
        if self._independent:
            self._independent = False
            self._set(_SET_PREDICTION_DISABLED, 0)
        return ctypes.string_at(self._packet, size)

    def _set(self, what: int, value: int) -> None:
        # Variadic in C: the arguments have to be given with their types.
        result = self._lib.opus_encoder_ctl(
            ctypes.c_void_p(self._state), ctypes.c_int(what), ctypes.c_int32(value)
        )
        _checked(self._lib, result)

    def __del__(self) -> None:
        if (state := getattr(self, "_state", None)) is not None:
            self._lib.opus_encoder_destroy(state)
