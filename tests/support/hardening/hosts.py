"""Hosts made of values, on which the checks of the hardening audit pass and fail."""

from collections.abc import Mapping

from vedette.instruments.live.memory import Made, MemoryLive
from vedette.instruments.live.types import Listener

Pair = tuple[MemoryLive, MemoryLive]
NOW = 1_764_000_000.0  # 2025-11-24
STATUS = "/var/lib/dpkg/status"


def host(files: Mapping[str, Made | str] | None = None, says: Mapping[str, str | None] | None = None, *, listens: tuple[Listener, ...] = (), whole: bool = True) -> MemoryLive:  # fmt: skip
    return MemoryLive(files, says, listens=listens, now=NOW, whole=whole)


def made(text: str = "", mode: int = 0o644, uid: int = 0, gid: int = 0, changed: float = NOW - 3600) -> Made:
    return Made(text=text, mode=mode, uid=uid, gid=gid, changed=changed)


def folder(mode: int = 0o755, uid: int = 0, gid: int = 0, changed: float = NOW - 3600) -> Made:
    return Made(text=None, mode=mode, uid=uid, gid=gid, changed=changed)


def installed(*names: str) -> dict[str, Made | str]:
    """Return dpkg's status file with these packages, `name version` or `name`, installed."""
    rows = [name.split() for name in ("base-files 12", *names)]
    return {STATUS: "\n\n".join(f"Package: {r[0]}\nStatus: install ok installed\nVersion: {r[-1] if len(r) > 1 else '1.0'}\nDescription: x\n more: y" for r in rows)}  # fmt: skip


def pair(path: str, good: str, bad: str) -> Pair:
    """Return two hosts that differ in one file's text."""
    return host({path: good}), host({path: bad})


def modes(path: str, good: int, bad: int) -> Pair:
    return host({path: made(mode=good)}), host({path: made(mode=bad)})


def sysctl(name: str, good: str, bad: str) -> Pair:
    return pair("/proc/sys/" + name.replace(".", "/"), f"{good}\n", f"{bad}\n")


def packages(good: tuple[str, ...], bad: tuple[str, ...]) -> Pair:
    return host(installed(*good)), host(installed(*bad))


def says(command: str, good: str, bad: str) -> Pair:
    return host(says={command: good}), host(says={command: bad})


def listener(address: str, port: int, program: str = "python3", protocol: str = "tcp") -> Listener:
    return Listener(protocol=protocol, address=address, port=port, program=program, user="root")
