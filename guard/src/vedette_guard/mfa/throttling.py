"""The verbs of the throttle: begin a try, tell that it went well. For passwords as for codes."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping

from vedette_guard.decisions.forwarding import bucket
from vedette_guard.decisions.throttle import (
    LIMITS,
    Admission,
    Limit,
    Scope,
    Tries,
    admit,
    failed,
    scopes,
    taken_back,
)
from vedette_guard.stores.memory import MemoryStore
from vedette_guard.stores.port import Store, Stored

KNOWN_KEPT = 90 * 86_400.0
_TRIES = 16
_PASS = Admission(True, 0.0, "Few tries failed lately.")


class Throttle:
    """Counts tries by account and address (IPv6: /64) in a store; without one, in the memory of this process.

    Accounts and addresses are kept as hashes, so that what somebody typed into the wrong field is not.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        limits: Mapping[Scope, Limit] = LIMITS,
        clock: Callable[[], float] = time.time,  # noqa: TID251 - the one place where it is the machine's
    ) -> None:
        self.store: Store = MemoryStore() if store is None else store
        self._limits, self._clock = limits, clock

    def begin(self, account: str, address: str) -> Admission:
        """Count a try before it is made, so that tries side by side count too, and tell whether it may be made.

        `account` is what is tried, whether or not anybody has it. Follow with `succeed` when it went well.
        """
        now = self._clock()
        keys = _keys(account, address)
        judged = scopes(self.store.read(_known(account, address), now) is not None)
        worst = max((self._admit(keys[s], s, now) for s in judged), key=lambda found: found.wait)
        if not worst.allowed:
            return worst
        counted = [self._count(keys[scope], scope, now, judges=scope in judged) for scope in Scope]
        return max(counted, key=lambda found: found.wait)

    def succeed(self, account: str, address: str) -> None:
        """Forget the account's failures, remember that it signs in from here; the address keeps its other failures."""
        now, keys = self._clock(), _keys(account, address)
        for scope in (Scope.ACCOUNT, Scope.PAIR):
            self.store.delete(keys[scope])
        self._take_back(keys[Scope.ADDRESS], Scope.ADDRESS, now)
        known = Stored("", "", now + KNOWN_KEPT)
        before = self.store.read(_known(account, address), now)
        if before is None:
            self.store.insert(_known(account, address), known, now)
        else:
            self.store.replace(_known(account, address), known, before.revision, now)

    def take_back(self, account: str, address: str) -> None:
        """Take back the try that was begun: it was right, but another proof is asked for, which is a try of its own.

        Unlike `succeed` it forgets no failures, so that who knows a password cannot guess codes for nothing.
        """
        now = self._clock()
        for scope, key in _keys(account, address).items():
            self._take_back(key, scope, now)

    def forgive(self, account: str) -> None:
        """Forget an account's failures: its owner proved to be it in another way (a reset by mail)."""
        self.store.delete(_keys(account, "")[Scope.ACCOUNT])

    def _take_back(self, key: str, scope: Scope, now: float) -> None:
        self._change(key, scope, now, taken_back)

    def _admit(self, key: str, scope: Scope, now: float) -> Admission:
        return admit(_tries(self.store.read(key, now)), self._limits[scope], now)

    def _count(self, key: str, scope: Scope, now: float, *, judges: bool) -> Admission:
        """Count one more failure under a key, unless others used up what was left meanwhile."""
        limit = self._limits[scope]
        refused: list[Admission] = []

        def counted(tries: Tries) -> Tries | None:
            found = admit(tries, limit, now)
            if judges and not found.allowed:
                refused.append(found)
                return None
            return failed(tries, limit, now)

        self._change(key, scope, now, counted)
        return refused[0] if refused else _PASS

    def _change(self, key: str, scope: Scope, now: float, change: Callable[[Tries], Tries | None]) -> None:
        """Write what a change makes of the tries under a key; None: nothing. Where too many write at once, the last counts less."""
        for _ in range(_TRIES):
            row = self.store.read(key, now)
            after = change(_tries(row))
            if after is None:
                return
            made = Stored(
                json.dumps([after.failures, after.last_at, after.before]), "", now + self._limits[scope].quiet
            )
            if row is None and self.store.insert(key, made, now):
                return
            if row is not None and self.store.replace(key, made, row.revision, now):
                return


def _tries(row: Stored | None) -> Tries:
    return Tries(*json.loads(row.body)) if row is not None else Tries()


def _keys(account: str, address: str) -> dict[Scope, str]:
    who, where = account.strip().casefold(), bucket(address)
    return {
        Scope.ACCOUNT: _key("account", who),
        Scope.ADDRESS: _key("address", where),
        Scope.PAIR: _key("pair", who, where),
    }


def _known(account: str, address: str) -> str:
    return _key("known", account.strip().casefold(), bucket(address))


def _key(kind: str, *parts: str) -> str:
    text = "\0".join(parts).encode("utf-8", "replace")
    return f"tries:{kind}:{hashlib.blake2b(text, digest_size=16).hexdigest()}"
