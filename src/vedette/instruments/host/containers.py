"""Containers by their control groups. Source: the kernel's "Control Group v2"; how Docker, Podman, containerd, LXC and nspawn name them."""

import os
import re
from collections.abc import Iterator, Mapping

import msgspec

from vedette.instruments.host import series
from vedette.instruments.host.rating import Rates, share
from vedette.instruments.host.reading import Files

Value = tuple[str, float | None]
BASE = "/sys/fs/cgroup"
EVERY = 60.0  # seconds after which new containers are looked for
MOST = 50
_MOST_FOLDERS, _DEEPEST = 4_000, 6
_SCOPE = re.compile(
    r"(?:docker|libpod|cri-containerd|crio|nerdctl)-(?P<id>[0-9a-f]{64})\.scope|(?P<plain>[0-9a-f]{64})"
    r"|lxc\.payload\.(?P<lxc>.+)|systemd-nspawn@(?P<nspawn>.+)\.service|machine-(?P<machine>.+)\.scope"
)


class _Config(msgspec.Struct):
    """What is read of Docker's own file about a container: nothing but its name, for the rest holds secrets."""

    name: str = msgspec.field(name="Name", default="")


class Containers:
    """Knows which containers run; they are looked for once a minute."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._found: Mapping[str, str] = {}
        self._looked: float | None = None

    def measured(self, at: float, rates: Rates) -> Iterator[Value]:
        """Yield what each container uses; one that ended meanwhile is left out."""
        for folder, name in self.running(at).items():
            try:
                values = list(_container(self._files, folder, name, rates))
            except OSError:
                continue
            yield from values

    def running(self, at: float) -> Mapping[str, str]:
        """Return the names of containers by the folder of their group; `at` is in seconds of any clock."""
        if self._looked is None or not 0 <= at - self._looked < EVERY:
            self._found, self._looked = _found(self._files), at
        return self._found

    def killed(self, at: float) -> dict[str, int]:
        """Return how many processes of each container were killed for want of memory since it was started."""
        found: dict[str, int] = {}
        for folder, name in self.running(at).items():
            count = _fields(self._files, f"{folder}/memory.events").get("oom_kill")
            if count is not None:
                found[name] = count
        return found


def _container(files: Files, folder: str, name: str, rates: Rates) -> Iterator[Value]:
    spent = _fields(files, f"{folder}/cpu.stat")
    rate = rates.rate(f"{folder} cpu", spent["usage_usec"]) if "usage_usec" in spent else None
    yield series.of("container.cpu.percent", name), None if rate is None else rate / 10_000
    periods = rates.grown(f"{folder} periods", spent.get("nr_periods", 0))
    stopped = rates.grown(f"{folder} stopped", spent.get("nr_throttled", 0))
    yield series.of("container.throttled.percent", name), share(stopped, periods)
    used, limit = _number(files, f"{folder}/memory.current"), _number(files, f"{folder}/memory.max")
    if used is not None:
        used = max(0, used - _fields(files, f"{folder}/memory.stat").get("inactive_file", 0))
    yield series.of("container.memory.bytes", name), used
    yield series.of("container.memory.limit.bytes", name), limit
    yield series.of("container.memory.percent", name), share(used, limit)
    yield series.of("container.processes", name), _number(files, f"{folder}/pids.current")
    yield series.of("container.oom_kills", name), _fields(files, f"{folder}/memory.events").get("oom_kill")


def _fields(files: Files, path: str) -> dict[str, int]:
    """Return the numbers of a file by name; none where its controller is not on."""
    try:
        lines = files.text(path).splitlines()
    except OSError:
        return {}
    return {name: int(number) for name, _, number in (line.partition(" ") for line in lines)}


def _number(files: Files, path: str) -> int | None:
    """Return a number; None for `max`, and where its controller is not on."""
    try:
        return files.number(path)
    except (OSError, ValueError):
        return None


def _found(files: Files) -> dict[str, str]:
    """Walk the tree of groups, bounded; what is inside a container is part of it."""
    if not files.there(f"{BASE}/cgroup.controllers"):
        return {}
    found: dict[str, str] = {}
    waiting, seen = [(BASE, 0)], 0
    while waiting and seen < _MOST_FOLDERS and len(found) < MOST:
        folder, depth = waiting.pop()
        for name in _folders(files, folder):
            seen += 1
            match = _SCOPE.fullmatch(name)
            if match:
                found[f"{folder}/{name}"] = _called(files, match)
            elif depth < _DEEPEST:
                waiting.append((f"{folder}/{name}", depth + 1))
    return dict(list(found.items())[:MOST])


def _folders(files: Files, folder: str) -> list[str]:
    try:
        with os.scandir(files.path(folder)) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _called(files: Files, match: re.Match[str]) -> str:
    """Return the name people know a container by, where that can be told; the beginning of its id otherwise."""
    key = match["id"] or match["plain"]
    if not key:
        return match["lxc"] or match["nspawn"] or match["machine"]
    try:
        config = files.bytes(f"/var/lib/docker/containers/{key}/config.v2.json")
        name = msgspec.json.decode(config, type=_Config).name.strip("/")
    except (OSError, msgspec.DecodeError):
        name = ""
    return name or key[:12]
