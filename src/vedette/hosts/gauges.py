"""Which series of measures are charted and watched under which name? Pure."""

from collections.abc import Mapping

import msgspec

VALUE = "hosts.value"
SPACE_USED, SPACE_SIZE = "disk.used.bytes", "disk.size.bytes"


class Gauge(msgspec.Struct, frozen=True):
    """A chart: its name, the series it draws (with a label in braces where there are several), its unit, and in words."""

    name: str
    series: str
    unit: str
    about: str
    label: str = ""


GAUGES = (
    Gauge("hosts.cpu", "cpu.used.percent", "%", "How much of its processors a host uses."),
    Gauge("hosts.load", "load.1", "", "The load of a host over a minute."),
    Gauge("hosts.memory", "memory.used.percent", "%", "How much of its memory a host uses."),
    Gauge("hosts.swap", "swap.used.percent", "%", "How much of its swap a host uses."),
    Gauge("hosts.pressure", "pressure.some.percent", "%", "How long work waited for cpu, memory or io.", "resource"),
    Gauge("hosts.disk", "disk.used.percent", "%", "How full a file system of a host is.", "mount"),
    Gauge("hosts.inodes", "disk.inodes.percent", "%", "How many inodes of a file system are used.", "mount"),
    Gauge("hosts.io_wait", "disk.latency.ms", "ms", "How long a disk takes for a request.", "disk"),
    Gauge("hosts.received", "net.received.bytes_per_second", "B/s", "What a host receives.", "interface"),
    Gauge("hosts.sent", "net.sent.bytes_per_second", "B/s", "What a host sends.", "interface"),
)  # fmt: skip
BY_NAME = {one.name: one for one in GAUGES}


def apart(series: str) -> tuple[str, str]:
    """Return the name and the label of a series: `disk.used.bytes{/var}` is of `disk.used.bytes` and `/var`."""
    name, brace, rest = series.partition("{")
    return name, rest.removesuffix("}") if brace else ""


def labelled(values: Mapping[str, float], name: str) -> dict[str, float]:
    """Return the values of one name by label."""
    return {
        label: value for series, value in values.items() for one, label in (apart(series),) if one == name
    }


def value(values: Mapping[str, float], gauge: str) -> float | None:
    """Return the one value of a gauge, the most where there are several."""
    found = labelled(values, BY_NAME[gauge].series)
    return max(found.values()) if found else None
