"""Memory, swap, and the pressure on what is scarce. Source: proc(5); the kernel's "PSI - Pressure Stall Information"."""

from collections.abc import Iterator

from vedette.instruments.host.rating import Rates, share
from vedette.instruments.host.reading import Files

Value = tuple[str, float | None]
_PAGE = 4096
_RESOURCES = ("cpu", "memory", "io")
_PLAIN = {"MemTotal": "memory.size.bytes", "MemAvailable": "memory.available.bytes", "Cached": "memory.cached.bytes", "Dirty": "memory.dirty.bytes", "SUnreclaim": "memory.slab.bytes"}  # fmt: skip
_COUNTED = {"pgmajfault": ("memory.faults.per_second", 1), "pswpin": ("swap.in.bytes_per_second", _PAGE), "pswpout": ("swap.out.bytes_per_second", _PAGE)}  # fmt: skip


def measured(files: Files, _: Rates) -> Iterator[Value]:
    """Yield how memory and swap are used."""
    found: dict[str, int] = {}
    for line in files.text("/proc/meminfo").splitlines():
        name, _colon, rest = line.partition(":")
        number, *unit = rest.split()
        found[name] = int(number) * (1024 if unit else 1)
    for name, series in _PLAIN.items():
        yield series, found.get(name)
    size, available = found.get("MemTotal"), found.get("MemAvailable")
    if size and available is not None:
        yield "memory.used.bytes", size - available
        yield "memory.used.percent", share(size - available, size)
    swap = found.get("SwapTotal")
    if swap and "SwapFree" in found:
        used = swap - found["SwapFree"]
        yield from (
            ("swap.size.bytes", swap),
            ("swap.used.bytes", used),
            ("swap.used.percent", share(used, swap)),
        )


def paging(files: Files, rates: Rates) -> Iterator[Value]:
    """Yield how often the kernel had to go to a disk for memory."""
    for line in files.text("/proc/vmstat").splitlines():
        name, _, number = line.partition(" ")
        if name in _COUNTED:
            series, size = _COUNTED[name]
            rate = rates.rate(name, int(number))
            yield series, None if rate is None else rate * size


def pressure(files: Files, rates: Rates) -> Iterator[Value]:
    """Yield the share of the time since the round before in which work waited (the counters are in microseconds)."""
    for resource in _RESOURCES:
        try:
            text = files.text(f"/proc/pressure/{resource}")
        except OSError:  # a kernel without it, or with it switched off
            continue
        for line in text.splitlines():
            kind, *fields = line.split()
            total = int(fields[-1].removeprefix("total="))
            rate = rates.rate(f"{kind} {resource}", total)
            if kind in {"some", "full"} and rate is not None:
                yield f"pressure.{kind}.percent{{{resource}}}", min(100.0, rate / 10_000)
