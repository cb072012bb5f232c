"""The fake as a whole: a call goes in, a reply comes out; who may ask, how often, and what befalls it."""

import collections
import threading
from collections.abc import Callable, Mapping
from email.utils import formatdate

import msgspec

from vedette.core.clock import Clock
from vedette.instruments.hetzner.fake import acting, following, rates, routing
from vedette.instruments.hetzner.fake.calls import Call, Refused, Reply, Shape
from vedette.instruments.hetzner.fake.faults import Fault, Harm, Script
from vedette.instruments.hetzner.fake.rates import Allowance
from vedette.instruments.hetzner.fake.state import State
from vedette.instruments.hetzner.fake.visit import Pace, Visit

LIMIT = 3600
REMEMBERED = 10_000
_PAGE = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was answered: which, when, and with what."""

    at: float
    call: Call
    reply: Reply


class Fake:
    """A project at Hetzner that exists in memory alone.

    `tokens` says what each token may: `write` or `read`. `pace` stretches what actions take (0: nothing). `saved` is
    called with the state after every change. Every call is answered under one lock, in the order they come.
    """

    def __init__(
        self,
        clock: Clock,
        tokens: Mapping[str, str],
        *,
        state: State | None = None,
        pace: float = 1.0,
        limit: int = LIMIT,
        saved: Callable[[State], None] | None = None,
    ) -> None:
        self.state = state or State()
        self.script = Script()
        self.asked: collections.deque[Asked] = collections.deque(maxlen=REMEMBERED)
        self.pace = pace
        self._clock, self._tokens, self._limit, self._saved = clock, tokens, limit, saved
        self._allowance = Allowance(left=limit, at=clock.now())
        self._lock = threading.Lock()
        routing.routes()  # whatever a kind does wrong shows now

    def answer(self, call: Call) -> Reply:
        """Return what the API would say."""
        with self._lock:
            now = self._clock.now()
            faults = self.script.meet(call)
            reply, spoilt = self._spoilt(call, now, faults)
            if not spoilt:
                reply = self._reply(call, now, faults)
            reply = self._headed(reply, now, faults)
            self.asked.append(Asked(at=now, call=call, reply=reply))
            return reply

    def settle(self) -> None:
        """Let everything happen that is due by now, as the next call would."""
        with self._lock:
            self._settle(self._clock.now())

    def _spoilt(self, call: Call, now: float, faults: list[Fault]) -> tuple[Reply, bool]:
        for fault in faults:
            if reply := _spoilt(fault):
                if fault.done:
                    self._reply(call, now, faults)
                return reply, True
        return Reply(), False

    def _reply(self, call: Call, now: float, faults: list[Fault]) -> Reply:
        try:
            self._admit(call, now)
            handler, args = routing.find(call.method, call.path)
            self._settle(now)
            reply = handler(Visit(self.state, now, call, args, self._pace(faults)))
            self._settle(now)
        except Refused as refusal:
            return refusal.reply()
        if call.method != "GET" and self._saved:
            self._saved(self.state)
        extra = {key: value for fault in faults for key, value in fault.fields.items()}
        return _widened(reply, extra) if extra else reply

    def _admit(self, call: Call, now: float) -> None:
        self._allowance, allowed = rates.spend(self._allowance, self._limit, now)
        if not allowed:
            raise Refused(429, "rate_limit_exceeded", f"limit of {self._limit} requests per hour reached")
        may = self._tokens.get(call.token)
        if may is None:
            raise Refused(401, "unauthorized", "unable to authenticate")
        if may != "write" and call.method != "GET":
            raise Refused(403, "token_readonly", "token is only allowed to perform GET requests")

    def _settle(self, now: float) -> None:
        acting.settle(self.state, now, routing.effects(), routing.undoing())
        following.follow(self.state, now)

    def _pace(self, faults: list[Fault]) -> Pace:
        slower = [fault.factor for fault in faults if fault.harm is Harm.SLOW]
        failing = [(fault.code, fault.message) for fault in faults if fault.harm is Harm.FAILS]
        return Pace(
            factor=self.pace * (slower[0] if slower else 1),
            ineffective=any(fault.harm is Harm.INEFFECTIVE for fault in faults),
            trouble=failing[0] if failing else None,
        )

    def _headed(self, reply: Reply, now: float, faults: list[Fault]) -> Reply:
        skew = sum(fault.seconds for fault in faults if fault.harm is Harm.SKEW)
        headers = {
            **reply.headers,
            **rates.headers(self._allowance, self._limit, now),
            "Date": formatdate(now + skew, usegmt=True),
        }
        return msgspec.structs.replace(reply, headers=headers)


def _spoilt(fault: Fault) -> Reply | None:
    if fault.harm is Harm.ERROR:
        return Refused(fault.status, fault.code, fault.message).reply()
    if fault.harm is Harm.HTML:
        return Reply(status=fault.status, text=_PAGE)
    if fault.harm is Harm.HANG:
        return Reply(status=504, text=_PAGE, delay=fault.seconds)
    if fault.harm is Harm.DROP:
        return Reply(status=0)
    return None


def _widened(reply: Reply, extra: Shape) -> Reply:
    body = {key: _wide(value, extra) for key, value in (reply.body or {}).items()}
    return msgspec.structs.replace(reply, body=body)


def _wide(value: object, extra: Shape) -> object:
    if isinstance(value, list):
        return [_wide(one, extra) for one in value]
    return {**value, **extra} if isinstance(value, dict) else value
