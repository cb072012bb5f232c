"""Ping: does the host answer ICMP echo requests, and how many of them?"""

from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import resolving
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

SCHEMES = {"icmp": 0, "ping": 0}
_INTERVAL = 0.2
_MOST = 20


class IcmpOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many requests go out, and the share of them (in percent) that may stay without an answer."""

    count: int = 3
    loss: int = 67


class IcmpProbe:
    """Implements `probe.types.Probe` by icmplib: raw sockets where that is allowed, else datagram sockets of ICMP."""

    kind = "icmp"
    label = "Ping"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = IcmpOptions
    secrets = ()

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(IcmpOptions, request.options)
        if targeted(request.url, SCHEMES).port:
            raise wrong("url", "ICMP has no ports, write icmp://host")
        if not 1 <= options.count <= _MOST:
            raise wrong("count", f"between 1 and {_MOST}")
        if not 0 <= options.loss < 100:
            raise wrong("loss", "between 0 and 99 percent")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Send the requests and count the answers."""
        options = decoded(IcmpOptions, request.options)
        target = targeted(request.url, SCHEMES)
        addresses = await resolving.resolved(target, request, standpoint, tape)
        tape.address = addresses[0]
        left = request.deadline - tape.elapsed() / 1000
        each = max(0.05, left / options.count - _INTERVAL)
        sent, got, round_trip = await _pinged(addresses[0], options.count, each, target.host)
        if (sent - got) * 100 > options.loss * sent:
            told = "none of" if not got else f"{got} of"
            raise Failed(Cause.TIMEOUT_IN_FIRST_BYTE, f"{target.host} answered {told} {sent} pings.")
        tape.connected, tape.round_trip = True, round_trip
        tape.add(Phase.FIRST_BYTE, round_trip)
        return f"{target.host} answered {got} of {sent} pings, {round_trip:.1f} ms each; done"


async def _pinged(address: str, count: int, seconds: float, host: str) -> tuple[int, int, float]:
    """Return how many requests were sent, how many answered, and the mean round trip in milliseconds."""
    from icmplib import ICMPLibError, SocketPermissionError, async_ping

    try:
        for privileged in (True, False):
            try:
                done = await async_ping(
                    address, count=count, interval=_INTERVAL, timeout=seconds, privileged=privileged
                )
            except SocketPermissionError:
                continue
            return done.packets_sent, done.packets_received, done.avg_rtt
    except (ICMPLibError, OSError) as error:
        raise Failed(Cause.UNREACHABLE, f"{host} cannot be pinged: {error}.") from error
    raise Failed(
        Cause.NO_PERMISSION,
        "Vedette may not send pings on this machine; allow it with sysctl net.ipv4.ping_group_range.",
    )


PROBE = IcmpProbe()
