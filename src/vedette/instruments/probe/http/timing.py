"""Which phase a transfer is in, and what each took, from libcurl's marks. Decisions only.

The marks are seconds since the transfer began, 0 for one that was not reached (libcurl's curl_easy_getinfo(3), "TIMES").
"""

from collections.abc import Mapping

import msgspec

from vedette.instruments.probe.types import Phase


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What libcurl says: connected, TLS done, first byte received, and how long it has taken in all."""

    connect: float
    tls: float
    first_byte: float
    total: float


def cut_off(marks: Marks, *, connected: bool, total: float) -> Marks:
    """Return the marks of a transfer that was called off: libcurl has not looked since its last event.

    `connected` says that TCP is; how long that took is not known when TLS has not followed, so none of it is counted.
    """
    connect = marks.connect or (1e-9 if connected else 0.0)
    return Marks(
        connect=connect, tls=marks.tls, first_byte=marks.first_byte, total=max(total, marks.total, connect)
    )


def phase_at(marks: Marks, *, secure: bool, complete: bool) -> Phase:
    """Return the phase a transfer is in; `complete` says that all headers have come."""
    if not marks.connect:
        return Phase.CONNECT
    if secure and not marks.tls:
        return Phase.TLS
    return Phase.TRANSFER if complete else Phase.FIRST_BYTE


def spent(marks: Marks, *, secure: bool, complete: bool) -> Mapping[Phase, float]:
    """Return the milliseconds of each phase that was reached; the one it is in lasts until now."""
    now = phase_at(marks, secure=secure, complete=complete)
    ends = {Phase.CONNECT: marks.connect, Phase.TLS: marks.tls, Phase.FIRST_BYTE: marks.first_byte}
    found, before = {}, 0.0
    for phase in (Phase.CONNECT, Phase.TLS, Phase.FIRST_BYTE, Phase.TRANSFER):
        if phase is Phase.TLS and not secure:
            continue
        end = marks.total if phase is now else ends.get(phase, marks.total)
        found[phase] = max(0.0, end - before) * 1000
        before = max(before, end)
        if phase is now:
            break
    return found
