"""The front door: raw ASGI, from a request to durable deliveries in the EventLog.

What is answered, and when: 200 only after every kept item is on disk. The `id` of an answer is that of an
event that is kept. An event above its size limit is answered 413, unless another event of the same envelope
is kept; then it is dropped and the answer's `not_kept` says so. Items of types nobody consumes are counted
as not kept and never an error.
"""

import asyncio

import msgspec

from vedette.core import ids
from vedette.core.client import client_address
from vedette.core.clock import Clock
from vedette.core.errors import Forbidden, NotFound, Unavailable, VedetteError
from vedette.core.settings import Settings
from vedette.intake import answers, asgi, body, cors, event_ids, reports
from vedette.intake.admission import Gate, rate_limits
from vedette.intake.answers import Answer, MethodNotAllowed, RateLimited
from vedette.intake.asgi import ClientGone, Receive, Request, Scope, Send
from vedette.intake.body import Budget, Content, Share
from vedette.intake.landing import Landing
from vedette.intake.paths import Door, match
from vedette.intake.ports import KeyRing, ProjectKey, Usage
from vedette.plumbing.log.port import EventLog
from vedette.wire import auth, delivery, envelope
from vedette.wire import reports as report_bodies
from vedette.wire.auth import Credentials
from vedette.wire.delivery import Delivery
from vedette.wire.encoding import TooLarge, from_base64
from vedette.wire.envelope import Envelope, EnvelopeError, Header, Item
from vedette.wire.items import ATTACHMENTS_AN_EVENT, category, limit

_LONGEST_CLIENT = 120


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the front door takes, in bytes; `per_minute` guards keys without a quota (0 = no guard)."""

    event: int = 1024 * 1024
    envelope: int = 200 * 1024 * 1024
    request: int = 20 * 1024 * 1024
    in_flight: int = 256 * 1024 * 1024
    body_seconds: float = 60.0
    per_minute: int = 600_000
    trusted_proxies: int = 0


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings ask for."""
    return Limits(
        event=settings.max_event_bytes,
        envelope=settings.max_envelope_bytes,
        request=settings.max_request_bytes,
        in_flight=settings.max_envelope_bytes + 2 * settings.max_request_bytes,
        per_minute=settings.max_events_per_minute,
        trusted_proxies=settings.trusted_proxies,
    )


class _Sorted(msgspec.Struct):
    """The items of an envelope by what becomes of them."""

    events: list[Item]
    others: list[Item]
    not_kept: dict[str, int]
    oversized: int = 0


