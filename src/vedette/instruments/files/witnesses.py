"""Who may have done it: packages, deploys, people. What explains a change of a file, a user, a port or a setting."""

import datetime as dt
from collections import deque
from pathlib import Path

from vedette.instruments.files.dpkg import Answerable, Dpkg, Work
from vedette.instruments.files.types import DeployMark
from vedette.instruments.logs.types import EntryKind, LogEntry

MINUTES = 10 * 60.0  # how long before a change somebody is remembered
AROUND = 90.0  # seconds around a change in which dpkg is asked
_MOST = 500


class Witnesses:
    """What was told lately; bounded."""

    def __init__(self, root: Path = Path("/"), zone: dt.tzinfo | None = None) -> None:
        self.dpkg = Dpkg(root, zone)
        self._commands: deque[LogEntry] = deque(maxlen=_MOST)
        self._deploys: deque[DeployMark] = deque(maxlen=_MOST)

    def heard(self, entry: LogEntry) -> None:
        """Take a line of a log: what somebody ran as somebody else is remembered for some minutes."""
        if entry.kind is EntryKind.COMMAND:
            self._commands.append(entry)

    def deployed(self, mark: DeployMark) -> None:
        """Take a deploy's word on where it works, and how long."""
        self._deploys.append(mark)

    def deploy(self, path: str, at: float) -> DeployMark | None:
        """Return the deploy that was at work on a path at an instant."""
        for mark in reversed(self._deploys):
            below = any(path == top or path.startswith(top.rstrip("/") + "/") for top in mark.folders)
            if below and mark.at <= at <= mark.until + AROUND:
                return mark
        return None

    def person(self, at: float, *words: str) -> str:
        """Return who ran what shortly before an instant: one whose command names any of the words comes first.

        Of a command, the program alone is shown, and the word it names: the rest may hold secrets.
        """
        lately = [one for one in self._commands if at - MINUTES <= one.at <= at + 5]
        for word in words:
            for one in reversed(lately):
                if word and word in one.fields.get("command", ""):
                    return _told(one, at, word)
        return _told(lately[-1], at, "") if lately else ""

    def packages(self, first: float, last: float) -> tuple[list[Work], Answerable]:
        """Return what dpkg did around two instants, and which files it answers for."""
        work = self.dpkg.work(first - AROUND, last + AROUND)
        return work, self.dpkg.answers_for({one.package for one in work})


def _told(entry: LogEntry, at: float, word: str) -> str:
    program = (entry.fields.get("command", "").split() or ["something"])[0].rpartition("/")[2]
    shown = "".join(c for c in program if c.isprintable())[:60]
    who = "".join(c for c in entry.user if c.isprintable())[:60] or "somebody"
    about = f" … {word}" if word else ""
    return f"{who} ran {shown}{about} as {entry.fields.get('as', 'root')[:40]}, {max(0, round(at - entry.at))} s before"
