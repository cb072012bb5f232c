"""Who is on this host now, and which addresses are its own. Read here, and given as values to what decides."""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# What sshd calls the process of somebody who signed in: `sshd: ada@pts/0`, `sshd: ada@notty`, `sshd-session: ada`. Before that, and
# for the process that keeps root's rights, a word in brackets follows: `sshd: root [net]`. Who guesses passwords has an
# established connection, too, and must not be spared for it.
_SIGNED_IN = re.compile(r"sshd(-session)?: [^\s@\[\]]+(@[^\s\[\]]+)?")
_MOST = 10_000
LOGIND = Path("/run/systemd/sessions")


@dataclass(frozen=True)
class Presence:
    """Addresses of people's live sessions, and of this host's own interfaces."""

    sessions: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()


def present(logind: Path = LOGIND) -> Presence:
    """Return who is on this host now; what may not be read is left out. Costs a few milliseconds."""
    return Presence(frozenset([*_utmp(), *_logind(logind), *_by_ssh()][:_MOST]), frozenset(_own()))


def signed_in(command: Iterable[str]) -> bool:
    """Tell whether a process's command line is sshd's of somebody who signed in."""
    return _SIGNED_IN.fullmatch(" ".join(command).strip("\0 ")) is not None


def _utmp() -> Iterator[str]:
    """Yield where sessions that `who` lists came from; mosh and others write more behind the address."""
    import psutil

    with contextlib.suppress(OSError):
        for session in psutil.users():
            host = (session.host or "").split()
            if host:
                yield host[0]


def _logind(folder: Path) -> Iterator[str]:
    """Yield where live sessions of systemd-logind came from: it needs no rights, and knows those without a terminal, too."""
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir())[:_MOST]:
            with contextlib.suppress(OSError, UnicodeDecodeError):
                lines = path.read_text("utf-8").splitlines() if path.is_file() else []
                told = dict(line.partition("=")[::2] for line in lines[:100])
                if told.get("STATE") in {"active", "online"} and told.get("REMOTE_HOST"):
                    yield told["REMOTE_HOST"]


def _by_ssh() -> Iterator[str]:
    """Yield the far ends of connections whose process is sshd's of somebody who signed in; that takes CAP_SYS_PTRACE."""
    import psutil

    for number in _sshds():
        with contextlib.suppress(psutil.Error, OSError):
            process = psutil.Process(number)
            if signed_in(process.cmdline()):
                ends = process.net_connections("tcp")
                yield from (
                    end.raddr.ip for end in ends if end.raddr and end.status == psutil.CONN_ESTABLISHED
                )


def _sshds() -> Iterator[int]:
    """Yield the processes called sshd. One short file a process: this is done every few seconds."""
    for name in os.listdir("/proc"):  # noqa: PTH208 - names are enough
        if name.isdecimal():
            with contextlib.suppress(OSError), open(f"/proc/{name}/comm", "rb") as comm:  # noqa: PTH123
                if comm.read(20).startswith(b"sshd"):
                    yield int(name)


def _own() -> Iterator[str]:
    import psutil

    for addresses in psutil.net_if_addrs().values():
        yield from (
            each.address.partition("%")[0]
            for each in addresses
            if each.family.name in {"AF_INET", "AF_INET6"}
        )
