"""Who did it, as far as this host tells: auditd, packages, commands by sudo, and else who was signed in then."""

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.hardened import accounting
from vedette.instruments.hardened.types import Deviation, PackageStandard, name_of

AUDIT = "var/log/audit/audit.log"
_TAIL = 1 << 20  # bytes of auditd's log, from its end
_MOST = 5


class Who:
    """Asks a host. `root` is where its files begin; `signed_in` tells who is, with where each came from."""

    def __init__(
        self,
        witnesses: Witnesses,
        root: Path = Path("/"),
        signed_in: Callable[[], Sequence[str]] | None = None,
    ) -> None:
        self._witnesses, self._root = witnesses, root
        self._signed_in = signed_in or _people

    def __call__(self, one: Deviation, at: float) -> str:
        """Return who did it; empty where nobody knows. What only may be so says so."""
        name = name_of(one.standard)
        return (
            accounting.who(self._tail(), name, at, self._users())
            or self._packages(one, at)
            or self._witnesses.person(at, name, name.rpartition("/")[2])
            or self._perhaps(one)
        )

    def _packages(self, one: Deviation, at: float) -> str:
        if not self._witnesses.dpkg.busy(at, 60.0):
            return ""
        work, _ = self._witnesses.packages(at, at)
        wanted = name_of(one.standard) if isinstance(one.standard, PackageStandard) else ""
        names = list(dict.fromkeys(each.told for each in work if not wanted or each.package == wanted))[
            :_MOST
        ]
        return f"dpkg ({', '.join(names)})" if names else ""

    def _perhaps(self, one: Deviation) -> str:
        """An owner other than root may have written it, and so may who was signed in."""
        if one.owner:
            return f"perhaps {self._users().get(one.owner, f'user {one.owner}')}, whose it is now"
        people = list(dict.fromkeys(self._signed_in()))[:_MOST]
        return f"perhaps {', '.join(people)}, signed in then" if people else ""

    def _tail(self) -> str:
        with contextlib.suppress(OSError), (self._root / AUDIT).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL))
            return log.read(_TAIL).decode("utf-8", "replace")
        return ""

    def _users(self) -> dict[int, str]:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            rows = (line.split(":") for line in (self._root / "etc/passwd").read_text("utf-8").splitlines())
            return {int(row[2]): row[0] for row in rows if len(row) > 2 and row[2].isdecimal()}
        return {}


def _people() -> list[str]:
    """Return who is signed in (utmp), as `ann from 203.0.113.5`."""
    import psutil

    with contextlib.suppress(OSError):
        return [f"{one.name} from {one.host}" if one.host else one.name for one in psutil.users()]
    return []
