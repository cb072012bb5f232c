"""API tokens and who they speak for, by the REST API."""

import pytest
from django.test import Client
from tests.unit.accounts.conftest import House

from vedette.accounts import service, tokens
from vedette.accounts.permissions import SYSTEM, ActorKind, Role, Scope
from vedette.core.errors import Forbidden, Invalid, NotFound, Throttled, Unauthenticated

READ, WRITE, ADMIN = (Scope.READ,), (Scope.READ, Scope.WRITE), tuple(Scope)


def api(token: str, csrf: bool = True) -> Client:
    return Client(enforce_csrf_checks=csrf, HTTP_AUTHORIZATION=f"Bearer {token}", REMOTE_ADDR="203.0.113.9")


def own(house: House, who, scopes, **more) -> str:
    return service.create_token(service.actor_for(who.id), "ci", scopes, house.clock.now(), **more)[0]


def test_the_database_holds_a_digest_and_a_hint(house: House) -> None:
    secret, made = service.create_token(SYSTEM, "ci", WRITE, house.clock.now())
    assert secret.startswith("vdt_")
    assert len(secret) > 40
    assert made.hint == secret[:8]
    assert made.owner == "Vedette"


def test_scopes_open_what_the_table_says(house: House) -> None:
    olga = house.person("Olga", Role.OWNER)
    for scopes, listing, making in ((READ, 403, 403), (WRITE, 403, 403), (ADMIN, 200, 201)):
        client = api(own(house, olga, scopes))
        assert client.get("/api/v1/users").status_code == 200
        assert client.get("/api/v1/audit").status_code == 200
        assert client.get("/api/v1/tokens").status_code == listing
        body = {"name": "made", "scopes": ["read"]}
        made = client.post("/api/v1/tokens", body, content_type="application/json")
        assert made.status_code == making, "a bearer needs no CSRF token"
        assert made["Content-Type"].startswith(
            "application/json" if making == 201 else "application/problem+json"
        )


def test_a_token_never_exceeds_its_owners_role_also_later(house: House) -> None:
    anna = house.person("Anna", Role.ADMIN)
    client = api(own(house, anna, ADMIN))
    assert client.get("/api/v1/audit").status_code == 200
    service.change_role(SYSTEM, anna.id, Role.VIEWER, house.clock.now())
    tokens._LOOKED.forget()
    assert client.get("/api/v1/audit").status_code == 403
    assert client.get("/api/v1/users").status_code == 200


def test_members_get_no_admin_scope_and_see_their_own(house: House) -> None:
    max_, ada = house.person("Max"), house.person("Ada")
    actor = service.actor_for(max_.id)
    with pytest.raises(Forbidden):
        service.create_token(actor, "ci", ADMIN, house.clock.now())
    _, mine = service.create_token(actor, "ci", WRITE, house.clock.now())
    _, hers = service.create_token(service.actor_for(ada.id), "hers", READ, house.clock.now())
    assert [t.id for t in service.tokens(actor)] == [mine.id]
    with pytest.raises(NotFound):
        service.revoke_token(actor, hers.id, house.clock.now())
    assert len(service.tokens(SYSTEM)) == 2


def test_a_token_makes_no_wider_token(house: House) -> None:
    _, made = service.create_token(SYSTEM, "boot", (Scope.ADMIN,), house.clock.now())
    secret, _ = service.create_token(SYSTEM, "boot", (Scope.ADMIN,), house.clock.now())
    actor = service.authenticate_token(secret, house.clock.now(), "")
    assert (actor.kind, actor.role, actor.id) == (ActorKind.TOKEN, Role.ADMIN, 0)
    with pytest.raises(Forbidden):
        service.create_token(actor, "wider", WRITE, house.clock.now())
    assert made.user is None


def test_expiry_revocation_and_unknown_ones(house: House) -> None:
    olga = house.person("Olga", Role.OWNER)
    now = house.clock.now()
    brief = own(house, olga, READ, expires_at=now + 60)
    assert api(brief).get("/api/v1/users").status_code == 200
    house.clock.forward(60)
    answer = api(brief).get("/api/v1/users")
    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("The token has expired")
    assert answer["WWW-Authenticate"] == "Bearer"
    secret = own(house, olga, READ)
    token = service.tokens(SYSTEM)[0]
    assert api(secret).get("/api/v1/users").status_code == 200
    service.revoke_token(service.actor_for(olga.id), token.id, house.clock.now())
    assert api(secret).get("/api/v1/users").status_code == 401
    for bad in ("vdt_unknown", "eyJhbGciOi", "", "vdt_" + "x" * 5_000):
        assert api(bad).get("/api/v1/users").status_code == 401
    with pytest.raises(Invalid):
        service.create_token(SYSTEM, "old", READ, now, expires_at=now - 1)
    with pytest.raises(Invalid):
        service.create_token(SYSTEM, "", (), now)


def test_a_revocation_elsewhere_is_obeyed_within_a_second(house: House) -> None:
    from vedette.accounts.store import tokens as store

    secret, made = service.create_token(SYSTEM, "ci", READ, house.clock.now())
    service.authenticate_token(secret, house.clock.now(), "")
    store.revoke(made.id, house.clock.now())  # as another process does: our memory is not told
    assert tokens._LOOK_AGAIN <= 1.0
    known = tokens._LOOKED._known[next(iter(tokens._LOOKED._known))]
    known.looked_at -= tokens._LOOK_AGAIN
    for entry in tokens._LOOKED._known.values():
        entry.looked_at -= tokens._LOOK_AGAIN
    with pytest.raises(Unauthenticated):
        service.authenticate_token(secret, house.clock.now(), "")


