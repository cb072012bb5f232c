"""Which processes use the most. Names of programs alone: command lines hold passwords. Source: proc(5), /proc/pid/stat."""

import os
from collections.abc import Iterator, Mapping

import msgspec

from vedette.instruments.host.reading import Files
from vedette.instruments.host.series import shown
from vedette.wire.agent.types import Process

MOST = 10  # by processor time, and as many by memory
_MOST_PROCESSES = 50_000
_LONGEST_NAME = 64


class _Seen(msgspec.Struct, frozen=True):
    """A process as it stood: `spent` are seconds of a processor, `memory` resident bytes."""

    pid: int
    name: str
    spent: float
    memory: int


class Running:
    """Compares the processes with those of the look before."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._ticks, self._page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
        self._before: Mapping[tuple[int, int], float] | None = None
        self._at = 0.0

    def top(self, at: float) -> tuple[Process, ...]:
        """Return the processes that used the most since the look before; none at the first one.

        `at` is in seconds of a clock that is never set. One that was started meanwhile spent all its time meanwhile.
        """
        found = dict(self._all())
        before, seconds = self._before, at - self._at
        self._before, self._at = {key: one.spent for key, one in found.items()}, at
        if before is None or seconds <= 0:
            return ()
        used = {
            one.pid: (max(0.0, one.spent - before.get(key, 0.0)) / seconds * 100, one)
            for key, one in found.items()
        }
        busiest = sorted(used.values(), key=lambda pair: -pair[0])[:MOST]
        largest = sorted(used.values(), key=lambda pair: -pair[1].memory)[:MOST]
        chosen = {one.pid: (cpu, one) for cpu, one in [*busiest, *largest] if cpu or one.memory}
        users = _users(self._files)
        return tuple(self._told(cpu, one, users) for cpu, one in sorted(chosen.values(), key=_order))

    def _told(self, cpu: float, one: _Seen, users: Mapping[int, str]) -> Process:
        return Process(
            pid=one.pid, name=shown(one.name, _LONGEST_NAME), user=self._owner(one.pid, users), cpu=round(cpu, 1), memory=one.memory
        )  # fmt: skip

    def _owner(self, pid: int, users: Mapping[int, str]) -> str:
        try:
            uid = os.stat(self._files.path(f"/proc/{pid}")).st_uid  # noqa: PTH116
        except OSError:
            return ""
        return shown(users.get(uid, str(uid)), _LONGEST_NAME)

    def _all(self) -> Iterator[tuple[tuple[int, int], _Seen]]:
        numbers = [name for name in self._files.names("/proc") if name.isdecimal()]
        for name in numbers[:_MOST_PROCESSES]:
            try:
                text = self._files.text(f"/proc/{name}/stat", 4096)
                yield self._read(int(name), text)
            except (OSError, ValueError, IndexError):  # it ended meanwhile
                continue

    def _read(self, pid: int, text: str) -> tuple[tuple[int, int], _Seen]:
        """The name stands in brackets and may hold brackets itself, so the last one counts."""
        head, _, rest = text.rpartition(")")
        fields = rest.split()
        spent = (int(fields[11]) + int(fields[12])) / self._ticks
        seen = _Seen(pid, head.partition("(")[2], spent, int(fields[21]) * self._page)
        return (pid, int(fields[19])), seen


def _order(pair: tuple[float, _Seen]) -> tuple[float, int]:
    return -pair[0], -pair[1].memory


def _users(files: Files) -> Mapping[int, str]:
    found: dict[int, str] = {}
    try:
        lines = files.text("/etc/passwd").splitlines()
    except OSError:
        return found
    for line in lines:
        fields = line.split(":")
        if len(fields) > 2 and fields[2].isdecimal():
            found.setdefault(int(fields[2]), fields[0])
    return found
