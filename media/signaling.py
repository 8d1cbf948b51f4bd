"""Session descriptions (SDP) as text: what has to be changed in an offer or answer, and why."""

from __future__ import annotations

import re

from media.errors import NegotiationError

MAX_SDP = 64_000
"""Characters: no honest description of one audio line comes near it."""

_OPUS = re.compile(r"^a=rtpmap:(\d+) opus/48000/2\s*$", re.IGNORECASE | re.MULTILINE)
_CANDIDATE = re.compile(r"^a=candidate:\S+ \d+ \S+ \d+ (\S+) \d+ typ ", re.MULTILINE)


def check_offer(sdp: str) -> None:
    """See that an offer is one we can answer.

    Raises:
        NegotiationError: it is too long, has no audio line, or offers no Opus.
    """
    if len(sdp) > MAX_SDP:
        raise NegotiationError(f"the offer has {len(sdp)} characters, at most {MAX_SDP} are taken")
    if not sdp.startswith("v=0") or "\nm=audio " not in sdp:
        raise NegotiationError("the offer has no audio line; add an audio track or transceiver to it")
    if _OPUS.search(sdp) is None:
        raise NegotiationError("the offer has no Opus; offer opus/48000/2")


def opus_parameters(sdp: str) -> dict[str, str]:
    """The parameters (fmtp) of the first Opus payload type, such as {"useinbandfec": "1"}."""
    found = _OPUS.search(sdp)
    if found is None:
        return {}
    line = re.search(rf"^a=fmtp:{found[1]} ([^\r\n]*)", sdp, re.MULTILINE)
    pairs = (item.strip().partition("=") for item in line[1].split(";")) if line else ()
    return {name: value for name, _, value in pairs if name}


def with_opus_parameters(sdp: str, parameters: dict[str, str]) -> str:
    """Set parameters of every Opus payload type; the others it has stay as they are."""
    for found in reversed(list(_OPUS.finditer(sdp))):
        payload_type = found[1]
        wanted = {**opus_parameters(found[0] + "\n" + _fmtp(sdp, payload_type)), **parameters}
        text = ";".join(f"{name}={value}" if value else name for name, value in wanted.items())
        sdp = re.sub(rf"^a=fmtp:{payload_type} [^\r\n]*\r?\n", "", sdp, flags=re.MULTILINE)
        mapping = re.compile(rf"^(a=rtpmap:{payload_type} [^\r\n]*)(\r?\n)", re.MULTILINE)
        sdp = mapping.sub(rf"\g<1>\g<2>a=fmtp:{payload_type} {text}\g<2>", sdp)
    return sdp


def with_stereo(sdp: str) -> str:
    """Say that two channels are sent and taken.

    Browsers play both channels only if `stereo=1` stands in their own local description; in an answer
    it says that our sound has two channels.
    """
    return with_opus_parameters(sdp, {"stereo": "1", "sprop-stereo": "1"})


def candidate_hosts(sdp: str) -> list[str]:
    """The addresses or names of all ICE candidates in a description."""
    return [found[1] for found in _CANDIDATE.finditer(sdp)]


def without_mdns(sdp: str, placeholder: str) -> str:
    """Take out candidates that are only a name (`….local`), which a server cannot resolve in time.

    Browsers hide their address so until the microphone is granted. The browser's own connectivity checks
    then tell us where it is; but a list without any candidate would be given up at once, so one candidate
    is put in that leads nowhere.

    Args:
        sdp: the offer.
        placeholder: an IP address of this machine; port 9 (discard) is used on it.
    """
    lines = [line for line in sdp.splitlines() if not _is_mdns(line)]
    out = "\r\n".join(lines) + "\r\n"
    if candidate_hosts(out):
        return out
    waiting = f"a=candidate:9 1 udp 1 {placeholder} 9 typ host"
    at = next((i for i, line in enumerate(lines) if line.startswith("m=audio ")), None)
    if at is None:
        return out
    end = next((i for i in range(at + 1, len(lines)) if lines[i].startswith("m=")), len(lines))
    return "\r\n".join([*lines[:end], waiting, *lines[end:]]) + "\r\n"


def _is_mdns(line: str) -> bool:
    found = _CANDIDATE.match(line)
    return found is not None and found[1].lower().endswith(".local")


def _fmtp(sdp: str, payload_type: str) -> str:
    line = re.search(rf"^a=fmtp:{payload_type} [^\r\n]*", sdp, re.MULTILINE)
    return line[0] if line else ""
