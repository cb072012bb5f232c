"""The door of pushed alerts: Prometheus, `amtool` and whoever else speaks Alertmanager's API v2 knock here.

200 only after every alert that was taken is on disk. Alerts that are not fit, or beyond what their sender may have
alive, keep no others out; the answer tells of them. Who sends shows a project key or an API token, as a bearer token
or as the password of HTTP basic authentication (any user name).
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from vedette.core import ids
from vedette.core.client import client_address
from vedette.core.clock import Clock
from vedette.core.errors import Throttled, Unauthenticated
from vedette.intake import body
from vedette.intake.answers import Answer
from vedette.intake.asgi import Receive, Request
from vedette.intake.body import Budget, Content, Share
from vedette.intake.crowding import Crowd, Taken
from vedette.intake.limits import Limits
from vedette.intake.ports import KeyRing, TokenDesk, Usage
from vedette.wire import alertmanager
from vedette.wire.alertmanager import BadAlerts, PushedAlert
from vedette.wire.delivery import Delivery

SUBJECT = "alert"
_A_DELIVERY = 200  # alerts; a delivery is taken in within one transaction
_MOST_TOLD = 20
_LONGEST_CLIENT = 120
_RETRY_SECONDS = 30.0
_WHO = "Say who sends: a project key or an API token as a bearer token, or as the password of basic authentication."
_UNTYPED = b'{"code":415,"message":"unsupported media type: send the alerts as application/json"}'
Publish = Callable[[list[tuple[str, Delivery]], float], Awaitable[None]]


class Sender(msgspec.Struct, frozen=True):
    """Who pushes alerts: a name to count under, and the project of a key (0 for a token)."""

    name: str
    project: int = 0


class Desk:
    """Finds out who sends."""

    def __init__(self, keyring: KeyRing, tokens: TokenDesk | None, trusted_proxies: int) -> None:
        self._keyring, self._tokens, self._trusted = keyring, tokens, trusted_proxies

    def address(self, request: Request) -> str:
        """Return the client's address."""
        return client_address(request.peer, request.forwarded, self._trusted) or ""

    async def sender(self, request: Request) -> Sender:
        """Return who sends; raises `Unauthenticated`, `Forbidden`."""
        secret = presented(request.headers.get(b"authorization", b""))
        key = self._keyring.find(secret) if secret else None
        if key is not None and key.active:
            return Sender(f"key {key.key}", key.project)
        if not secret or key is not None:
            raise Unauthenticated(_WHO)
        return await self.token(request)

    async def token(self, request: Request) -> Sender:
        """Return who sends with an API token in a header; raises `Unauthenticated`, `Forbidden`."""
        secret = presented(request.headers.get(b"authorization", b""))
        if not secret or self._tokens is None:
            raise Unauthenticated(_WHO)
        return Sender(await self._tokens.sender(secret, self.address(request)))


class AlertDoor:
    """Takes posted alerts; lives on the event loop's thread alone."""

    def __init__(
        self,
        desk: Desk,
        usage: Usage,
        clock: Clock,
        limits: Limits,
        budget: Budget,
        *,
        publish: Publish,
        told: Callable[[], None],
    ) -> None:
        self._desk, self._usage, self._clock, self._limits, self._budget = desk, usage, clock, limits, budget
        self._publish, self._told = publish, told
        self._crowd = Crowd(limits.alerts_alive, limits.alerts_per_minute)

    def crowded(self, now: float) -> int:
        """Return how many senders had alerts refused lately, for they have too many alive or send too fast."""
        return self._crowd.refused_lately(now)

    async def take(self, request: Request, receive: Receive) -> Answer:
        """Take posted alerts; raises what a client is to be told."""
        sender = await self._desk.sender(request)
        kind = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if kind != b"application/json":  # what a page of another site may send unasked has another type
            return Answer(415, _UNTYPED)
        with Share(self._budget) as share:
            sent = await body.read(request, receive, share, self._limits.request, self._limits.body_seconds)
            encoding = request.headers.get(b"content-encoding", b"")
            whole = await Content(sent, encoding, self._limits.request, share).whole()
            now = self._clock.now()
            try:
                posted = alertmanager.read(whole, now)
            except BadAlerts as error:
                self._count(sender, "invalid", 1, now)
                answer = msgspec.json.encode({"code": error.code, "message": str(error)})
                return Answer(error.status, answer)
            self._count(sender, "invalid", len(posted.wrong), now)
            await self.keep(request, sender, posted.alerts, now)
            return _answer(posted.wrong)

    async def keep(self, request: Request, sender: Sender, alerts: Sequence[PushedAlert], now: float) -> None:
        """Put alerts into the journal, as many as their sender may have alive; raises `Throttled` for the rest."""
        taken = self._crowd.admit(sender.name, alerts, now)
        await self._publish(self._deliveries(request, sender, taken, now), now)
        if taken.alerts:
            self._told()
        self._count(sender, "accepted", len(taken.alerts), now)
        self._count(sender, "rate_limited", taken.refused, now)
        if taken.refused:
            raise Throttled(f"{taken.reason} {taken.refused} of {len(alerts)} alerts were not taken.", _RETRY_SECONDS)  # fmt: skip

    def _deliveries(
        self, request: Request, sender: Sender, taken: Taken, now: float
    ) -> list[tuple[str, Delivery]]:
        client, address = _client(request), self._desk.address(request) or None
        parts = (taken.alerts[at : at + _A_DELIVERY] for at in range(0, len(taken.alerts), _A_DELIVERY))
        return [
            (
                SUBJECT,
                Delivery(
                    sender.project, ids.new_id(), now, alertmanager.encode(part), client, address
                ),
            )
            for part in parts
        ]  # fmt: skip

    def _count(self, sender: Sender, outcome: str, n: int, now: float) -> None:
        """Count for the project of a key; a token belongs to none."""
        if n and sender.project:
            self._usage.count(sender.project, SUBJECT, outcome, n, now)


def presented(header: bytes) -> str:
    """Return the secret an Authorization header presents: bearer token or basic password; empty for none."""
    scheme, _, rest = header.decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        pair = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(":")[2]


def _answer(wrong: Sequence[str]) -> Answer:
    """Return what Alertmanager answers: nothing when all is well, else a text in JSON."""
    if not wrong:
        return Answer(200, b"")
    more = [f"and {len(wrong) - _MOST_TOLD} more"] if len(wrong) > _MOST_TOLD else []
    return Answer(400, msgspec.json.encode("; ".join([*wrong[:_MOST_TOLD], *more])))


def _client(request: Request) -> str:
    agent = request.headers.get(b"user-agent", b"").decode("latin-1")
    return agent[:_LONGEST_CLIENT] if agent.isprintable() else ""
