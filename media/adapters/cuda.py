"""CUDA libraries that pip installed, loaded so that CTranslate2 finds them: nobody sets a path by hand.

The packages nvidia-cublas-cu12 and nvidia-cudnn-cu12 put their libraries into folders where the system's loader
does not look. A library that is already loaded under its name is found from anywhere: loading it first is enough.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_LIBRARIES = (
    ("cublas", "libcublasLt.so.12", True),
    ("cublas", "libcublas.so.12", True),
    ("cudnn", "libcudnn.so.9", False),
)
"""Package, library, whether CTranslate2 cannot do without; each after those that it is built on."""

_SIGNS = ("/dev/nvidiactl", "/proc/driver/nvidia/version", "/dev/dxg")
"""One of them is there where a driver for NVIDIA cards runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preloaded:
    """What came of it."""

    loaded: tuple[str, ...] = ()
    """Libraries that are there now, by their names."""
    missing: tuple[str, ...] = ()
    """Libraries that are needed and neither in a package nor on the system."""
    faults: tuple[str, ...] = ()
    """What the loader said of those that are there and cannot be loaded."""

    @property
    def complete(self) -> bool:
        """Whether CTranslate2 will find all it needs."""
        return not self.missing and not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What CTranslate2 can do with a graphics card of this machine."""

    compute_types: frozenset[str] = frozenset()
    """Such as "float16" and "int8_float16"; empty: nothing, the processor has to do it."""
    why_not: str = ""
    """Why it can do nothing, for people."""


def look_at_card() -> Card:
    """Ask CTranslate2 for a card; where there is no sign of one it is not even loaded."""
    if sys.platform == "linux" and not any(Path(sign).exists() for sign in _SIGNS):
        return Card(why_not="no NVIDIA card")
    libraries = preload()
    import ctranslate2

    if not ctranslate2.get_cuda_device_count():
        return Card(why_not="no NVIDIA card that CTranslate2 knows")
    if not libraries.complete:
        return Card(
            why_not="the card's CUDA 12 libraries are missing or broken (pip install 'atrium-office[gpu]'): "
            + ", ".join(libraries.missing + libraries.faults)
        )
    return Card(compute_types=frozenset(ctranslate2.get_supported_compute_types("cuda")))


def _load(name: str) -> object:
    return ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)


def preload(folders: Sequence[Path] | None = None, load: Callable[[str], object] = _load) -> Preloaded:
    """Load the CUDA 12 libraries, from the packages or else from the system; a second time costs nothing.

    Args:
        folders: where packages are; default: where this Python looks for them.
        load: loads a library by path or name, or raises OSError.
    """
    places = [Path(entry) for entry in sys.path if entry] if folders is None else folders
    loaded, missing, faults = [], [], []
    for package, name, needed in _LIBRARIES:
        found = [path for place in places if (path := place / "nvidia" / package / "lib" / name).is_file()]
        for choice in [*map(str, found), name]:
            try:
                load(choice)
            except OSError as error:
                if needed and choice != name:
                    faults.append(f"{choice}: {error}")
                continue
            loaded.append(name)
            break
        else:
            if needed and not found:
                missing.append(name)
    return Preloaded(
        loaded=tuple(loaded),
        missing=tuple(missing),
        faults=tuple(fault for fault in faults if Path(fault.partition(":")[0]).name not in loaded),
    )
