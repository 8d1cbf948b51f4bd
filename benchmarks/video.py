"""What forwarding video costs: `python -m benchmarks.video --json`.

Packets of a busy screen (1100 bytes, 4 to a picture) go through the whole of it: opened, looked into, kept, and
for each viewer renumbered, sealed and sent to a socket of the loopback that nobody reads. CPU time of this process
is counted, so other work on the machine matters little.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import socket
import sys
import time
from collections.abc import Sequence
from typing import Any

from pylibsrtp import Policy, Session

from benchmarks.results import Measurement, Metric, as_lines, median, table
from media.adapters.direct import DirectPath
from media.adapters.mux import MuxSettings
from media.adapters.video import VideoPeer
from media.rtp import build
from media.video import VideoSettings
from server.sound_port import View
from server.video import VideoRouter

IN = Metric(name="video_us_per_packet", label="a packet in", unit="us", goal=20)
OUT = Metric(name="video_us_per_packet_and_viewer", label="a packet, for each viewer", unit="us", goal=15)
PACKETS, SIZE, PER_PICTURE, VIEWERS = 4000, 1100, 4, 20
LAYOUT = ["sendonly"] * 2 + ["recvonly"] * 8
UNLIMITED = VideoSettings(screen_bps=10**9, most_bps=10**12)


def offer(ssrc: int) -> str:
    """A browser's, as short as it can be."""
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    for mid, way in enumerate(LAYOUT):
        lines += [
            "m=video 9 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 0.0.0.0", f"a=mid:{mid}", f"a={way}", "a=rtcp-mux",
            f"a=ice-ufrag:{secrets.token_hex(2)}", f"a=ice-pwd:{secrets.token_hex(12)}", "a=setup:actpass",
            "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=rtpmap:96 VP8/90000",
        ]  # fmt: skip
        if way == "sendonly":
            lines.append(f"a=ssrc:{ssrc + mid} cname:x")
    return "\r\n".join(lines) + "\r\n"


def session(direction: int, key: bytes) -> Session:
    """SRTP as the connections have it."""
    policy = Policy(key=key, ssrc_type=direction)
    policy.allow_repeat_tx, policy.window_size = True, 1024
    return Session(policy)


def screen(ssrc: int, key: bytes) -> list[bytes]:
    """Sealed packets of a screen; every hundredth picture is a key picture."""
    seal = session(Policy.SSRC_ANY_OUTBOUND, key)
    packets = []
    for number in range(PACKETS):
        picture, part = divmod(number, PER_PICTURE)
        first = 0x10 if part == 0 else 0
        head = bytes((0x80 | first, 0xE0, 0x80 | picture >> 8, picture & 0xFF, picture & 0xFF, 0))
        body = bytes((0 if picture % 100 == 0 else 1,)) + bytes(SIZE - len(head) - 1)
        packets.append(seal.protect(build(96, number, picture * 9000, ssrc, head + body, part == PER_PICTURE - 1)))
    return packets


async def run(viewers: int) -> float:
    """Microseconds of CPU for each packet of one screen that so many people see."""
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", 0))
    made: list[VideoPeer] = []
    async with DirectPath(MuxSettings(loopback_only=True)) as path:

        def make(**told: Any) -> VideoPeer:
            made.append(VideoPeer(path.mux, path.certificate, settings=UNLIMITED, **told))
            return made[-1]

        async with VideoRouter(make, settings=UNLIMITED) as router:
            ssrc, key = 1000, secrets.token_bytes(30)
            for number in range(viewers + 1):
                await router.connect(f"p{number}", offer(ssrc + 10 * number))
            for peer in made:
                # As after the handshake, without one.
                inbound = session(Policy.SSRC_ANY_INBOUND, key)
                peer._open, peer._open_rtcp = inbound.unprotect, inbound.unprotect_rtcp
                peer._seal = session(Policy.SSRC_ANY_OUTBOUND, key).protect
                peer.agent.out, peer.agent.address = sink, sink.getsockname()
            for number in range(1, viewers + 1):
                router.set_views(f"p{number}", [View(mid="2", owner="p0", kind="screen")])
            packets = screen(ssrc + 1, key)
            begun = time.process_time()
            for data in packets:
                made[0]._take_media(data, time.monotonic())
            took = time.process_time() - begun
            assert made[0].streams["screen"].packets == len(packets)
            assert router.counters.packets == viewers * len(packets)
    sink.close()
    return took / len(packets) * 1e6


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.video", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    alone, seen = [], []
    for _ in range(options.runs):
        alone.append(asyncio.run(run(0)))
        seen.append((asyncio.run(run(VIEWERS)) - alone[-1]) / VIEWERS)
    found = [
        Measurement(name=metric.name, value=median(values), unit=metric.unit, peer=None, n=options.runs)
        for metric, values in ((IN, alone), (OUT, seen))
    ]
    print(as_lines(found) if options.json else table([IN, OUT], found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
