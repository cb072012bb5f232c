"""The verbs of sessions: open, commit, list, revoke.

What makes them safe against requests side by side: every write is a compare-and-set; a session that ended is never
written again; where a token was rotated a mark stays for a minute, so that a request that was on its way neither finds
a session there nor makes one, which would take the new cookie away from the browser.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vedette_guard.decisions import sessions as deciding
from vedette_guard.decisions.browsers import family
from vedette_guard.decisions.sessions import SessionRules, Times
from vedette_guard.sessions import tokens
from vedette_guard.sessions.session import Act, Body, Loaded, Seen, Session
from vedette_guard.stores.port import Store, Stored

MARK_KEPT = 60.0
BIGGEST = 65_536
_TRIES = 16


@dataclass(frozen=True)
class Committed:
    """What became of a session: the Set-Cookie that the answer must have (None: none), what was not written, and why."""

    cookie: str | None
    lost: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class SessionRef:
    """A session in a list of a user's; instants in seconds since 1970."""

    id: str
    device: str
    address: str
    created_at: float
    seen_at: float
    current: bool


class Sessions:
    """The sessions of an application: where they are kept, by which rules, by which clock (seconds since 1970)."""

    def __init__(
        self,
        store: Store,
        rules: SessionRules | None = None,
        *,
        clock: Callable[[], float] = time.time,  # noqa: TID251 - the one place where it is the machine's
    ) -> None:
        self.store, self.rules, self.clock = store, rules or SessionRules(), clock

    def open(self, cookies: str, user_agent: str = "", address: str = "") -> Session:
        """Return the session of a request, from its Cookie header; an empty one when it shows none, or one that ended."""
        token, now = tokens.token_in(cookies, self.rules), self.clock()
        seen = Seen(family(user_agent), address, bool(token))
        key = tokens.key_of(token)
        row = self.store.read(key, now) if key else None
        if key is None or row is None:
            return Session(Body(), seen)
        body, data = _read(row)
        if body.moved:
            return Session(body, seen)
        times = Times(body.created_at, body.seen_at)
        verdict = deciding.judge(times, now, (body.family, seen.family), self.rules)
        if not verdict.alive:
            self.store.delete(key)
            return Session(Body(), seen, verdict=verdict)
        loaded = Loaded(key, row.revision, _read(row)[1])
        return Session(body, seen, loaded, data=data)

    def commit(self, session: Session) -> Committed:
        """Write what a request changed, once, before its answer begins.

        Raise ValueError for data that is no JSON, or more than 64 KiB of it; then nothing is written.
        """
        session.closed, now = True, self.clock()
        if session.act is Act.SIGN_OUT:
            return self._end(session, now)
        if session.act is Act.NONE and session.loaded is not None and not session.changed():
            return self._note(session, session.loaded, now)
        _write(session.body, session.data)  # refuse what cannot be kept before anything is
        if session.act is not Act.NONE:
            return self._turn(session, now)
        if session.loaded is None:
            return self._make(session, now)
        return self._save(session, session.loaded, now)

    def of(self, user: str, current: Session | None = None) -> list[SessionRef]:
        """Return a user's sessions, the current one first, then those seen last."""
        mine = current.loaded.key if current is not None and current.loaded else ""
        rows = self.store.of_owner(tokens.owner_of(user), self.clock())
        shown = [_shown(key, _read(row)[0], current=key == mine) for key, row in rows]
        return sorted(shown, key=lambda ref: (not ref.current, -ref.seen_at, ref.id))

    def revoke(self, user: str, ref: str) -> bool:
        """End one of a user's sessions, by its id in the list; False when they have none of that id."""
        rows = self.store.of_owner(tokens.owner_of(user), self.clock())
        ended = [self.store.delete(key) for key, _ in rows if tokens.ref_of(key) == ref]
        return any(ended)

    def sign_out_everywhere(self, user: str, but: Session | None = None) -> int:
        """End all of a user's sessions, but the given one, and return how many there were.

        It looks until there is none left, so that a session whose token is being rotated does not slip through.
        """
        kept = but.loaded.key if but is not None and but.loaded else ""
        ended = 0
        for _ in range(_TRIES):
            rows = self.store.of_owner(tokens.owner_of(user), self.clock())
            gone = [self.store.delete(key) for key, _ in rows if key != kept]
            ended += sum(gone)
            if not gone:
                break
        return ended

    def _end(self, session: Session, now: float) -> Committed:
        if session.loaded is not None:
            self._end_chain(session.loaded.key, signed_in=bool(session.body.user), now=now)
        if session.data:  # what is said after signing out, as "see you soon"
            return Committed(self._insert(session, session.data, now)[0], (), "Signed out.")
        taken = tokens.set_cookie("", self.rules) if session.seen.token else None
        return Committed(taken, (), "Signed out.")

    def _end_chain(self, key: str, *, signed_in: bool, now: float) -> None:
        """End a session, and what it became where its token was rotated while the request was under way."""
        for _ in range(_TRIES):
            row = self.store.read(key, now)
            body = _read(row)[0] if row is not None else Body()
            if body.moved and body.to and signed_in:
                key = body.to
            elif row is None or body.moved or self._mark(key, row.revision, "", now):
                return

    def _make(self, session: Session, now: float) -> Committed:
        """Make a session where there was none, if there is anything to keep."""
        if not session.data:
            return Committed(None, (), "There is nothing to keep.")
        if session.body.moved:
            return Committed(
                None, session.changed(), "The token was rotated while the request was under way."
            )
        return Committed(self._insert(session, session.data, now)[0], (), "The session was made.")

    def _save(self, session: Session, loaded: Loaded, now: float) -> Committed:
        """Write the data over what was read, or into what others wrote meanwhile, or not at all when it has ended."""
        body = dataclasses.replace(session.body, seen_at=now, address=session.seen.address)
        data, revision = session.data, loaded.revision
        lost: tuple[str, ...] = ()
        for _ in range(_TRIES):
            if self.store.replace(loaded.key, self._row(body, data), revision, now):
                return Committed(None, lost, "The session was written.")
            row = self.store.read(loaded.key, now)
            if row is None or _read(row)[0].moved:
                return Committed(
                    None, session.changed(), "The session ended while the request was under way."
                )
            merged = deciding.merge(loaded.base, session.data, _read(row)[1])
            data, lost, revision = merged.data, merged.lost, row.revision
        return Committed(None, session.changed(), "Others wrote the session again and again.")

    def _note(self, session: Session, loaded: Loaded, now: float) -> Committed:
        """Note, at most once a minute, that a session was seen; whoever wrote meanwhile noted it, too."""
        if now - session.body.seen_at >= deciding.SEEN_EVERY:
            body = dataclasses.replace(session.body, seen_at=now, address=session.seen.address)
            self.store.replace(loaded.key, self._row(body, loaded.base), loaded.revision, now)
        return Committed(None, (), "The session was read.")

    def _turn(self, session: Session, now: float) -> Committed:
        """Give the session another token: the new row first, then the old one's mark, so that one of them is listed."""
        old = session.loaded
        if old is None:
            if session.act is Act.ROTATE:
                return Committed(None, (), "There is no session to rotate.")
            return Committed(self._insert(session, session.data, now)[0], (), "Signed in.")
        for _ in range(_TRIES):
            row = self.store.read(old.key, now)
            living = row is not None and not _read(row)[0].moved
            if not living and session.act is Act.ROTATE:
                return Committed(
                    None, session.changed(), "The session ended while the request was under way."
                )
            theirs = _read(row)[1] if row is not None and living and not session.fresh else {}
            merged = deciding.merge({} if session.fresh or not living else old.base, session.data, theirs)
            cookie, key = self._insert(session, merged.data, now)
            if row is None or not living or self._mark(old.key, row.revision, key, now):
                return Committed(cookie, merged.lost, "The token was rotated.")
            self.store.delete(key)
        return Committed(None, session.changed(), "Others wrote the session again and again.")

    def _mark(self, key: str, revision: int, to: str, now: float) -> bool:
        mark = Stored(_write(Body(moved=True, to=to), {}), "", now + MARK_KEPT)
        return self.store.replace(key, mark, revision, now)

    def _insert(self, session: Session, data: dict[str, Any], now: float) -> tuple[str, str]:
        """Keep a new session under a new token; return the cookie and the key."""
        kept = session.act is Act.ROTATE
        created = session.body.created_at if kept else now
        body = Body(session.signed_in, created, now, session.seen.family, session.seen.address)
        token = tokens.new_token()
        key = tokens.key_of(token) or ""
        self.store.insert(key, self._row(body, data), now)
        return tokens.set_cookie(token, self.rules), key

    def _row(self, body: Body, data: dict[str, Any]) -> Stored:
        ends_at = Times(body.created_at, body.seen_at).ends_at(self.rules)
        return Stored(_write(body, data), tokens.owner_of(body.user), ends_at)


def _read(row: Stored) -> tuple[Body, dict[str, Any]]:
    whole = json.loads(row.body)
    return Body(**whole["session"]), whole["data"]


def _write(body: Body, data: dict[str, Any]) -> str:
    try:
        text = json.dumps({"session": dataclasses.asdict(body), "data": data}, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"a session keeps JSON: {error}") from error
    if len(text) > BIGGEST:
        raise ValueError(f"a session keeps at most 64 KiB; this is {len(text)} bytes")
    return text


def _shown(key: str, body: Body, *, current: bool) -> SessionRef:
    return SessionRef(tokens.ref_of(key), body.family, body.address, body.created_at, body.seen_at, current)