def test_deactivated_owners_tokens_are_silent(house: House) -> None:
    ada = house.person("Ada")
    secret = own(house, ada, READ)
    assert api(secret).get("/api/v1/users").status_code == 200
    service.set_active(SYSTEM, ada.id, False, house.clock.now())
    tokens._LOOKED.forget()
    assert api(secret).get("/api/v1/users").status_code == 401


def test_requests_a_minute_are_limited_with_retry_after(house: House) -> None:
    secret, _ = service.create_token(SYSTEM, "ci", READ, house.clock.now())
    for _ in range(600):
        service.authenticate_token(secret, house.clock.now(), "")
    with pytest.raises(Throttled):
        service.authenticate_token(secret, house.clock.now(), "")
    answer = api(secret).get("/api/v1/users")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "1"
    house.clock.forward(1)
    assert api(secret).get("/api/v1/users").status_code == 200


def test_last_use_is_written_once_a_minute(house: House) -> None:
    secret, made = service.create_token(SYSTEM, "ci", READ, house.clock.now())
    began = house.clock.now()
    for _ in range(3):
        api(secret).get("/api/v1/users")
        house.clock.forward(10)
    (token,) = service.tokens(SYSTEM)
    assert (token.last_used_at, token.last_address) == (began, "203.0.113.9")
    house.clock.forward(40)
    api(secret).get("/api/v1/users")
    assert service.tokens(SYSTEM)[0].last_used_at == began + 70
    assert made.last_used_at is None


def test_a_bearer_never_acts_by_the_cookie(house: House) -> None:
    owner = house.client(house.person("Olga", Role.OWNER))
    secret, _ = service.create_token(SYSTEM, "ci", READ, house.clock.now())
    assert owner.get("/settings/account/", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 403
    assert owner.get("/api/v1/users", HTTP_AUTHORIZATION="Bearer vdt_wrong").status_code == 401
    assert owner.get("/api/v1/users").status_code == 200


def test_a_session_needs_its_csrf_token_in_the_api(house: House) -> None:
    owner = house.client(house.person("Olga", Role.OWNER), csrf=True)
    body = {"name": "ci", "scopes": ["read"]}
    refused = owner.post("/api/v1/tokens", body, content_type="application/json")
    assert refused.status_code == 403
    owner.get("/settings/tokens/")
    csrf = owner.cookies["vedette-csrf"].value
    made = owner.post("/api/v1/tokens", body, content_type="application/json", HTTP_X_CSRFTOKEN=csrf)
    assert made.status_code == 201
    assert made.json()["token"].startswith("vdt_")
    listed = owner.get("/api/v1/tokens").json()["items"]
    assert "token" not in listed[0]


def test_lists_come_in_pages(house: House) -> None:
    for n in range(5):
        house.person(f"P{n}")
    secret, _ = service.create_token(SYSTEM, "ci", ADMIN, house.clock.now())
    client = api(secret)
    for path in ("users", "audit"):
        names, cursor = [], ""
        while cursor is not None:
            page = client.get(f"/api/v1/{path}?n=2" + (f"&cursor={cursor}" if cursor else "")).json()
            names += [item["id"] for item in page["items"]]
            cursor = page["cursor"]
        assert len(names) == len(set(names)) >= 5
    assert client.get("/api/v1/users?cursor=nonsense").status_code == 422
    assert client.get("/api/v1/audit?cursor=nonsense").status_code == 422


def test_people_are_changed_by_the_api(house: House) -> None:
    olga, ada = house.person("Olga", Role.OWNER), house.person("Ada")
    client = api(own(house, olga, ADMIN))
    change = lambda who, **body: client.patch(f"/api/v1/users/{who}", body, content_type="application/json")  # noqa: E731
    assert change(ada.id, role="viewer", active=False).json()["role"] == "viewer"
    assert not service.user(ada.id).active
    assert change(ada.id, role="king").status_code == 422
    assert change(olga.id, role="viewer").status_code == 403, "a token never changes an owner"
    assert change(99, role="viewer").status_code == 404
    assert client.get("/api/v1/users/99").status_code == 404


def test_the_page_shows_a_secret_once(house: House) -> None:
    client = house.client(house.person("Max"))
    made = client.post("/settings/tokens/", {"name": "laptop", "scope": "write", "days": "30"})
    secret = made.content.decode().split("vdt_")[1].split("<")[0]
    assert len(secret) > 40
    (token,) = service.tokens(service.actor_for(service.users()[0].ref.id))
    assert token.scopes == WRITE
    assert f"vdt_{secret}" not in client.get("/settings/tokens/").content.decode()
    wide = client.post("/settings/tokens/", {"name": "laptop", "scope": "admin", "days": "0"})
    assert wide.status_code == 422
    assert client.post(f"/settings/tokens/{token.id}/revoke/").status_code == 302
    assert service.tokens(service.actor_for(service.users()[0].ref.id)) == ()


def test_nobody_gets_a_problem_in_json(house: House) -> None:
    answer = Client().get("/api/v1/users")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == "Bearer"
