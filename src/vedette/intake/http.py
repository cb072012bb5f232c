"""The front door: raw ASGI, from a request to durable deliveries in the EventLog.

What is answered, and when: 200 only after every kept item is on disk. The `id` of an answer is that of an
event that is kept. An event above its size limit is answered 413, unless another event of the same envelope
is kept; then it is dropped and the answer's `not_kept` says so. Items of types nobody consumes are counted
as not kept and never an error.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence

from vedette.core import ids
from vedette.core.client import client_address
from vedette.core.clock import Clock
from vedette.core.errors import Forbidden, NotFound, Unavailable, VedetteError
from vedette.intake import answers, asgi, body, cors, event_ids, minidumps, plain, reports, uploads
from vedette.intake.admission import Gate
from vedette.intake.alerting import AlertDoor, Desk
from vedette.intake.answers import Answer, MethodNotAllowed
from vedette.intake.asgi import ClientGone, Receive, Request, Scope, Send
from vedette.intake.body import Budget, Content, Share
from vedette.intake.hooking import HookDoor
from vedette.intake.landing import Landing
from vedette.intake.limits import Limits
from vedette.intake.loading import LoaderDoor
from vedette.intake.paths import Door, Route, match
from vedette.intake.pinging import PingDoor
from vedette.intake.ports import HookBook, KeyRing, PingRing, ProjectKey, TokenDesk, Usage
from vedette.intake.sorting import GUARD, Sorted, Sorter, by_guards
from vedette.intake.uploads import Form, Upload, Uploads
from vedette.plumbing.files.port import Files
from vedette.plumbing.log.port import EventLog
from vedette.wire import attachment, auth, delivery, envelope, lenient, minidump
from vedette.wire import reports as report_bodies
from vedette.wire.auth import Credentials
from vedette.wire.delivery import Delivery
from vedette.wire.encoding import TooLarge, from_base64
from vedette.wire.envelope import Envelope, EnvelopeError, Header, Item
from vedette.wire.multipart import FormError

_LONGEST_CLIENT = 120
KEPT = frozenset({"event", "attachment", "user_report", "feedback", "check_in", "transaction", "span"})
Take = Callable[[Request, Receive], Awaitable[Answer]]
_FORMS = (Door.MINIDUMP, Door.ATTACHMENTS)
_LARGE = (Door.ENVELOPE, Door.STORE, Door.OTLP)
_METHODS = {Door.CRON: ("GET", "POST")}
_NO_KEY = "No DSN key: send X-Sentry-Auth or ?sentry_key=."


class Intake:
    """The ASGI application behind every door of `intake.paths`.

    `kept` are the item types a room consumes; each is published under its name. `on_alerts` is called once pushed
    alerts are in the log.
    """

    def __init__(
        self,
        log: EventLog,
        keyring: KeyRing,
        usage: Usage,
        clock: Clock,
        limits: Limits | None = None,
        *,
        files: Files,
        loader: LoaderDoor,
        kept: frozenset[str] = KEPT,
        tokens: TokenDesk | None = None,
        hooks: HookBook | None = None,
        pings: PingRing | None = None,
        on_alerts: Callable[[], None] = lambda: None,
    ) -> None:
        self._log = log
        self._keyring = keyring
        self._usage = usage
        self._clock = clock
        self._limits = limits or Limits()
        self._files = files
        self._gate = Gate(usage, self._limits.per_minute)
        self._sorter = Sorter(self._gate, usage, self._limits, kept)
        self._uploads = Uploads(files, self._limits.attachment, self._limits.upload_seconds)
        self._budget = Budget(self._limits.in_flight)
        self._landing: Landing | None = None
        desk = Desk(keyring, tokens, self._limits.trusted_proxies)
        self.alerts = AlertDoor(desk, usage, clock, self._limits, self._budget, publish=self._publish, told=on_alerts)  # fmt: skip
        hook_door = HookDoor(self.alerts, desk, hooks, clock, limits=self._limits, budget=self._budget)
        self._of_alerts: dict[Door, AlertDoor | HookDoor] = {Door.ALERTS: self.alerts, Door.HOOK: hook_door}
        ping_door = PingDoor(pings, usage, clock, self._limits, self._budget, publish=self._publish)
        self._keyless: dict[Door, Take] = {Door.PING: ping_door.take, Door.LOADER: loader.take}

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
            answer = await self._keyless.get(route.door, self._answer)(request, receive)
        except ClientGone:
            return
        except VedetteError as error:
            answer = answers.failure(error)
        await answers.send(answer, request.cors, send, head=request.method == "HEAD")

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        if request.method == "OPTIONS":
            return self._preflight(request)
        if request.method not in _METHODS.get(request.route.door, ("POST",)):
            raise MethodNotAllowed(f"This door takes POST, not {request.method}.")
        if request.route.door in self._of_alerts:
            return await self._of_alerts[request.route.door].take(request, receive)
        credentials = _credentials(request)
        key = self._key(request, credentials.key) if credentials else None
        if request.route.door in _FORMS:
            return await self._take_form(request, key, credentials, receive)
        with Share(self._budget) as share:
            sent = await body.read(request, receive, share, self._limits.request, self._limits.body_seconds)
            encoding = request.headers.get(b"content-encoding", b"")
            content = Content(sent, encoding, self._most(request.route.door), share)
            if key is None:
                key = self._key_of_envelope(request, content.head)
            whole = await content.whole()
            if request.route.door is Door.OTLP:
                return self._count_otlp(request, key)
            if request.route.door is Door.REPORTS:
                return await self._take_reports(request, key, bytes(whole))
            arrived = self._open(request, whole)
            return await self._take(request, key, credentials, arrived)

    def _most(self, door: Door) -> int:
        """Return the most bytes a body may have, inflated."""
        return self._limits.envelope if door in _LARGE else self._limits.event

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
        if request.route.door is Door.CRON:
            return _one("check_in", plain.check_in(request.route.name, request.query, bytes(whole)))
        if request.route.door is Door.FEEDBACK:
            event_id, payload = plain.feedback(request.query, bytes(whole))
            return _one("user_report", payload, event_id)
        if not whole[:16].lstrip(b"\xef\xbb\xbf \t\r\n\x00").startswith((b"{", b"[")):
            whole = from_base64(bytes(whole), self._limits.envelope) or b""
        if not whole:
            raise EnvelopeError("The body is neither JSON nor base64 of deflated JSON.")
        return Envelope(Header(), (Item("event", whole, 0, len(whole)),))

    def _count_otlp(self, request: Request, key: ProjectKey) -> Answer:
        self._usage.count(key.project, request.route.item_type, "not_kept", 1, self._clock.now())
        kind = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        is_json = kind == b"application/json"
        return Answer(200, plain.otlp(is_json), content_type=kind if is_json else answers.PROTOBUF)

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
        counted = {item_type: left} if left else {}
        return await self._take(request, key, None, Envelope(Header(), items), left=counted)

    async def _take_form(
        self, request: Request, key: ProjectKey | None, credentials: Credentials | None, receive: Receive
    ) -> Answer:
        """Take files, and make an event of a minidump."""
        if key is None:
            raise Forbidden(_NO_KEY)
        is_dump = request.route.door is Door.MINIDUMP
        form = await self._uploads.receive(
            request, receive, minidumps.DUMP if is_dump else "", self._clock.now()
        )
        try:
            arrived = await asyncio.to_thread(self._of_form, form, request.route)
            if form.over:
                self._usage.count(key.project, "attachment", "dropped", form.over, self._clock.now())
            left = {"attachment": form.over} if form.over else {}
            return await self._take(request, key, credentials, arrived, left=left, files=form.files)
        except BaseException:  # also of a client that left: nobody would tell of its files on disk
            form.drop()
            raise

    def _of_form(self, form: Form, route: Route) -> Envelope:
        """Return what a form stands for as an envelope; raises `FormError` when a part is missing."""
        if route.door is Door.ATTACHMENTS:
            if event_ids.normal(route.name) is None:
                raise FormError("The address names no event: its id has 32 hex digits.")
            if not form.files:
                raise FormError("The form holds no file: send it as a part with a filename.")
            return Envelope(Header(event_id=route.name), ())
        dump = next((one for one in form.files if one.field == minidumps.DUMP), None)
        if dump is None:
            raise FormError(f"The form holds no minidump: send it as {minidumps.DUMP}.")
        opened = self._files.open(dump.attachment.file)
        with opened or io.BytesIO() as file:
            event, event_id = minidumps.event_of(form.fields, minidump.read(file))
        payload = lenient.encode(event)
        return Envelope(Header(event_id=event_id), (Item("event", payload, 0, len(payload)),))

    async def _take(
        self,
        request: Request,
        key: ProjectKey,
        credentials: Credentials | None,
        arrived: Envelope,
        *,
        left: dict[str, int] | None = None,
        files: Sequence[Upload] = (),
    ) -> Answer:
        """Keep what is to be kept of an envelope; `left` was left out before, `files` are on disk already."""
        now = self._clock.now()
        found = self._sorter.sort(key, arrived.items, now)
        found.not_kept.update(left or {})
        if found.oversized and found.empty:
            raise TooLarge(f"The event is larger than {self._limits.event} bytes.")
        refusal = self._sorter.admit(key, found, now)
        payloads = [item.payload for item in found.events]
        chosen = event_ids.choose(arrived.header.event_id, payloads, ids.new_id)
        answer_id = (
            chosen[0].event_id if chosen else event_ids.normal(arrived.header.event_id) or ids.new_id()
        )
        common = self._common(request, key, credentials, arrived, answer_id)
        deliveries = [
            ("event", _of(common, payload, one.event_id, (*one.notes, *item.notes)))
            for payload, one, item in zip(payloads, chosen, found.events, strict=True)
        ]
        deliveries += [(GUARD, _of(common, told, at)) for at, told in by_guards(payloads, chosen)]
        deliveries += [(item.type, _of(common, item.payload, answer_id)) for item in found.others]
        try:
            named = bool(chosen) or event_ids.normal(arrived.header.event_id) is not None
            written = await self._write_all(key, found, named, now)
            await self._deliver(key, common, deliveries, (*files, *written))
        finally:
            self._gate.settle(key, len(found.events))
        if len(chosen) == 1 and not found.not_kept:
            return answers.kept(answer_id)
        headers = [(b"x-sentry-rate-limits", refusal.limits.encode())] if refusal else []
        return answers.accepted(answer_id, [one.event_id for one in chosen], found.not_kept, headers)

    def _common(
        self,
        request: Request,
        key: ProjectKey,
        credentials: Credentials | None,
        arrived: Envelope,
        event_id: str,
    ) -> Delivery:
        """Return the delivery that all of an envelope's are made from."""
        return Delivery(
            project=key.project,
            event_id=event_id,
            received=self._clock.now(),
            payload=b"",
            client=_client(request, credentials, arrived),
            address=client_address(request.peer, request.forwarded, self._limits.trusted_proxies),
            sent_at=arrived.sent_at,
        )

    async def _deliver(
        self,
        key: ProjectKey,
        common: Delivery,
        deliveries: list[tuple[str, Delivery]],
        files: Sequence[Upload],
    ) -> None:
        """Publish deliveries and files, and count them; files that cannot be told of are dropped."""
        told = [
            ("attachment", _of(common, attachment.encode(one.attachment), common.event_id)) for one in files
        ]
        try:
            await self._publish([*deliveries, *told], common.received)
        except Unavailable:
            for one in files:
                one.sheet.drop()
            raise
        self._count_accepted(key, [*deliveries, *told], common.received)

    async def _write_all(self, key: ProjectKey, found: Sorted, named: bool, now: float) -> list[Upload]:
        """Write an envelope's attachments to files; those of no event, or without room, are counted instead."""
        written: list[Upload] = []
        for item in found.attachments:
            if not named:
                self._sorter.drop(key, found, item.type, "dropped", now)
                continue
            try:
                written.append(await asyncio.to_thread(uploads.write, self._files, item, now))
            except Unavailable:
                self._sorter.drop(key, found, item.type, "no_room", now)
        return written

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
        for subject in (name for name, _ in deliveries if name != GUARD):  # that is an event once more
            self._usage.count(key.project, subject, "accepted", 1, now)


def _one(item_type: str, payload: bytes, event_id: str = "") -> Envelope:
    return Envelope(Header(event_id=event_id), (Item(item_type, payload, 0, len(payload)),))


def _of(common: Delivery, payload: bytes, event_id: str, notes: tuple[delivery.Note, ...] = ()) -> Delivery:
    return Delivery(
        common.project,
        event_id,
        common.received,
        payload,
        common.client,
        common.address,
        common.sent_at,
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
