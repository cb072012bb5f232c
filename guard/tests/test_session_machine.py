"""Requests that overlap in any way, against a plain model of what may become of sessions."""

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from guard.tests.clock import Clock
from vedette_guard.sessions import Session, SessionRules, Sessions
from vedette_guard.sessions.keeping import MARK_KEPT
from vedette_guard.sessions.session import Act
from vedette_guard.stores import MemoryStore

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
USERS = st.sampled_from(["ann", "bob"])


@dataclass(eq=False)
class Token:
    """A token that was given out: whose session it opens, with which names; or that it is dead, and what it became."""

    cookie: str
    user: str
    names: set[str]
    alive: bool = True
    became: "Token | None" = None
    marked_until: float = 0.0

    def die(self, now: float, became: "Token | None" = None) -> None:
        self.alive, self.became, self.marked_until = False, became, now + MARK_KEPT


@dataclass(eq=False)
class Request:
    """A request under way: its session, and the token it began with, if that opened one."""

    session: Session
    token: Token | None
    found: set[str] = field(default_factory=set)
    marked: bool = False


class SessionMachine(RuleBasedStateMachine):
    """Browsers that keep their newest cookie, and any number of requests that end in any order."""

    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        rules = SessionRules(idle="0s", longest="0s")
        self.sessions = Sessions(MemoryStore(), rules, clock=self.clock)
        self.tokens: list[Token] = []
        self.count = 0

    @initialize(user=st.sampled_from(["", "ann"]))
    def first(self, user: str) -> None:
        """Give a token out, to nobody or to somebody: without one nothing happens."""
        session = self.sessions.open("", AGENT)
        session["n0"] = 0
        if user:
            session.sign_in(user)
        cookie = (self.sessions.commit(session).cookie or "").partition(";")[0]
        self.tokens.append(Token(cookie, user, {"n0"}))

    @rule(target=requests, back=st.sampled_from([1, 1, 1, 2, 2, 3, 0]))
    def begin(self, back: int) -> Request:
        """Begin a request with one of the tokens that were given out last, or none."""
        token = self.tokens[-back] if 0 < back <= len(self.tokens) else None
        session = self.sessions.open(token.cookie if token else "", AGENT)
        if token is None or not token.alive:
            marked = token is not None and self.clock.now < token.marked_until
            return Request(session, None, marked=marked)
        return Request(session, token, set(token.names))

    @rule(request=requests)
    def write(self, request: Request) -> None:
        self.count += 1
        request.session[f"n{self.count}"] = self.count

    @rule(request=requests, user=USERS)
    def sign_in(self, request: Request, user: str) -> None:
        request.session.sign_in(user)

    @rule(request=requests)
    def rotate(self, request: Request) -> None:
        request.session.rotate()

    @rule(request=requests)
    def sign_out(self, request: Request) -> None:
        request.session.sign_out()

    @rule(request=consumes(requests))
    def finish(self, request: Request) -> None:
        session = request.session
        own = set(session.data)
        done = self.sessions.commit(session)
        made = self._model(request, own)
        if made is None:
            assert done.cookie is None or "Max-Age=0" in done.cookie
        else:
            assert done.cookie is not None
            made.cookie = done.cookie.partition(";")[0]
            self.tokens.append(made)

    def _model(self, request: Request, own: set[str]) -> Token | None:
        """Do to the model what a request does, and return the token that is given out."""
        session, token, now = request.session, request.token, self.clock.now
        if session.act is Act.SIGN_OUT:
            self._sign_out(request)
            return Token("", "", own) if own else None
        if session.act is Act.SIGN_IN:
            return self._signed_in(request, own)
        if token is None:
            makes = session.act is Act.NONE and own and not request.marked
            return Token("", "", own) if makes else None
        if not token.alive:
            return None
        token.names |= own
        if session.act is Act.NONE:
            return None
        turned = Token("", token.user, set(token.names))
        token.die(now, turned)
        return turned

    def _signed_in(self, request: Request, own: set[str]) -> Token:
        token, session = request.token, request.session
        kept = token is not None and token.alive and not session.fresh
        made = Token("", session.user, own | (token.names if token is not None and kept else set()))
        if token is not None and token.alive:
            token.die(self.clock.now, made)
        return made

    def _sign_out(self, request: Request) -> None:
        token, signed_in = request.token, bool(request.session.body.user)
        while token is not None:
            if token.alive:
                token.die(self.clock.now)
                return
            followed = signed_in and self.clock.now < token.marked_until
            token = token.became if followed else None

    @rule(user=USERS)
    def sign_out_everywhere(self, user: str) -> None:
        for token in self.tokens:
            if token.alive and token.user == user:
                token.alive, token.marked_until = False, 0.0
        self.sessions.sign_out_everywhere(user)

    @rule(seconds=st.sampled_from([1.0, 59.0, 61.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def living_tokens_open_what_was_written_and_dead_ones_nothing(self) -> None:
        for token in self.tokens:
            session = self.sessions.open(token.cookie, AGENT)
            expected = (token.user, token.names) if token.alive else ("", set())
            assert (session.user, set(session.data)) == expected

    @invariant()
    def lists_are_of_the_living(self) -> None:
        for user in ("ann", "bob"):
            living = [token for token in self.tokens if token.alive and token.user == user]
            assert len(self.sessions.of(user)) == len(living)


class TestSessionMachine(SessionMachine.TestCase):
    settings = settings(max_examples=20, stateful_step_count=25, deadline=None)


@pytest.mark.deep
class TestSessionMachineDeeply(SessionMachine.TestCase):
    settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
