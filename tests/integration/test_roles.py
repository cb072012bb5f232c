"""Every URL as every role: who is refused is what the table of `accounts.permissions` says, for pages and REST alike."""

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from ninja.operation import PathView

from vedette.accounts import service
from vedette.accounts.models import User
from vedette.accounts.permissions import ANONYMOUS, SYSTEM, Actor, ActorKind, Role, Verb, may
from vedette.core.clock import ManualClock, SystemClock
from vedette.plumbing import ports as installed
from vedette.plumbing.testing import memory_ports

OPEN = {
    "-/ready",
    "api/v1/",
    "api/v1/openapi.json",
    "invitation/<str:secret>/",
    "metrics",  # asks by itself: see tests of app
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/",
    "password/reset/sent/",
    "robots.txt",
    "setup/<str:token>/",
    "sign-in/",
    "sign-in/code/",
    "sign-in/inactive/",
    "sign-out/",
    "theme/",
}
# What every operation takes that takes a body: it is read before the actor is asked, so it must be right.
BODY = {
    "name": "made",
    "label": "made",
    "scopes": ["read"],
    "kind": "webhook",
    "config": {"url": "https://example.org/"},
    "action": "resolve",
    "ids": ["NOTHING-1"],
    "confirm": "nothing",
}
_PLACES = {"int": "999999", "str": "nothing", "slug": "nothing"}


@dataclass(frozen=True)
class Door:
    """A URL with one method, and the verb it asks for (None: open to all)."""

    route: str
    method: str
    verb: Verb | None

    @property
    def path(self) -> str:
        """Return the address with placeholders filled in, naming things that do not exist."""
        typed = re.sub(r"<(\w+):\w+>", lambda m: _PLACES[m[1]], self.route)
        return "/" + re.sub(r"<(\w+)>", lambda m: "999999" if m[1].endswith("_id") else "nothing", typed)


def doors() -> list[Door]:
    found = {door for route, view in _walk(get_resolver().url_patterns) for door in _doors(route, view)}
    return sorted(found, key=lambda door: (door.route, door.method))


def _walk(patterns: list, prefix: str = "") -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        else:
            yield from _walk(pattern.url_patterns, route)


def _doors(route: str, view: object) -> Iterator[Door]:
    operations = _operations(view)
    for operation in operations:
        for method in operation.methods:
            yield Door(route, method, getattr(operation.view_func, "needs_verb", None))
    if not operations:
        yield Door(route, "GET", getattr(view, "needs_verb", None))


def _operations(view: object) -> list:
    inner = inspect.getclosurevars(view).nonlocals.values() if inspect.isfunction(view) else ()
    return next((found.operations for found in inner if isinstance(found, PathView)), [])


def _is_open(door: Door) -> bool:
    return door.route in OPEN or door.route.startswith("^password/reset/key/")


def test_only_the_named_doors_are_open() -> None:
    assert {door.route for door in doors() if door.verb is None and not _is_open(door)} == set()
    routes = {door.route for door in doors()} | {"password/reset/key/"}
    assert set() == OPEN - routes


@pytest.fixture
def people(db: None) -> Iterator[dict[Role | None, Client]]:
    clock = ManualClock(SystemClock().now())
    before = installed._Installed.ports
    installed.install(memory_ports(clock))
    clients: dict[Role | None, Client] = {None: Client(raise_request_exception=False)}
    for role in Role:
        made = service.create_user(
            SYSTEM, role.value, f"{role.value}@example.org", "seven turquoise lanterns hum", role, clock.now()
        )
        clients[role] = Client(raise_request_exception=False)
        clients[role].force_login(User.objects.get(id=made.id))
    yield clients
    installed._Installed.ports = before


def _ask(client: Client, door: Door):
    if door.method != "GET":
        body = BODY | ({"kind": "new_issue"} if "rules" in door.route else {})
        return client.generic(
            door.method, f"{door.path}?confirm=nothing", json.dumps(body), "application/json"
        )
    answer = client.get(door.path)
    return client.post(door.path) if answer.status_code == 405 else answer


def _refused(answer) -> str:
    if answer.status_code in {401, 403}:
        return {401: "nobody", 403: "somebody"}[answer.status_code]
    to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
    return "nobody" if to_sign_in else ""


def test_every_door_refuses_whom_the_table_refuses(people: dict[Role | None, Client]) -> None:
    wrong = []
    for door in doors():
        if door.verb is None:
            continue
        for role, client in people.items():
            actor = ANONYMOUS if role is None else Actor(kind=ActorKind.USER, id=1, role=role)
            allowed = may(actor, door.verb).allowed
            expected = "" if allowed else "nobody" if role is None else "somebody"
            if (got := _refused(_ask(client, door))) != expected:
                wrong.append(
                    f"{door.method} {door.path} as {role or 'nobody'}: refused {got!r}, not {expected!r}"
                )
    assert wrong == []


def test_the_walk_finds_pages_and_resources() -> None:
    found = {(door.route, door.method): door.verb for door in doors()}
    assert found["settings/users/", "GET"] is Verb.USER_READ
    assert found["api/v1/users/<user_id>", "PATCH"] is Verb.USER_WRITE
    assert len(found) > 100
