"""What do the processes of a journey use together? For `confining`, and of the standard library alone as that is.

Sources: proc(5).
"""

import os
from collections.abc import Iterator
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Use(NamedTuple):
    """What the processes of a journey use together: bytes of memory, seconds of processor time, and how many they are."""

    memory: int = 0
    seconds: float = 0.0
    processes: int = 0


def use(top: int, much: int, files: int = 0) -> Use:
    """Return what all below a process use, with the bytes of their files in memory.

    Shared pages are told apart (PSS) only where it would be more than `much` without; those of files are not counted twice.
    """
    found = list(below(top))
    memory = sum(_resident(pid) for pid, _ in found) + files
    if memory > much:
        parts = [_proportional(pid) for pid, _ in found]
        memory = sum(own for own, _ in parts) + max(sum(shared for _, shared in parts), files)
    return Use(memory, sum(seconds for _, seconds in found), len(found))


def filled(disk: int | None) -> int:
    """Return the bytes of all files of a file system."""
    if disk is None:
        return 0
    found = os.fstatvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def below(top: int) -> Iterator[tuple[int, float]]:
    """Yield every process below `top`, with the seconds it and those that it has waited for have used."""
    children: dict[int, list[tuple[int, float]]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit() and (found := _stat(name)) is not None:
            children.setdefault(found[0], []).append((int(name), found[1]))
    waiting = [top]
    while waiting:
        for pid, seconds in children.get(waiting.pop(), ()):
            waiting.append(pid)
            yield pid, seconds


def _stat(pid: str) -> tuple[int, float] | None:
    """Return parent and seconds of a process; None when it is gone."""
    text = read(f"/proc/{pid}/stat")
    fields = text.rpartition(b")")[2].split()
    if len(fields) < 15:
        return None
    return int(fields[1]), sum(map(int, fields[11:15])) / _TICKS


def _resident(pid: int) -> int:
    fields = read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * _PAGE if len(fields) > 1 else 0


def _proportional(pid: int) -> tuple[int, int]:
    """Return the bytes of a process, shared pages by their share, but for memory that is shared as files are; and that.

    Where it may not be read, without what is shared.
    """
    lines = (line.split() for line in read(f"/proc/{pid}/smaps_rollup").splitlines())
    found = {line[0]: int(line[1]) * 1024 for line in lines if line[0].startswith(b"Pss")}
    if b"Pss:" in found:
        shared = found.get(b"Pss_Shmem:", 0)
        return found[b"Pss:"] - shared, shared
    fields = read(f"/proc/{pid}/statm").split()
    return (int(fields[1]) - int(fields[2])) * _PAGE if len(fields) > 2 else 0, 0


def read(path: str) -> bytes:
    """Return what a file of the system says; nothing when it is gone or may not be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""
