"""What may happen on a host: the one table of kinds. docs/host-metrics.md is written of it."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from vedette.instruments.host import keeping
from vedette.wire.agent.types import Happening


class Sort(msgspec.Struct, frozen=True):
    """A kind of happening: how bad it is, in words, and whether it goes on until it is told to be over."""

    severity: str
    about: str
    lasting: bool = False


KINDS: Mapping[str, Sort] = {
    "reboot": Sort("low", "The host was started again since the agent looked last."),
    "oom": Sort("high", "The kernel ended a process because there was no memory left; which one, where the kernel's log may be read."),
    "disk-read-only": Sort("critical", "A file system that could be written cannot be any more, mostly after errors of its disk.", lasting=True),
    "disk-full": Sort("critical", "Less than 1 % of a file system, or of its inodes, is free; over when 3 % are.", lasting=True),
    "clock-off": Sort("medium", "The clock is more than a second off; over below half a second.", lasting=True),
    "certificate-expires": Sort("high", "A certificate file of the host expires within 14 days.", lasting=True),
    "conntrack-full": Sort("high", "The packet filter's table of connections is more than 95 % full; over below 85 %.", lasting=True),
    "database-unreachable": Sort("critical", "A database could not be asked.", lasting=True),
    "replication-broken": Sort("critical", "A replica does not follow any more, or a standby that followed is gone.", lasting=True),
    "archiving-failed": Sort("high", "PostgreSQL cannot archive its log: backups end, and the log fills its disk.", lasting=True),
    "wraparound-near": Sort("critical", "More than 60 % of PostgreSQL's transaction numbers are used up; over below 50 %.", lasting=True),
    "connections-full": Sort("high", "More than 90 % of a database's connections are used; over below 80 %.", lasting=True),
    "transaction-long": Sort("medium", "A transaction has been open for more than an hour: nothing newer can be cleaned up.", lasting=True),
    "slow-statement": Sort("info", "A statement took more than a second on average since the look before; told at most once a day."),
}  # fmt: skip
LASTING = frozenset(kind for kind, one in KINDS.items() if one.lasting)


def happening(kind: str, subject: str, text: str, now: float, *, resolved: bool = False) -> Happening:
    """Return that something happened, as bad as the table says."""
    severity = "info" if resolved else KINDS[kind].severity
    return Happening(at=now, kind=kind, subject=subject, text=text, severity=severity, resolved=resolved)


class Conditions:
    """What lasts: told once when it begins and once when it is over, also by an agent that was started again meanwhile."""

    def __init__(self, path: Path | None = None) -> None:
        """`path` is the file in which it is kept what lasts."""
        self._path = path
        self._on = set(keeping.kept(path, list[tuple[str, str]]) or ())

    def judge(
        self, kind: str, subject: str, now: float, *, on: bool | None, text: str, over: str
    ) -> list[Happening]:
        """Return what has to be told: `text` when it begins, `over` when it ends. None leaves it as it stands."""
        key = (kind, subject)
        if on is None or on is (key in self._on):
            return []
        (self._on.add if on else self._on.discard)(key)
        keeping.keep(self._path, sorted(self._on))
        return [happening(kind, subject, text if on else over, now, resolved=not on)]

    def holds(self, kind: str, subject: str) -> bool:
        """Tell whether it has begun and is not over."""
        return (kind, subject) in self._on


def beyond(value: float | None, limit: float, back: float, *, held: bool) -> bool | None:
    """Tell whether a value is beyond a limit, or was and is not back yet; None where it is not known."""
    return None if value is None else value > limit or (held and value > back)