class Intake:
    """The ASGI application behind every door of `intake.paths`.

    `kept` are the item types a room consumes; each is published under its name.
    """

    def __init__(
        self,
        log: EventLog,
        keyring: KeyRing,
        usage: Usage,
        clock: Clock,
        limits: Limits | None = None,
        *,
        kept: frozenset[str] = frozenset({"event"}),
    ) -> None:
        self._log = log
        self._keyring = keyring
        self._usage = usage
        self._clock = clock
        self._limits = limits or Limits()
        self._kept = kept
        self._gate = Gate(usage, self._limits.per_minute)
        self._budget = Budget(self._limits.in_flight)
        self._landing: Landing | None = None

    @property
    def memory_left(self) -> int:
        """Return the bytes of the bodies' budget that nobody holds."""
        return self._budget.left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        route = match(str(scope["path"]))
        if route is None:
            missing = answers.failure(NotFound("There is no such door."))
            await answers.send(missing, [], send)
            return
        request = asgi.request(scope, route, self._limits.trusted_proxies)
        try:
            answer = await self._answer(request, receive)
        except ClientGone:
            return
        except VedetteError as error:
            answer = answers.failure(error)
        await answers.send(answer, request.cors, send)

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        if request.method == "OPTIONS":
            return self._preflight(request)
        if request.method != "POST":
            raise MethodNotAllowed(f"This door takes POST, not {request.method}.")
        credentials = _credentials(request)
        key = self._key(request, credentials.key) if credentials else None
        with Share(self._budget) as share:
            sent = await body.read(request, receive, share, self._limits.request, self._limits.body_seconds)
            if request.route.door is Door.OTHER:
                return self._count_other(request, key)
            encoding = request.headers.get(b"content-encoding", b"")
            content = Content(sent, encoding, self._most(request.route.door), share)
            if key is None:
                key = self._key_of_envelope(request, content.head)
            whole = await content.whole()
            if request.route.door is Door.REPORTS:
                return await self._take_reports(request, key, bytes(whole))
            arrived = self._open(request, whole)
            return await self._take(request, key, credentials, arrived)

    def _most(self, door: Door) -> int:
        """Return the most bytes a body may have, inflated."""
        return self._limits.event if door is Door.REPORTS else self._limits.envelope

    def _preflight(self, request: Request) -> Answer:
        """Answer a browser that asks whether it may; without a key the POST itself is decided later."""
        origin = request.origin
        credentials = _credentials(request)
        key = self._keyring.find(credentials.key) if credentials else None
        origins = key.origins if key else ("*",)
        if not cors.allows(origins, origin.decode("latin-1")):
            request.cors = []
            raise Forbidden("This project's key does not allow this origin.")
        request.cors = cors.preflight(origin, origins)
        return Answer(200, b"{}")

    def _key(self, request: Request, public: str) -> ProjectKey:
        """Return the key's record if it may send to this project from where it stands; raises `Forbidden`."""
        key = self._keyring.find(public)
        if key is None or not key.active:
            raise Forbidden("The DSN key is unknown or revoked; copy the DSN from the project's settings.")
        if key.project != request.route.project:
            raise Forbidden(f"The DSN key does not belong to project {request.route.project}.")
        if request.origin:
            if not cors.allows(key.origins, request.origin.decode("latin-1")):
                request.cors = []
                raise Forbidden("This project's key does not allow this origin.")
            request.cors = cors.headers(request.origin, key.origins)
        return key

    def _key_of_envelope(self, request: Request, head: bytes) -> ProjectKey:
        """Return the key the envelope's own header names; raises `Forbidden` when there is none either."""
        dsn = None
        if request.route.door is Door.ENVELOPE:
            named = envelope.read_header(head)[0].dsn
            dsn = auth.parse_dsn(named) if isinstance(named, str) else None
        if dsn is None:
            raise Forbidden("No DSN key: send X-Sentry-Auth, ?sentry_key= or the envelope header's dsn.")
        return self._key(request, dsn.key)

    def _open(self, request: Request, whole: bytes | bytearray) -> Envelope:
        if request.route.door is Door.ENVELOPE:
            return envelope.parse(whole)
        if not whole[:16].lstrip(b"\xef\xbb\xbf \t\r\n\x00").startswith((b"{", b"[")):
            whole = from_base64(bytes(whole), self._limits.envelope) or b""
        if not whole:
            raise EnvelopeError("The body is neither JSON nor base64 of deflated JSON.")
        return Envelope(Header(), (Item("event", whole, 0, len(whole)),))

    def _count_other(self, request: Request, key: ProjectKey | None) -> Answer:
        if key is None:
            raise Forbidden("No DSN key: send X-Sentry-Auth or ?sentry_key=.")
        item_type = request.route.item_type
        self._usage.count(key.project, item_type, "not_kept", 1, self._clock.now())
        return answers.accepted(ids.new_id(), [], {item_type: 1})

    async def _take_reports(self, request: Request, key: ProjectKey, whole: bytes) -> Answer:
        """Make events of the reports worth one; the others are counted with the reason."""
        now, item_type = self._clock.now(), request.route.item_type
        sifted = reports.sift(report_bodies.read(whole), key.origins)
        for why, n in sifted.left.items():
            self._usage.count(key.project, item_type, str(why), n, now)
        agent = request.headers.get(b"user-agent", b"").decode("latin-1")
        query = request.query.decode("latin-1")
        payloads = [(reports.event_of(one, agent, query, now), one.notes) for one in sifted.kept]
        items = tuple(Item("event", body, 0, len(body), notes) for body, notes in payloads)
        left = sum(sifted.left.values())
        return await self._take(
            request, key, None, Envelope(Header(), items), {item_type: left} if left else {}
        )

    async def _take(
        self,
        request: Request,
        key: ProjectKey,
        credentials: Credentials | None,
        arrived: Envelope,
        left: dict[str, int] | None = None,
    ) -> Answer:
        """Keep what is to be kept of an envelope; `left` is what was left out before."""
        now = self._clock.now()
        found = self._sort(key, arrived.items, now)
        found.not_kept.update(left or {})
        if found.oversized and not (found.events or found.others):
            raise TooLarge(f"The event is larger than {self._limits.event} bytes.")
        refusal = self._admit(key, found, now)
        payloads = [item.payload for item in found.events]
        chosen = event_ids.choose(arrived.header.event_id, payloads, ids.new_id)
        answer_id = (
            chosen[0].event_id if chosen else event_ids.normal(arrived.header.event_id) or ids.new_id()
        )
        plain = Delivery(
            project=key.project,
            event_id=answer_id,
            received=now,
            payload=b"",
            client=_client(request, credentials, arrived),
            address=client_address(request.peer, request.forwarded, self._limits.trusted_proxies),
            sent_at=arrived.sent_at,
        )
        deliveries = [
            ("event", _of(plain, payload, one.event_id, (*one.notes, *item.notes)))
            for payload, one, item in zip(payloads, chosen, found.events, strict=True)
        ]
        deliveries += [(item.type, _of(plain, item.payload, answer_id)) for item in found.others]
        try:
            await self._publish(deliveries, now)
            self._count_accepted(key, deliveries, now)
        finally:
            self._gate.settle(key, len(found.events))
        if len(chosen) == 1 and not found.not_kept:
            return answers.kept(answer_id)
        headers = [(b"x-sentry-rate-limits", refusal.limits.encode())] if refusal else []
        return answers.accepted(answer_id, [one.event_id for one in chosen], found.not_kept, headers)

    def _sort(self, key: ProjectKey, items: tuple[Item, ...], now: float) -> _Sorted:
        found = _Sorted([], [], {})
        attachments = 0
        for item in items:
            is_attachment = item.type == "attachment"
            attachments += is_attachment
            most = self._limits.event if item.type == "event" else limit(item.type)
            if item.size > most or (is_attachment and attachments > ATTACHMENTS_AN_EVENT):
                found.oversized += item.type == "event"
                self._drop(key, found, item.type, "dropped", now)
            elif item.type not in self._kept:
                self._drop(key, found, item.type, "not_kept", now)
            elif item.type == "event":
                found.events.append(item)
            else:
                found.others.append(item)
        return found

    def _drop(self, key: ProjectKey, found: _Sorted, item_type: str, outcome: str, now: float) -> None:
        found.not_kept[item_type] = found.not_kept.get(item_type, 0) + 1
        self._usage.count(key.project, item_type, outcome, 1, now)

    def _admit(self, key: ProjectKey, found: _Sorted, now: float) -> RateLimited | None:
        """Let in as many events as the quota takes; raises `RateLimited` when that is none of them."""
        for n, _ in enumerate(found.events):
            admission = self._gate.admit(key, now)
            if admission.allowed:
                continue
            refused = len(found.events) - n
            self._usage.count(key.project, "event", "rate_limited", refused, now)
            refusal = RateLimited(
                f"The quota of this key is used up ({admission.reason}).",
                admission.retry_after,
                rate_limits(admission, category("event")),
            )
            if n == 0:
                raise refusal
            found.events = found.events[:n]
            found.not_kept["event"] = found.not_kept.get("event", 0) + refused
            return refusal
        return None

    async def _publish(self, deliveries: list[tuple[str, Delivery]], now: float) -> None:
        """Hand everything to the log and wait until all of it is on disk; raises `Unavailable`."""
        landing = self._landing_here()
        futures = [
            self._log.publish(subject, delivery.encode(one), f"{one.project}:{one.event_id}", now)
            for subject, one in deliveries
        ]
        failed: Unavailable | None = None
        for future in futures:
            try:
                await landing.wait(future)
            except Unavailable as error:
                failed = error
        if failed:
            raise failed

    def _landing_here(self) -> Landing:
        loop = asyncio.get_running_loop()
        if self._landing is None or self._landing.loop is not loop:
            self._landing = Landing(loop)
        return self._landing

    def _count_accepted(self, key: ProjectKey, deliveries: list[tuple[str, Delivery]], now: float) -> None:
        for subject, _ in deliveries:
            self._usage.count(key.project, subject, "accepted", 1, now)


def _of(plain: Delivery, payload: bytes, event_id: str, notes: tuple[delivery.Note, ...] = ()) -> Delivery:
    return Delivery(
        plain.project,
        event_id,
        plain.received,
        payload,
        plain.client,
        plain.address,
        plain.sent_at,
        notes,
    )


def _credentials(request: Request) -> Credentials | None:
    headers = request.headers
    for name in (b"x-sentry-auth", b"authorization"):
        value = headers.get(name)
        if value is not None and (found := auth.from_header(value)):
            return found
    found = auth.from_query(request.query)
    if found is None and request.route.key:
        return Credentials(request.route.key)
    return found


def _client(request: Request, credentials: Credentials | None, arrived: Envelope) -> str:
    named = credentials.client if credentials else ""
    text = named or request.headers.get(b"user-agent", b"").decode("latin-1") or arrived.client
    return text[:_LONGEST_CLIENT] if text.isprintable() else ""
