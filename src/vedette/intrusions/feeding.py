"""Who is told what is in force: the board in memory, read anew when something changed, asked by every agent and guard."""

import threading
from collections.abc import Mapping
from hashlib import sha256

import msgspec

from vedette.core import ids
from vedette.core.errors import Conflict
from vedette.intrusions import replaying
from vedette.intrusions.board import Board
from vedette.intrusions.sheltering import never
from vedette.intrusions.store import bans, lists
from vedette.intrusions.types import Ban, Delta
from vedette.plumbing.ports import ports
from vedette.wire.agent.types import Decision, Measure, Orders, ReplayOrder, RuleSetting, Scope

EPOCH = "intrusions/epoch"
ORDERS_PAGE = 50_000
_CHUNK = 20_000


class Feed:
    """The board of one process and what agents are told besides. `refresh` reads what changed; asking reads nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._board = Board()
        self._words, self._epoch, self._hash = Orders(revision=""), "", ""
        self._replays: Mapping[str, tuple[ReplayOrder, ...]] = {}
        self.ready = False

    def refresh(self, now: float) -> bool:
        """Read what changed since the last time; tell whether anything did. Callers in several threads take turns."""
        with self._lock:
            epoch = _epoch()
            if epoch != self._epoch or bans.mark(bans.CHANGES) < self._board.seq:
                self._board, self._epoch = Board(), epoch
            floor = bans.mark(bans.FORGOTTEN)
            changed = self._board.take((), floor)
            while rows := bans.changed(self._board.seq, _CHUNK):
                changed |= self._board.take(rows, floor)
            self._board.forget(now)
            words, replays = _words(now), replaying.orders(now)
            told = _hash(words)
            changed |= told != self._hash or replays != self._replays
            self._words, self._hash, self._replays, self.ready = words, told, replays, True
            return changed

    def orders(self, host: str, since: str, now: float) -> Orders | None:
        """Return what a host's agent is told that knows a revision: what changed, everything for one that is unknown; None for nothing."""
        if not self.ready:
            self.refresh(now)
        with self._lock:
            cursor, _, words = since.partition("/")
            replays = self._replays.get(host, ())
            told = f"{self._hash}{_mark(replays)}"
            seq, whole = self._place(cursor)
            delta = self._board.since(seq, ORDERS_PAGE, now, whole=whole)
            if seq is not None and not (delta.put or delta.drop or delta.whole) and words == told:
                return None
            return msgspec.structs.replace(
                self._words, revision=f"{self._cursor(delta, whole=whole)}/{told}", whole=delta.whole, replays=replays,
                put=tuple(_decision(one) for one in delta.put),
                drop=tuple(f"{one.scope}:{one.value}" for one in delta.drop), more=delta.more,
            )  # fmt: skip

    def page(self, cursor: str, n: int, now: float) -> tuple[str, Delta]:
        """Return what changed for a guard that knows a cursor, and the cursor it knows then; bans of addresses alone."""
        with self._lock:
            seq, whole = self._place(cursor)
            delta = self._board.since(seq, n, now, whole=whole)
            return self._cursor(delta, whole=whole), delta

    def _place(self, cursor: str) -> tuple[int | None, bool]:
        """Return the place among changes that a cursor names, and whether everything is still being told; None for an unknown one."""
        epoch, _, rest = cursor.partition(".")
        number = rest.removesuffix("w")
        if epoch != self._epoch or not (number.isascii() and number.isdigit()) or len(number) > 18:
            return None, False
        return int(number), rest.endswith("w")

    def _cursor(self, delta: Delta, *, whole: bool) -> str:
        return f"{self._epoch}.{delta.seq}" + ("w" if delta.more and (whole or delta.whole) else "")


FEED = Feed()


def _epoch() -> str:
    """Return what tells this database's changes from another's; made once."""
    entry = ports().kv.get(EPOCH)
    if entry is None or not entry.value:
        try:
            ports().kv.put(EPOCH, ids.new_id()[:8].encode(), 0)
        except Conflict:  # another process made it meanwhile
            return _epoch()
        entry = ports().kv.get(EPOCH)
    return entry.value.decode() if entry and entry.value else ""


def _words(now: float) -> Orders:
    """Return what agents are told besides decisions."""
    return Orders(
        revision="", allow=tuple(sorted(one.network for one in lists.allowed())), never=tuple(sorted(never(now))),
        sets={name: RuleSetting(mode=mode) for name, mode in sorted(lists.modes().items())},
    )  # fmt: skip


def _mark(replays: tuple[ReplayOrder, ...]) -> str:
    """Return what of a revision changes with what a host is to replay; nothing while there is none."""
    return f"+{sha256(msgspec.json.encode(replays)).hexdigest()[:8]}" if replays else ""


def words_hash(now: float) -> str:
    """Return what changes with whatever agents are told besides decisions."""
    return _hash(_words(now))


def _hash(words: Orders) -> str:
    return sha256(msgspec.json.encode(words)).hexdigest()[:12]


def _decision(one: Ban) -> Decision:
    return Decision(
        id=f"server-{one.seq}", scope=one.target.scope, value=one.target.value, measure=one.measure, at=one.at,
        until=one.until, reason=one.reason, rule=one.rule, origin=one.origin,
    )  # fmt: skip


def for_guards(one: Ban) -> bool:
    """Tell whether a ban is one that a guard enforces: of an address or network."""
    return one.measure is Measure.BAN and one.target.scope in {Scope.ADDRESS, Scope.NETWORK}
