"""Interfaces and TCP. Source: proc(5), /proc/net/{dev,snmp,netstat,sockstat,tcp}; RFC 4022 for the counters' names."""

import re
from collections import Counter
from collections.abc import Iterator

from vedette.instruments.host import series
from vedette.instruments.host.rating import Rates, share
from vedette.instruments.host.reading import Files

Value = tuple[str, float | None]
_MOST = 32
_MOST_SOCKETS = 2_000  # of which each is looked at: a line each
_OURS = re.compile(
    r"lo|veth.*|ifb\d+|dummy\d+"
)  # traffic with nobody, or the other end of what a bridge counts
_STATES = {
    "01": "established", "02": "syn_sent", "03": "syn_received", "04": "fin_wait_1", "05": "fin_wait_2", "06": "time_wait",
    "07": "close", "08": "close_wait", "09": "last_ack", "0A": "listen", "0B": "closing",
}  # fmt: skip
_RARE = tuple(state for state in _STATES.values() if state not in {"established", "time_wait"})


def interfaces(files: Files, rates: Rates) -> Iterator[Value]:
    """Yield what goes through the interfaces; those that never carried anything are left out."""
    known = 0
    for line in files.text("/proc/net/dev").splitlines()[2:]:
        name, _, rest = line.rpartition(":")
        name, counters = name.strip(), [int(text) for text in rest.split()]
        if _OURS.fullmatch(name) or not any(counters):
            continue
        known += 1
        if known > _MOST:
            return
        yield from _interface(name, counters, rates)


def _interface(name: str, counters: list[int], rates: Rates) -> Iterator[Value]:
    received, sent = counters[:4], counters[8:12]
    for way, (size, packets, _, _) in (("received", received), ("sent", sent)):
        yield series.of(f"net.{way}.bytes_per_second", name), rates.rate(f"{name} {way}", size)
        yield series.of(f"net.{way}.packets_per_second", name), rates.rate(f"{name} {way} packets", packets)
    yield series.of("net.errors.per_second", name), rates.rate(f"{name} errors", received[2] + sent[2])
    yield series.of("net.drops.per_second", name), rates.rate(f"{name} drops", received[3] + sent[3])


def tcp(files: Files, rates: Rates) -> Iterator[Value]:
    """Yield what TCP and UDP count."""
    found = _table(files.text("/proc/net/snmp"))
    segments = found.get("Tcp", {})
    for name, series_name in (("PassiveOpens", "opened"), ("ActiveOpens", "connected")):
        if name in segments:
            yield f"tcp.{series_name}.per_second", rates.rate(name, segments[name])
    if "RetransSegs" in segments and "OutSegs" in segments:
        again, sent = segments["RetransSegs"], segments["OutSegs"]
        grown = rates.grown("again", again)
        yield "tcp.retransmits.per_second", rates.rate("again", again)
        yield "tcp.retransmits.percent", share(grown, rates.grown("segments", sent))
    errors = found.get("Udp", {}).get("RcvbufErrors")
    if errors is not None:
        yield "udp.drops.per_second", rates.rate("udp", errors)


def listening(files: Files, rates: Rates) -> Iterator[Value]:
    """Yield what programs that listen did not take."""
    found = _table(files.text("/proc/net/netstat")).get("TcpExt", {})
    for name, what in (("ListenOverflows", "overflows"), ("ListenDrops", "drops")):
        if name in found:
            yield f"tcp.listen_{what}.per_second", rates.rate(name, found[name])


def _table(text: str) -> dict[str, dict[str, int]]:
    """Return counters by protocol and name: each protocol has a line of names and one of numbers."""
    found: dict[str, dict[str, int]] = {}
    lines = text.splitlines()
    for names, numbers in zip(lines[::2], lines[1::2], strict=False):
        protocol, *heads = names.split()
        found[protocol.rstrip(":")] = dict(zip(heads, map(int, numbers.split()[1:]), strict=False))
    return found


def connections(files: Files, _: Rates) -> Iterator[Value]:
    """Yield the commonest states of TCP as the kernel counts them anyway."""
    yield "tcp.connections{time_wait}", _sockets(files)["tw"]
    yield "tcp.connections{established}", _table(files.text("/proc/net/snmp"))["Tcp"]["CurrEstab"]


def states(files: Files, _: Rates) -> Iterator[Value]:
    """Yield TCP connections by state, of each socket while those are few. The kernel walks its whole table for this: no rate of it."""
    counts = _sockets(files)
    if counts["inuse"] + counts["tw"] > _MOST_SOCKETS:
        return
    found: Counter[str] = Counter()
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            text = files.text(path)
        except OSError:  # a host without IPv6
            continue
        found.update(_STATES.get(line.split(None, 4)[3], "other") for line in text.splitlines()[1:])
    yield from ((f"tcp.connections{{{state}}}", found[state]) for state in _RARE)


def _sockets(files: Files) -> dict[str, int]:
    line = next(line for line in files.text("/proc/net/sockstat").splitlines() if line.startswith("TCP:"))
    words = line.split()
    return dict(zip(words[1::2], map(int, words[2::2]), strict=False))


def followed(files: Files, _: Rates) -> Iterator[Value]:
    """Yield how full the table of the packet filter is."""
    used = files.number("/proc/sys/net/netfilter/nf_conntrack_count")
    yield "conntrack.used", used
    yield "conntrack.percent", share(used, files.number("/proc/sys/net/netfilter/nf_conntrack_max"))
