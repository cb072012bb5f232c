"""What happens on a host that is no measure: a look tells what is new since the look before.

Units that failed are part of the inventory, and a disk that will be full is foreseen where its samples are kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.instruments.host import keeping, kernel, series
from vedette.instruments.host.containers import Containers
from vedette.instruments.host.happenings import Conditions, beyond, happening
from vedette.instruments.host.measuring import UNMEASURED
from vedette.instruments.host.mounts import mounts
from vedette.instruments.host.reading import Files
from vedette.wire.agent.types import Happening, Sample

LASTING = "lasting.json"
_DAY = 86_400.0
_MOST_NAMED = 5


class _Kept(msgspec.Struct):
    """What a restart of the agent must not forget: of which start of the host its counts are."""

    boot: str = ""
    killed: int = -1
    containers: dict[str, int] = {}


class Watch:
    """Looks at a host under a root; for one thread.

    `kept` is a file of the agent's own where it remembers the start of the host and what was killed, with another beside it
    for what lasts; without one a reboot is noticed only by an agent that lived through it, which is none.
    """

    def __init__(self, root: str | Path = "/", *, kept: Path | None = None) -> None:
        self._files, self._path = Files(root), kept
        self._containers = Containers(self._files)
        self._conditions = Conditions(kept and kept.with_name(LASTING))
        self._written_to: set[str] = set()
        self._kept = keeping.kept(kept, _Kept) or _Kept()

    def look(self, now: float, sample: Sample | None = None) -> Sequence[Happening]:
        """Return what happened since the look before; with the newest sample also what its values say."""
        found: list[Happening] = []
        for part in (self._starts, self._kills, self._mounts):
            try:
                found += part(now)
            except UNMEASURED:
                continue
        if sample is not None:
            found += self._values(sample.values, now)
        return found

    def _starts(self, now: float) -> Iterator[Happening]:
        boot = self._files.text("/proc/sys/kernel/random/boot_id", 64).strip()
        before = self._kept.boot
        if boot == before:
            return
        self._keep(_Kept(boot, 0 if before else -1))
        if before:
            up = float(self._files.text("/proc/uptime", 64).split()[0])
            yield happening("reboot", "", f"The host was started again {_span(up)} ago.", now)

    def _kills(self, now: float) -> Iterator[Happening]:
        """Tell of processes that were killed, by name where the kernel's log or their container's group tells."""
        lines = self._files.text("/proc/vmstat").splitlines()
        count = next(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
        inside = self._containers.killed(now)
        before = self._kept
        if (count, inside) != (before.killed, before.containers):
            self._keep(_Kept(before.boot, count, inside))
        if 0 <= before.killed < count:
            more = {name: n - before.containers.get(name, 0) for name, n in inside.items()}
            yield happening("oom", "", self._told(count - before.killed, more), now)

    def _told(self, count: int, inside: Mapping[str, int]) -> str:
        what = "a process" if count == 1 else f"{count:,} processes"
        names = kernel.killed(self._files, min(count, _MOST_NAMED))
        where = [name for name, more in sorted(inside.items()) if more > 0][:_MOST_NAMED]
        said = f": {', '.join(names)}" if names else ""
        return f"There was no memory left and the kernel ended {what}{said}{f'; in {_and(where)}' if where else ''}."

    def _mounts(self, now: float) -> Iterator[Happening]:
        """Tell of what was written to and cannot be any more; what was read-only from the beginning is meant to be."""
        for mount in mounts(self._files):
            point = series.shown(mount.point)
            if not mount.read_only or self._conditions.holds("disk-read-only", point):
                self._written_to.add(point)
            yield from self._conditions.judge(
                "disk-read-only", point, now, on=mount.read_only and point in self._written_to,
                text=f"{point} has become read-only: nothing can be written to it. Look at the kernel's log for errors of its disk.",
                over=f"{point} can be written again.",
            )  # fmt: skip

    def _values(self, values: Mapping[str, float], now: float) -> Iterator[Happening]:
        for name, value in values.items():
            kind, _, label = name.partition("{")
            label = label.removesuffix("}")
            if (
                kind in {"disk.used.percent", "disk.inodes.percent"}
                and values.get(series.of("disk.read_only", label)) == 0
            ):
                what = "" if kind == "disk.used.percent" else " of inodes"
                yield from self._full(label, what, value, now)
            elif kind == "certificate.left.seconds":
                yield from self._expiring(label, value, now)
        yield from self._clock(values.get("clock.offset.ms"), now)
        used = values.get("conntrack.percent")
        full = beyond(used, 95.0, 85.0, held=self._conditions.holds("conntrack-full", ""))
        yield from self._conditions.judge(
            "conntrack-full", "", now, on=full, text=f"The packet filter's table of connections is {used or 0:.0f} % full: new ones will be dropped (net.netfilter.nf_conntrack_max).",
            over="The packet filter's table of connections has room again.",
        )  # fmt: skip

    def _full(self, point: str, what: str, used: float, now: float) -> Sequence[Happening]:
        subject = point + what
        on = beyond(used, 99.0, 97.0, held=self._conditions.holds("disk-full", subject))
        return self._conditions.judge(
            "disk-full", subject, now, on=on, text=f"{point} is full{what}: {used:.1f} % are used.", over=f"{point} has room{what} again."
        )  # fmt: skip

    def _expiring(self, path: str, left: float, now: float) -> Sequence[Happening]:
        when = f"expires in {_span(left)}" if left > 0 else f"expired {_span(-left)} ago"
        return self._conditions.judge(
            "certificate-expires", path, now, on=left < 14 * _DAY, text=f"The certificate {path} {when}.", over=f"The certificate {path} was renewed."
        )  # fmt: skip

    def _clock(self, offset: float | None, now: float) -> Sequence[Happening]:
        size = None if offset is None else abs(offset)
        on = beyond(size, 1000.0, 500.0, held=self._conditions.holds("clock-off", ""))
        way = "ahead of" if (offset or 0) > 0 else "behind"
        return self._conditions.judge(
            "clock-off", "", now, on=on, text=f"The clock is {(size or 0) / 1000:.1f} s {way} its time servers.", over="The clock is right again."
        )  # fmt: skip

    def _keep(self, kept: _Kept) -> None:
        self._kept = kept
        keeping.keep(self._path, kept)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _span(seconds: float) -> str:
    """Return a length of time in its largest unit."""
    for size, word in ((_DAY, "day"), (3600.0, "hour"), (60.0, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{int(max(seconds, 0))} s"
