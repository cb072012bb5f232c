"""How far the clock is off, by whoever knows: chrony, systemd-timesyncd, or time servers that are asked once.

Source: chronyc(1) "tracking", timedatectl(1) "timesync-status", RFC 4330 (SNTP) for the packet and its arithmetic.
"""

import contextlib
import re
import socket
import struct
from collections.abc import Callable, Sequence

from vedette.core.clock import SystemClock
from vedette.instruments.host.asking import Ask
from vedette.instruments.host.reading import Files

_CHRONY = re.compile(r"^System time\s*:\s*([0-9.]+) seconds (slow|fast) of NTP time", re.MULTILINE)
_TIMESYNC = re.compile(r"^\s*Offset: ([+-]?)([0-9.]+)(us|ms|s|min)\s*$", re.MULTILINE)
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "min": 60_000.0}
_CONFIGURED = re.compile(r"^\s*(?:NTP\s*=\s*|(?:server|pool|peer)\s+)([^\s#]+)", re.MULTILINE)
_FILES = ("/etc/systemd/timesyncd.conf", "/etc/chrony/chrony.conf", "/etc/chrony.conf", "/etc/ntpsec/ntp.conf", "/etc/ntp.conf")  # fmt: skip
_SECONDS = 1.0
_PATIENT = 900.0
_NOW = SystemClock().now
_MOST_ASKED = 2
_SINCE_1900 = 2_208_988_800
_ASKS, _ANSWERS = 0x23, 4  # version 4, mode 3; mode of a server
_NOT_SET = 3


class Comparing:
    """Knows how far the clock is off. Time servers that did not answer are left alone for a while: a name may take long to fail."""

    def __init__(self, files: Files, ask: Ask, servers: Sequence[str] = ()) -> None:
        """`servers` are asked when no program of the host tells; without them those of its configuration are."""
        self._files, self._ask, self._servers = files, ask, servers
        self._again = 0.0

    def offset(self, at: float) -> float | None:
        """Return by how many milliseconds the clock is ahead; None where nobody knows. `at` is of a clock that is never set."""
        if not self._files.real:
            return None
        found = chrony(self._ask("chronyc", "-n", "tracking", seconds=2.0) or "")
        if found is None:
            found = timesync(self._ask("timedatectl", "timesync-status", "--no-pager", seconds=2.0) or "")
        return self._served(at) if found is None else found

    def _served(self, at: float) -> float | None:
        if at < self._again:
            return None
        for server in [*(self._servers or configured(self._files))][:_MOST_ASKED]:
            found = sntp(server)
            if found is not None:
                return found
        self._again = at + _PATIENT
        return None


def chrony(said: str) -> float | None:
    """Return the offset of `chronyc tracking`; None while it has chosen no server."""
    found = _CHRONY.search(said)
    if not found or "Leap status     : Not synchronised" in said:
        return None
    return float(found[1]) * (1000.0 if found[2] == "fast" else -1000.0)


def timesync(said: str) -> float | None:
    """Return the offset of `timedatectl timesync-status`, which tells how far the server is ahead of us."""
    found = _TIMESYNC.search(said)
    return None if found is None else float(found[2]) * _UNITS[found[3]] * (1.0 if found[1] == "-" else -1.0)


def configured(files: Files) -> Sequence[str]:
    """Return the time servers that the host's own configuration names."""
    found: list[str] = []
    for path in _FILES:
        with contextlib.suppress(OSError):
            found += _CONFIGURED.findall(files.text(path, 65_536))
    return tuple(dict.fromkeys(found))


def sntp(server: str, port: int = 123, now: Callable[[], float] = _NOW) -> float | None:
    """Ask a time server once; None when it does not answer in a second, or not as one whose clock is set."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(server, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as line:
            line.settimeout(_SECONDS)
            line.connect(address)
            sent = now()
            line.send(struct.pack(">B39x", _ASKS) + _stamp(sent))
            said = line.recv(512)
            return _judged(said, sent, now())
    except (OSError, UnicodeError):
        return None


def _stamp(instant: float) -> bytes:
    whole, part = divmod(instant + _SINCE_1900, 1)
    return struct.pack(">II", int(whole) & 0xFFFFFFFF, int(part * (1 << 32)))


def _judged(said: bytes, sent: float, heard: float) -> float | None:
    """Return how far we are ahead; an answer to something else, or of a clock that is not set, says nothing."""
    if len(said) < 48 or said[0] & 7 != _ANSWERS or said[0] >> 6 == _NOT_SET or not 0 < said[1] < 16:
        return None
    if said[24:32] != _stamp(sent):
        return None
    received, transmitted = _instant(said[32:40], sent), _instant(said[40:48], sent)
    return -((received - sent) + (transmitted - heard)) / 2 * 1000


def _instant(raw: bytes, near: float) -> float:
    """Return the instant of a stamp: of the eras of 2^32 seconds the one that is near."""
    whole, part = (int(one) for one in struct.unpack(">II", raw))
    era = round((near + _SINCE_1900 - whole) / (1 << 32))
    return float(whole + (era << 32) - _SINCE_1900) + part / (1 << 32)
