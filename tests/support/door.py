"""A front door in memory: intake over the memory log, driven as an ASGI server would."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from vedette.core.clock import ManualClock
from vedette.intake.http import Intake
from vedette.intake.limits import Limits
from vedette.intake.loading import LoaderDoor
from vedette.intake.ports import HookBook, ProjectKey, TokenDesk
from vedette.intake.usage import MemoryUsage
from vedette.plumbing.files.memory import MemoryFiles
from vedette.plumbing.log.memory import MemoryEventLog
from vedette.wire import delivery
from vedette.wire.delivery import Delivery

PUBLIC = "0123456789abcdef0123456789abcdef"
OTHER_PUBLIC = "fedcba9876543210fedcba9876543210"
AUTH = f"Sentry sentry_key={PUBLIC}, sentry_version=7, sentry_client=sentry.python/2.0"
SUBJECTS = frozenset(
    {"event", "attachment", "user_report", "feedback", "check_in", "ping", "transaction", "span"}
)
HEARTBEAT, HEARTBEAT_OF_1 = "0123456789abcdef0123456789abcdef", "00000000000000000000000000000001"
EVENT_ID = "fc6d8c0c43fc4630ad850ee518f1b9d0"


def dsn_of(key: str, project: int) -> str:
    return f"https://{key}@vedette.example/{project}"


class Keys:
    """A key ring made of a list."""

    def __init__(self, *keys: ProjectKey) -> None:
        self.keys = {key.key: key for key in keys}

    def find(self, key: str) -> ProjectKey | None:
        return self.keys.get(key)


class Pings:
    """A ring of two heartbeats: one of no project, one of project 1."""

    def find(self, key: str) -> int | None:
        return {HEARTBEAT: 0, HEARTBEAT_OF_1: 1}.get(key)


class Reply(msgspec.Struct):
    """What came back; `status` 0 means nothing was answered."""

    status: int = 0
    headers: dict[str, str] = {}
    body: bytes = b""

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Door:
    """Intake and what stands behind it; `post` sends one request to it."""

    def __init__(
        self,
        limits: Limits | None = None,
        log: Any = None,
        files: MemoryFiles | None = None,
        *,
        tokens: TokenDesk | None = None,
        hooks: HookBook | None = None,
        on_alerts: Callable[[], None] = lambda: None,
        **changes: Any,
    ) -> None:
        self.clock = ManualClock()
        groups = {"errors": SUBJECTS, "alerts": frozenset({"alert"})}
        self.log = log or MemoryEventLog(groups, max_bytes=1 << 30)
        self.usage = MemoryUsage()
        first = ProjectKey(PUBLIC, 1)
        self.keys = Keys(msgspec.structs.replace(first, **changes), ProjectKey(OTHER_PUBLIC, 2))
        self.files = files or MemoryFiles()
        self.intake = Intake(
            self.log, self.keys, self.usage, self.clock, limits, files=self.files, tokens=tokens, hooks=hooks,
            on_alerts=on_alerts, pings=Pings(), loader=LoaderDoor(self.keys, dsn_of),
        )  # fmt: skip

    def post(self, body: bytes | Iterable[bytes], **options: Any) -> Reply:
        """Send one request in an event loop of its own; see `send`."""
        return asyncio.run(self.send(body, **options))

    async def send(
        self,
        body: bytes | Iterable[bytes],
        *,
        path: str = "/api/1/envelope/",
        query: str = "",
        method: str = "POST",
        auth: str | None = AUTH,
        headers: Mapping[str, str] | None = None,
        hang_up: bool = False,
        peer: str = "198.51.100.7",
    ) -> Reply:
        """Send one request; an iterable of bodies is sent as chunks, `hang_up` leaves before the last."""
        given = {"x-sentry-auth": auth} if auth else {}
        given |= dict(headers or {})
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
            "client": (peer, 50_000),
        }
        reply = Reply()
        await self.intake(scope, _source(body, hang_up), _sink(reply))
        return reply

    def deliveries(self, subject: str = "event") -> list[Delivery]:
        """Return what was published under a subject since the last look at any."""
        messages = self.log.pull("errors", 100_000, self.clock.now())
        self.log.ack("errors", [message.seq for message in messages])
        return [delivery.decode(message.body) for message in messages if message.subject == subject]

    def counts(self) -> dict[tuple[str, str], int]:
        """Return what usage counted since the last look, by item type and outcome."""
        return {(row.item_type, row.outcome): row.count for row in self.usage.drain()}


def _source(body: bytes | Iterable[bytes], hang_up: bool) -> Callable[[], Any]:
    pieces = [body] if isinstance(body, bytes) else list(body)
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": n + 1 < len(pieces)}
        for n, piece in enumerate(pieces)
    ]
    if hang_up:
        messages[-1] = {"type": "http.disconnect"}
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        message = next(waiting, None)
        if message is None:
            await asyncio.Event().wait()
        return message or {}

    return receive


def _sink(reply: Reply) -> Callable[[dict[str, Any]], Any]:
    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            reply.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            reply.body += message.get("body", b"")

    return send


def event(
    payload: bytes | dict[str, Any] | None = None, event_id: str | None = EVENT_ID, **header: Any
) -> bytes:
    """Return an envelope that holds one event."""
    first = header | ({"event_id": event_id} if event_id else {})
    return envelope(first, ("event", payload if payload is not None else {"message": "no"}))


def envelope(header: dict[str, Any], *items: tuple[str, bytes | dict[str, Any]]) -> bytes:
    """Return an envelope of (type, payload) items, each with its length."""
    lines = [msgspec.json.encode(header)]
    for kind, payload in items:
        data = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        lines += [msgspec.json.encode({"type": kind, "length": len(data)}), data]
    return b"\n".join(lines) + b"\n"
