"""File systems and disks. Source: statvfs(3); the kernel's "I/O statistics fields" (/proc/diskstats)."""

import os
import re
from collections.abc import Iterator

from vedette.instruments.host import series
from vedette.instruments.host.mounts import mounts
from vedette.instruments.host.rating import Rates, share
from vedette.instruments.host.reading import Files

Value = tuple[str, float | None]
_SECTOR = 512
_MOST = 50
_NO_DISK = re.compile(r"(?:loop|ram|zram|sr|fd|nbd)\d+")


def space(files: Files, _: Rates) -> Iterator[Value]:
    """Yield how full the file systems are; one that cannot be asked is left out."""
    for mount in mounts(files):
        try:
            found = os.statvfs(files.path(mount.point))
        except OSError:
            continue
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        free = found.f_bavail * found.f_frsize
        if used + free <= 0:
            continue
        point = mount.point
        yield series.of("disk.size.bytes", point), used + free
        yield series.of("disk.used.bytes", point), used
        yield series.of("disk.free.bytes", point), free
        yield series.of("disk.used.percent", point), share(used, used + free)
        yield series.of("disk.inodes.percent", point), share(found.f_files - found.f_ffree, found.f_files)
        yield series.of("disk.read_only", point), float(mount.read_only)


def work(files: Files, rates: Rates) -> Iterator[Value]:
    """Yield what the disks did since the round before; partitions are part of their disk."""
    whole = set(files.names("/sys/block"))
    known = 0
    for line in files.text("/proc/diskstats").splitlines():
        _major, _minor, name, *rest = line.split()
        counters = [int(text) for text in rest[:11]]
        if name not in whole or _NO_DISK.fullmatch(name) or not any(counters):
            continue
        known += 1
        if known > _MOST:
            return
        yield from _work(_called(files, name), counters, rates)


def _work(name: str, counters: list[int], rates: Rates) -> Iterator[Value]:
    reads, _, read, reading, writes, _, written, writing, _, busy, queued = counters
    done, took = rates.grown(f"{name} done", reads + writes), rates.grown(f"{name} took", reading + writing)
    yield series.of("disk.read.bytes_per_second", name), rates.rate(f"{name} read", read * _SECTOR)
    yield series.of("disk.written.bytes_per_second", name), rates.rate(f"{name} written", written * _SECTOR)
    yield series.of("disk.reads.per_second", name), rates.rate(f"{name} reads", reads)
    yield series.of("disk.writes.per_second", name), rates.rate(f"{name} writes", writes)
    yield series.of("disk.latency.ms", name), took / done if done and took is not None else None
    rate = rates.rate(f"{name} busy", busy)
    yield series.of("disk.busy.percent", name), None if rate is None else min(100.0, rate / 10)
    rate = rates.rate(f"{name} queued", queued)
    yield series.of("disk.queue", name), None if rate is None else rate / 1000


def _called(files: Files, name: str) -> str:
    """Return the name that people gave a disk of the device mapper (`vg-root` for `dm-0`)."""
    if not name.startswith("dm-"):
        return name
    try:
        return files.text(f"/sys/block/{name}/dm/name", 256).strip() or name
    except OSError:
        return name
