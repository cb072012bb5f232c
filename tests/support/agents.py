"""Agents at the real door in this process: a way out that ends at an ASGI application, and hosts that are enrolled for real."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from vedette.accounts.permissions import SYSTEM
from vedette.agent.link.enrolling import Named, Place, enroll
from vedette.agent.link.identity import Identity, Server
from vedette.agent.link.speaking import Speaker, only
from vedette.app.agent_door import AgentDoor
from vedette.core.clock import Clock
from vedette.hosts import service
from vedette.hosts.types import Backups, Infra, Intrusions, NobodyJudges
from vedette.plumbing import ports as installed
from vedette.plumbing.net.port import NetError, Response
from vedette.wire.agent import enrolling

URL = "https://vedette.example"
T = TypeVar("T")
Change = Callable[[dict[str, Any]], None]


class DoorNet:
    """Implements `plumbing.net.port.Net` by the door itself, on an event loop of a thread of its own.

    `fates` says, in turn, what becomes of a request: `fine`, `lost`, `unanswered`; `change` may alter a request on its way.
    """

    def __init__(
        self, clock: Clock, intrusions: Intrusions | None = None, backups: Backups | None = None, infra: Infra | None = None
    ) -> None:  # fmt: skip
        self.door = AgentDoor(intrusions or NobodyJudges(), clock, backups=backups, infra=infra)
        # A database in memory that is shared locks tables, and tells at once: here all of the door asks it on one thread.
        self._one = ThreadPoolExecutor(max_workers=1)
        self.door._pool._threads = self.door._recorder._thread = self._one
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.fates: list[str] = []
        self.requests: list[tuple[str, str, bytes]] = []
        self.change: Change = lambda _: None
        self.spoil: Callable[[Response], Response] = lambda response: response

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"",
        deadline: float = 10.0, max_bytes: int = 65_536,
    ) -> Response:  # fmt: skip
        del max_bytes
        fate = self.fates.pop(0) if self.fates else "fine"
        if fate == "lost":
            raise NetError("vedette.example cannot be reached.", permanent=False)
        path, _, query = url.removeprefix(URL).partition("?")
        asked: dict[str, Any] = {
            "type": "http", "method": method, "path": path, "query_string": query.encode(), "scheme": "https",
            "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
            "client": ("203.0.113.9", 5), "body": body,
        }  # fmt: skip
        self.change(asked)
        self.requests.append((method, path, asked["body"]))
        answer = asyncio.run_coroutine_threadsafe(self._visit(asked), self.loop).result(deadline)
        if fate == "unanswered":
            raise NetError("vedette.example did not answer in time.", permanent=False)
        return self.spoil(answer)

    async def _visit(self, scope: dict[str, Any]) -> Response:
        body, status, found, text = scope.pop("body"), 0, {}, b""
        left = asyncio.Event()
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            nonlocal status, text
            status = message.get("status", status)
            found.update({k.decode(): v.decode() for k, v in message.get("headers", ())})
            text += message.get("body", b"")

        assert self.door.takes(scope)
        await self.door(scope, receive, send)
        return Response(status, found, text)

    def between(self, act: Callable[[], T]) -> T:
        """Do something between what the door asks of the database."""
        return self._one.submit(act).result(30)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.door.end_polls)
        self.door.close()
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)

    async def _end(self) -> None:
        """Let those end who still wait: one that is collected later complains in the midst of another test."""
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def enrolled(net: DoorNet, folder: Path, name: str = "web1") -> Server:
    """Enrol a host by a fresh token, as `vedette agent enroll` does."""
    clock = installed.ports().clock
    token, _ = service.invite(SYSTEM, clock.now())
    where = Place(state=folder / name, config=folder / name / "agent.toml")
    return enroll(URL, token, where, Named(name, "1.0"), net=net, now=clock.now)


def speaker(net: DoorNet, folder: Path, name: str = "web1") -> Speaker:
    """Return what speaks for a host that is enrolled."""
    identity = Identity(folder / name)
    public = enrolling.key_of(identity.server.key)
    return Speaker(net, URL, identity.key, only(public), installed.ports().clock.now)
