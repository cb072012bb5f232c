"""Live streams end soon after the session or the token they were opened with."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from vedette.app.streams import Streams
from vedette.core.clock import ManualClock, SystemClock
from vedette.plumbing import ports as installed
from vedette.plumbing.bus.local import LocalBus
from vedette.plumbing.testing import memory_ports

pytestmark = pytest.mark.django_db(transaction=True)
Header = tuple[bytes, bytes]


@pytest.fixture
def clock() -> Iterator[ManualClock]:
    before = installed._Installed.ports
    clock = ManualClock(SystemClock().now())
    installed.install(memory_ports(clock))
    yield clock
    installed._Installed.ports = before


@pytest.fixture
def anna(clock: ManualClock) -> Actor:
    password = "kJ8#vQ2!mZ5x"
    made = accounts.create_user(SYSTEM, "Anna", "anna@example.org", password, Role.MEMBER, clock.now())
    return Actor(ActorKind.USER, made.id, "Anna", Role.MEMBER)


def cookie(who: Actor) -> Header:
    from vedette.accounts.models import User

    client = Client(HTTP_USER_AGENT="Firefox on Linux")
    client.force_login(User.objects.get(id=who.id))
    name = settings.SESSION_COOKIE_NAME
    return b"cookie", f"{name}={client.cookies[name].value}".encode()


def listen(header: Header, revoke: Callable[[], object]) -> list[dict[str, Any]]:
    """Listen, `revoke` once the first words came, and return all that was sent when the stream has ended."""
    sent: list[dict[str, Any]] = []

    async def story() -> None:
        streams, told = Streams(LocalBus(), ask_every=0.01), asyncio.Event()

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        async def send(message: Any) -> None:
            sent.append(dict(message))
            if len(sent) == 4:
                told.set()

        scope = {"type": "http", "path": "/live", "query_string": b"topics=issues", "headers": [header]}
        stream = asyncio.ensure_future(streams(scope, receive, send))
        async with asyncio.timeout(10):
            await told.wait()
            await asyncio.to_thread(revoke)
            await stream

    asyncio.run(story())
    return sent


def test_a_stream_ends_with_its_session(anna: Actor, clock: ManualClock) -> None:
    header = cookie(anna)
    (session,) = accounts.sessions_of(anna.id, "", clock.now())
    sent = listen(header, lambda: accounts.end_session(anna, session.id, clock.now()))
    assert sent[0]["status"] == 200
    assert sent[-1] == {"type": "http.response.body", "body": b""}


def test_a_stream_ends_when_its_session_is_over(anna: Actor, clock: ManualClock) -> None:
    sent = listen(cookie(anna), lambda: clock.forward(400 * 86_400.0))
    assert sent[-1] == {"type": "http.response.body", "body": b""}


def test_a_stream_ends_with_its_token(anna: Actor, clock: ManualClock) -> None:
    secret, token = accounts.create_token(anna, "ci", frozenset({Scope.READ}), clock.now())
    header = (b"authorization", f"Bearer {secret}".encode())
    sent = listen(header, lambda: accounts.revoke_token(anna, token.id, clock.now()))
    assert sent[-1] == {"type": "http.response.body", "body": b""}
