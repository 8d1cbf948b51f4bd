"""Children of this process: each begins with everything loaded, so that one costs milliseconds."""

from __future__ import annotations

import json
import os
import selectors
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Tell = Callable[[Any], None]
"""Takes a JSON value."""


@dataclass(slots=True)
class Child:
    """A process that was forked."""

    pid: int
    reading: int
    """Gives what it tells, until its end."""
    said: list[Any] = field(default_factory=list)
    """The JSON values that it told."""
    status: int = 0
    """0: it ended well; 1: with a fault, whose traceback it told last; negative: the signal that ended it."""
    late: bool = False
    """It took too long, and was ended."""
    _rest: bytes = b""

    @property
    def killed(self) -> bool:
        """It ended itself."""
        return self.status == -signal.SIGKILL and not self.late

    def listen(self, take: Tell) -> bool:
        """Read what it told; say whether there may be more."""
        some = os.read(self.reading, 65536)
        *lines, self._rest = (self._rest + some).split(b"\n")
        for line in lines:
            self.said.append(json.loads(line))
            take(self.said[-1])
        if not some:
            os.close(self.reading)
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return bool(some)

    def end(self) -> None:
        """It takes too long."""
        self.late = True
        os.kill(self.pid, signal.SIGKILL)


def fork(work: Callable[[Tell], None]) -> Child:
    """Begin something in a child. This process must have no other thread."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Child(pid, reading)
    status = 1
    try:
        os.close(reading)

        def tell(value: Any) -> None:
            os.write(writing, json.dumps(value).encode() + b"\n")

        try:
            work(tell)
            status = 0
        except BaseException:  # told to the parent: nothing above this frame is the child's
            tell(traceback.format_exc())
    finally:
        os._exit(status)


def follow(children: Sequence[Child], take: Tell, seconds: float) -> None:
    """Take what children tell until all have ended; end those that are silent for so long."""
    with selectors.DefaultSelector() as selector:
        heard = {}
        for child in children:
            selector.register(child.reading, selectors.EVENT_READ, child)
            heard[child.pid] = time.monotonic()
        while selector.get_map():
            for key, _ in selector.select(1.0):
                child = key.data
                heard[child.pid] = time.monotonic()
                if not child.listen(take):
                    selector.unregister(key.fd)
                    del heard[child.pid]
            for child in children:
                if not child.late and time.monotonic() - heard.get(child.pid, float("inf")) > seconds:
                    child.end()


def result(work: Callable[[Tell], None], seconds: float) -> Child:
    """Do something in a child, and wait for its end."""
    child = fork(work)
    follow([child], lambda value: None, seconds)
    return child
