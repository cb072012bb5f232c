"""Drift: live state that is not as it was, told within five seconds, with what explains it as far as the host tells.

A thread asks `look` again and again; it waits on inotify and netlink, and asks the kernel for the rest every other second.
"""

import select
from collections.abc import Callable, Sequence
from pathlib import Path

from vedette.core.errors import VedetteError
from vedette.instruments.drift import keeping
from vedette.instruments.drift.aspects import ASPECTS
from vedette.instruments.drift.comparing import differences
from vedette.instruments.drift.hearing import Hearing
from vedette.instruments.drift.types import Aspect, Difference, State
from vedette.instruments.drift.watching import Behind
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.live import listening
from vedette.instruments.live.host import HostLive
from vedette.instruments.live.types import Live, Unreadable
from vedette.wire.agent.types import HostChange

SETTLES = 0.7
LATEST = 3.0
GONE = 1.7  # seconds a socket may be away: its program is restarted
DPKG_RESTS = 20.0
DPKG_AT_MOST = 900.0
TOGETHER = 15  # changes of one aspect at once; more are one report
_ALONE = frozenset({"package"})  # told when dpkg rests, together


class Drift:
    """The live state of a host against what it was. `live` makes what an aspect is read through at an instant."""

    def __init__(
        self,
        witnesses: Witnesses,
        kept: Path,
        root: Path = Path("/"),
        *,
        live: Callable[[float], Live] | None = None,
        aspects: Sequence[Aspect] = ASPECTS,
    ) -> None:
        self._witnesses, self._kept, self._root = witnesses, kept, root
        self._live = live or (lambda now: HostLive(now, root))
        self._aspects = {one.kind: one for one in aspects}
        self._behind = Behind(root)
        self._hearing = Hearing()
        self._states: dict[str, State] = keeping.load(kept)
        self._dirty: dict[str, tuple[float, float]] = {}
        self._due: dict[str, float] = {}
        self._sockets: frozenset[listening.Waiting] = frozenset()

    def close(self) -> None:
        """Give up watches."""
        self._behind.close()
        self._hearing.close()

    def start(self, now: float) -> Sequence[HostChange]:
        """Watch, read everything, and return what changed since it was last read; the first time, nothing."""
        for aspect in self._aspects.values():
            self._watch(aspect, now)
        found = [change for kind in self._aspects for change in self._read(kind, now)]
        keeping.save(self._kept, self._states)
        return found

    def look(self, now: float, seconds: float) -> Sequence[HostChange]:
        """Wait so long at most for something to happen, and return what is to be told."""
        waited: list[Behind | Hearing] = [self._behind, self._hearing]
        ready, _, _ = select.select(waited, [], [], self._patience(now, seconds))
        touched = self._behind.take() if self._behind in ready else set()
        if self._hearing in ready and self._hearing.changed():
            touched.add("nftables")
        for kind in touched & set(self._aspects):
            first, _ = self._dirty.get(kind, (now, now))
            self._dirty[kind] = (first, now)
        found = [change for kind in self._ripe(now) for change in self._read(kind, now)]
        if found:
            keeping.save(self._kept, self._states)
        return found

    def _patience(self, now: float, seconds: float) -> float:
        """Return how long to wait: until something settles or is to be asked for."""
        due = [self._due.get(kind, 0.0) for kind, one in self._aspects.items() if self._every(one)]
        due += [last + SETTLES for _, last in self._dirty.values()]
        return max(0.0, min([seconds, *(one - now for one in due)]))

    def _ripe(self, now: float) -> list[str]:
        """Return the aspects to be read now: those that settled, and those whose time has come."""
        settled = [
            kind for kind, (first, last) in self._dirty.items() if self._settled(kind, first, last, now)
        ]
        polled = [
            kind
            for kind, one in self._aspects.items()
            if self._every(one) and now >= self._due.get(kind, 0.0)
        ]
        for kind in polled:
            self._due[kind] = now + self._every(self._aspects[kind])
        return [*settled, *(kind for kind in polled if kind not in settled and self._worth(kind, now))]

    def _settled(self, kind: str, first: float, last: float, now: float) -> bool:
        if kind in _ALONE and now - first < DPKG_AT_MOST and self._witnesses.dpkg.busy(now, DPKG_RESTS):
            return False
        return now - last >= SETTLES or now - first >= LATEST

    def _every(self, aspect: Aspect) -> float:
        """The ruleset is asked for only where the kernel does not tell of its changes."""
        return LATEST if aspect.kind == "nftables" and not self._hearing.able else aspect.every

    def _worth(self, kind: str, now: float) -> bool:
        """Who listens is looked up only when other sockets do; a socket that went is looked for once more, for restarts."""
        if kind != "port":
            return True
        try:
            sockets = listening.waiting()
        except Unreadable:
            return False
        same, self._sockets = sockets == self._sockets, sockets
        if not same and kind in self._states:
            places = {f"{one.protocol} {one.port}" for one in sockets}
            gone = [p for p in self._states[kind] if f"{p.split()[0]} {p.rpartition(':')[2]}" not in places]
            if gone and kind not in self._dirty:
                self._dirty[kind] = (now + GONE - SETTLES, now + GONE - SETTLES)
                return False
        return not same

    def _read(self, kind: str, now: float) -> list[HostChange]:
        """Read an aspect and compare; one that cannot be read now is read again when it is touched."""
        aspect = self._aspects[kind]
        self._dirty.pop(kind, None)
        self._watch(aspect, now)  # before it is read: what comes in between is told by an event
        live = self._live(now)
        try:
            state = aspect.read(live)
        except (VedetteError, ValueError, LookupError, TypeError):
            return []
        before, self._states[kind] = self._states.get(kind), state
        return [] if before is None else self._told(aspect, differences(before, state), now)

    def _watch(self, aspect: Aspect, now: float) -> None:
        try:
            self._behind.watch(aspect.kind, aspect.behind(self._live(now)))
        except VedetteError:
            return

    def _told(self, aspect: Aspect, found: Sequence[Difference], now: float) -> list[HostChange]:
        if len(found) > TOGETHER or (aspect.kind in _ALONE and len(found) > 1):
            found = [_joined(aspect.kind, found)]
        return [self._change(aspect, one, now) for one in found]

    def _change(self, aspect: Aspect, one: Difference, now: float) -> HostChange:
        explanation, severity = self._explained(aspect, one, now)
        return HostChange(at=now, kind=aspect.kind, subject=one.subject, before=one.before, after=one.after, explanation=explanation, severity=severity)  # fmt: skip

    def _explained(self, aspect: Aspect, one: Difference, now: float) -> tuple[str, str]:
        """dpkg explains packages; of the rest it is told what dpkg did then: it may have been the shadow somebody waited for."""
        if self._witnesses.dpkg.busy(now, 60.0):
            work, _ = self._witnesses.packages(now - DPKG_RESTS, now)
            names = list(dict.fromkeys(w.told for w in work if w.action != "trigproc"))[:5]
            if names:
                return f"dpkg: {', '.join(names)}", "info" if aspect.kind in _ALONE else "medium"
        subject = one.subject.rpartition("/")[2].rpartition(" ")[2]
        person = self._witnesses.person(now, subject)
        return person, "medium" if person else _severity(aspect, one)


def _severity(aspect: Aspect, one: Difference) -> str:
    """Docker writes its own chains whenever a container starts."""
    return "low" if aspect.kind == "nftables" and "DOCKER" in one.subject else aspect.severity


def _joined(kind: str, found: Sequence[Difference]) -> Difference:
    """Return several differences as one: how many, and the first of them."""

    def words(one: Difference) -> str:
        was, now = (text.split("\n")[0] for text in (one.before, one.after))
        return f"{one.subject}: {was or 'new'} → {now or 'gone'}"

    shown = [words(one) for one in found[:8]]
    more = [f"and {len(found) - 8} more"] if len(found) > 8 else []
    return Difference(f"{len(found)} {kind}s", "", "\n".join([*shown, *more]))
