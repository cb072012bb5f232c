"""The role table: every URL of the pages and every operation of the API, walked as everybody.

Who may stands in `role_rows`. A URL or operation without a row fails, and so does a row for nothing. What is denied answers 403 (or sends nobody to sign in, 401 in the API); what is allowed answers anything else.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.unit.app.role_rows import KEY_OF_A_RESET, NOBODY, OPERATIONS, PAGES, P

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role, Scope
from vedette.app.api import api
from vedette.core.clock import SystemClock
from vedette.plumbing import ports as installed
from vedette.plumbing.testing import memory_ports

SAMPLES = {"int": "999", "slug": "nothing", "str": "NOTHING-1", "path": "x", "address": "192.0.2.7"}
WRITES = {"PATCH", "POST", "PUT", "DELETE"}


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        route = KEY_OF_A_RESET if route.startswith("^password/reset/key/") else route
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def operations() -> set[str]:
    paths = api.get_openapi_schema()["paths"]
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
    }


def sample(route: str) -> str:
    filled = re.sub(r"<(?:(\w+):)?\w+>", lambda m: SAMPLES[m[1] or "str"], route)
    return re.sub(r"\{(\w+)\}", lambda m: "999" if is_number(m[1]) else "nothing-1", filled)


def is_number(parameter: str) -> bool:
    """Tell whether a parameter of the API is filled with a number."""
    return parameter.endswith("_id") or parameter in {"finding", "target", "bill", "plan"}


@pytest.fixture
def people(db: None) -> Iterator[dict[str, Any]]:
    """Return a user of each role by its first letter."""
    from vedette.accounts.models import User

    now = SystemClock().now()
    before = installed._Installed.ports
    installed.install(memory_ports(SystemClock()))
    made = {
        role.value[0].upper(): accounts.create_user(
            SYSTEM, role.value, f"{role}@example.org", "kJ8#vQ2!mZ5x", role, now
        )
        for role in Role
    }
    yield {letter: User.objects.get(id=who.id) for letter, who in made.items()}
    installed._Installed.ports = before


def client_of(people: dict[str, Any], letter: str) -> Client:
    client = Client(raise_request_exception=False)
    if letter != P:
        client.force_login(people[letter])
    return client


def held(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


@contextlib.contextmanager
def undone(client: Client, cookies: dict[str, str]) -> Iterator[None]:
    """Ask with these cookies, and take back what it did: signing in anew costs more than most requests."""
    client.cookies.clear()
    client.cookies.load(cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def denied(answer: Any) -> bool:
    return answer.status_code in {401, 403} or (
        answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
    )


def test_every_url_has_a_row() -> None:
    walked = {route for route in routes(get_resolver()) if not route.startswith("api/v1/") or route in PAGES}
    assert walked == set(PAGES)


def test_every_operation_has_a_row() -> None:
    assert operations() == {operation.partition("?")[0] for operation in OPERATIONS}


def test_pages_as_everybody(people: dict[str, Any]) -> None:
    wrong = []
    everybody = [
        (letter, client, held(client)) for letter in (*"OAMV", P) for client in [client_of(people, letter)]
    ]
    for route, who in PAGES.items():
        for method in ("get", "post"):
            for letter, client, cookies in everybody:
                with undone(client, cookies):  # some acts end the session
                    answer = getattr(client, method)("/" + sample(route))
                if answer.status_code == 405:
                    break  # it is not taken from the owner, so it is not taken: a third of all that could be asked
                assert answer.status_code < 500 or route == "-/ready", (
                    method,
                    route,
                    answer.content[-500:],
                )
                if who != P and denied(answer) is (letter in who):
                    wrong.append((letter, method, route, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("letter", [P, *"OAMV"])
def test_operations_as(people: dict[str, Any], letter: str) -> None:
    wrong = []
    client = client_of(people, letter)
    cookies = held(client)
    for operation, (who, body) in OPERATIONS.items():
        method, path = operation.split(" ")
        with undone(client, cookies):
            answer = ask(client, method, path, body)
        assert answer.status_code < 500, (operation, answer.content[-500:])
        if denied(answer) is (letter in who):
            wrong.append((operation, answer.status_code))
    assert not wrong


def ask(client: Client, method: str, path: str, body: Any, **headers: str) -> Any:
    payload = b"" if body is None else json.dumps(body).encode()
    return client.generic(method, "/api/v1" + sample(path), payload, "application/json", **headers)  # type: ignore[arg-type]


def test_the_role_is_asked_before_the_body(people: dict[str, Any]) -> None:
    from vedette.accounts.permissions import Actor, ActorKind

    viewer = Actor(ActorKind.USER, people["V"].id, "viewer", Role.VIEWER)
    secret, _ = accounts.create_token(viewer, "ci", frozenset({Scope.WRITE}), SystemClock().now())
    told = {}
    for operation, (who, body) in OPERATIONS.items():
        method, path = operation.split(" ")
        if body is not None and "V" not in who:
            client = Client(raise_request_exception=False)
            answer = ask(client, method, path, ["broken"], HTTP_AUTHORIZATION=f"Bearer {secret}")
            told[operation] = answer.status_code
    assert len(told) > 5
    assert set(told.values()) == {403}, told
    assert ask(client_of(people, "O"), "POST", "/rules", ["broken"]).status_code == 422
    assert ask(client_of(people, P), "POST", "/rules", ["broken"]).status_code == 401


OF_NOBODY = {operation for operation, (who, _) in OPERATIONS.items() if who == NOBODY}
READ_ONLY_SCOPE = {
    operation
    for operation in OPERATIONS
    if operation.startswith("GET ") and not operation.startswith("GET /me/")
} - {"GET /tokens", "GET /host-tokens", *OF_NOBODY}
READ_ONLY_SCOPE -= {  # passwords may stand in what a first boot is told
    "GET /infrastructure/projects/{key}/files",
    "GET /infrastructure/projects/{key}/proposal",
}
PRIVACY = {operation for operation in OPERATIONS if " /privacy/" in operation}
READ_ONLY_SCOPE -= PRIVACY
WRITE_SCOPE_LACKS = PRIVACY | {
    "POST /infrastructure/projects",
    "DELETE /infrastructure/projects/{key}",
    "PUT /infrastructure/projects/{key}/token",
    "GET /infrastructure/projects/{key}/files",
    "PUT /infrastructure/projects/{key}/files",
    "GET /infrastructure/projects/{key}/proposal",
    "POST /infrastructure/projects/{key}/adoption",
    "POST /infrastructure/projects/{key}/runs",
    "POST /infrastructure/hosts/{host}/runs",
    "POST /backups/plans",
    "PUT /backups/plans/{plan}",
    "DELETE /backups/plans/{plan}",
    "DELETE /backups/left/{plan}/{copy_name}",
    "PUT /backups/plans/{plan}/secrets",
    "POST /backups/plans/{plan}/restore",
    "POST /backups/plans/{plan}/key",
    "GET /host-tokens",
    "POST /host-tokens",
    "DELETE /host-tokens/{token}",
    "PUT /hosts/{host}/modes",
    "POST /hosts/{host}/rotate",
    "POST /hosts/{host}/revoke",
    "DELETE /hosts/{host}",
    "POST /blocklists",
    "DELETE /blocklists/{name}",
    "PUT /rule-sets/{name}",
    "POST /runbooks",
    "PUT /runbooks/{runbook}",
    "DELETE /runbooks/{runbook}",
    "POST /locations",
    "POST /locations/{location}/token",
    "DELETE /locations/{location}",
    "PATCH /users/{user_id}",
    "GET /tokens",
    "POST /tokens",
    "DELETE /tokens/{token_id}",
}


@pytest.mark.parametrize("scope", Scope)
def test_operations_with_an_owners_token(people: dict[str, Any], scope: Scope) -> None:
    from vedette.accounts.permissions import Actor, ActorKind

    owner = Actor(ActorKind.USER, people["O"].id, "owner", Role.OWNER)
    secret, _ = accounts.create_token(owner, "ci", frozenset({scope}), SystemClock().now())
    allowed = {
        Scope.READ: READ_ONLY_SCOPE,
        Scope.WRITE: set(OPERATIONS) - WRITE_SCOPE_LACKS - OF_NOBODY,
        Scope.ADMIN: set(OPERATIONS) - OF_NOBODY,
    }[scope]
    wrong = []
    for operation, (_, body) in OPERATIONS.items():
        method, path = operation.split(" ")
        sent = body | {"scopes": [scope]} if operation == "POST /tokens" else body
        client = Client(raise_request_exception=False)
        answer = ask(client, method, path, sent, HTTP_AUTHORIZATION=f"Bearer {secret}")
        if denied(answer) is (operation in allowed):
            wrong.append((operation, answer.status_code))
    assert not wrong
