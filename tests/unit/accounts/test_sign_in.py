"""Signing in as a browser does: password, code, recovery code, throttling, redirects, time-outs."""

import pytest
from django.contrib.auth.hashers import get_hasher
from django.test import Client
from tests.unit.accounts.conftest import PASSWORD, House

from vedette.accounts import service
from vedette.accounts.permissions import Role
from vedette.accounts.store.factors import code_at
from vedette.app import django_settings

HOUR, DAY = 3_600.0, 86_400.0


def sign_in(client: Client, email: str, password: str = PASSWORD, following: str = ""):
    return client.post("/sign-in/", {"login": email, "password": password, "next": following})


def signed_in(client: Client) -> bool:
    return client.get("/settings/sessions/").status_code == 200


def test_a_password_signs_in_and_the_session_key_changes(house: House) -> None:
    house.person("Ada")
    client = house.client()
    client.get("/sign-in/")
    client.cookies["vedette"] = planted = "a" * 32
    answer = sign_in(client, "ADA@example.org ")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.cookies["vedette"].value != planted
    assert client.cookies["vedette"]["httponly"]
    assert client.cookies["vedette"]["samesite"] == "Lax"
    assert int(client.cookies["vedette"]["max-age"]) == 30 * 86_400
    assert signed_in(client)


def test_pages_send_to_sign_in_and_back(house: House) -> None:
    house.person("Ada")
    client = house.client()
    answer = client.get("/settings/sessions/")
    assert answer["Location"] == "/sign-in/?next=%2Fsettings%2Fsessions%2F"
    assert 'name="next" value="/settings/sessions/"' in client.get(answer["Location"]).content.decode()
    assert (
        sign_in(client, "ada@example.org", following="/settings/sessions/")["Location"]
        == "/settings/sessions/"
    )


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "\\/evil.example",
    ],
)
def test_next_never_leads_away(house: House, evil: str) -> None:
    house.person("Ada")
    client = house.client()
    assert "evil" not in client.get("/sign-in/", {"next": evil}).content.decode()
    assert sign_in(client, "ada@example.org", following=evil)["Location"] == "/"


def test_wrong_password_and_unknown_address_say_the_same(house: House) -> None:
    house.person("Ada")
    known = sign_in(house.client(), "ada@example.org", "wrong")
    unknown = sign_in(house.client(), "eve@example.org", "wrong")
    assert known.status_code == unknown.status_code == 422
    strip = lambda page, mail: page.content.decode().replace(mail, "").split("<main")[1].split("csrf")[0]  # noqa: E731
    assert strip(known, "ada@example.org") == strip(unknown, "eve@example.org")
    assert "is not right" in known.content.decode()


def test_an_unknown_address_costs_one_hash_like_a_known_one(house: House, settings) -> None:
    from vedette.accounts.adapter import Argon2id

    house.person("Ada")
    counted: list[str] = []

    class Counting(Argon2id):
        def encode(self, password: str, salt: str) -> str:
            counted.append("encode")
            return super().encode(password, salt)

        def verify(self, password: str, encoded: str) -> bool:
            counted.append("verify")
            return super().verify(password, encoded)

    import tests.unit.accounts.test_sign_in as here

    here.Counting = Counting
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    sign_in(house.client(), "ada@example.org", "wrong")
    sign_in(house.client(), "eve@example.org", "wrong")
    assert counted == ["verify", "encode"]


def test_the_hash_is_argon2id_as_settled(house: House, settings) -> None:
    settings.PASSWORD_HASHERS = django_settings.PASSWORD_HASHERS
    ada = house.person("Ada")
    from vedette.accounts.models import User

    assert User.objects.get(id=ada.id).password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert get_hasher().algorithm == "argon2"


def test_with_an_authenticator_the_password_is_half_the_way(house: House) -> None:
    ada = house.person("Ada", Role.OWNER)
    seed = house.seed(ada)
    client = house.client()
    answer = sign_in(client, "ada@example.org", following="/settings/audit-log/")
    assert answer["Location"] == "/sign-in/code/"
    assert not signed_in(client)
    assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 422
    house.clock.forward(60)
    code = code_at(seed, house.clock.now() - 60)
    later = code_at(seed, house.clock.now() - 30)
    assert client.post("/sign-in/code/", {"code": code}).status_code == 422, "it was used for the enrolment"
    answer = client.post("/sign-in/code/", {"code": f"{later[:3]} {later[3:]}"})
    assert answer["Location"] == "/settings/audit-log/"
    assert signed_in(client)


def test_a_code_counts_once(house: House) -> None:
    ada = house.person("Ada")
    seed = house.seed(ada)
    code = code_at(seed, house.clock.now() + 30)
    first, second = house.client(), house.client()
    sign_in(first, "ada@example.org")
    sign_in(second, "ada@example.org")
    assert first.post("/sign-in/code/", {"code": code}).status_code == 302
    assert second.post("/sign-in/code/", {"code": code}).status_code == 422
    assert not signed_in(second)


def test_a_recovery_code_signs_in_once(house: House) -> None:
    ada = house.person("Ada")
    house.seed(ada)
    codes = service.recovery_codes(ada.id)
    assert len(codes) == 10
    for expected in (302, 422):
        client = house.client()
        sign_in(client, "ada@example.org")
        assert client.post("/sign-in/code/", {"code": codes[0]}).status_code == expected
    assert service.recovery_codes(ada.id) == codes[1:]


def test_codes_are_throttled_with_retry_after(house: House) -> None:
    house.seed(house.person("Ada"))
    client = house.client()
    sign_in(client, "ada@example.org")
    answers = [client.post("/sign-in/code/", {"code": "123456"}) for _ in range(6)]
    assert [a.status_code for a in answers] == [422] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) >= 1


def test_passwords_are_throttled_for_known_and_unknown_alike(house: House) -> None:
    house.person("Ada")
    for email in ("ada@example.org", "eve@example.org"):
        client = house.client(address="198.51.100.9")
        answers = [sign_in(client, email, "wrong") for _ in range(6)]
        assert [a.status_code for a in answers] == [422] * 5 + [429]
        assert "Too many tries" in answers[-1].content.decode()
        assert int(answers[-1]["Retry-After"]) == 2
    assert sign_in(house.client(address="198.51.100.9"), "ada@example.org").status_code == 429, (
        "even when right"
    )
    house.clock.forward(3)
    assert sign_in(house.client(address="198.51.100.9"), "ada@example.org").status_code == 302


def test_an_attack_from_elsewhere_does_not_lock_the_owner_out(house: House) -> None:
    house.person("Ada")
    assert sign_in(house.client(address="192.0.2.1"), "ada@example.org").status_code == 302
    for n in range(30):
        sign_in(house.client(address=f"198.51.100.{n}"), "ada@example.org", "wrong")
    assert sign_in(house.client(address="192.0.2.77"), "ada@example.org").status_code == 429, (
        "a new address waits"
    )
    assert sign_in(house.client(address="192.0.2.1"), "ada@example.org").status_code == 302
    house.clock.forward(301)
    assert sign_in(house.client(address="192.0.2.77"), "ada@example.org").status_code == 302


def test_one_address_cannot_spray_over_accounts(house: House) -> None:
    answers = [
        sign_in(house.client(address=f"2001:db8:1:2::{n:x}"), f"user{n}@example.org", "wrong").status_code
        for n in range(21)
    ]
    assert answers == [422] * 20 + [429], "one /64 is one address"


def test_deactivated_people_are_told_after_the_right_password(house: House) -> None:
    ada = house.person("Ada")
    owner = service.actor_for(house.person("Olga", Role.OWNER).id)
    client = house.client(ada)
    assert signed_in(client)
    service.set_active(owner, ada.id, False, house.clock.now())
    assert not signed_in(client)
    assert sign_in(house.client(), "ada@example.org")["Location"] == "/sign-in/inactive/"
    assert sign_in(house.client(), "ada@example.org", "wrong").status_code == 422


def test_sign_out_asks_by_post(house: House) -> None:
    client = house.client(house.person("Ada"))
    assert client.get("/sign-out/").status_code == 200
    assert signed_in(client)
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert not signed_in(client)


def test_forms_need_their_csrf_token(house: House) -> None:
    house.person("Ada")
    client = house.client(csrf=True)
    assert sign_in(client, "ada@example.org").status_code == 403


def test_idle_and_absolute_time_outs(house: House) -> None:
    ada = house.person("Ada")
    client = house.client(ada)
    house.clock.forward(71 * HOUR)
    assert signed_in(client)
    house.clock.forward(73 * HOUR)
    assert not signed_in(client)
    client = house.client(ada)
    for _ in range(29):
        house.clock.forward(DAY)
        assert signed_in(client)
    house.clock.forward(DAY + 1)
    assert not signed_in(client)


def test_being_seen_is_written_once_a_minute(house: House, django_assert_num_queries) -> None:
    client = house.client(house.person("Ada"))
    client.get("/settings/account/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def writes() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/settings/account/")
        return sum(q["sql"].startswith("UPDATE accounts_session") for q in queries)

    assert writes() == 0
    house.clock.forward(61)
    assert writes() == 1
    assert writes() == 0


def test_an_administrator_without_authenticator_is_led_to_one(house: House) -> None:
    olga = house.person("Olga", Role.OWNER)
    client = house.client(olga)
    assert client.get("/settings/users/").status_code == 200
    assert "until" in client.get("/settings/two-factor/").content.decode()
    for _ in range(4):
        house.clock.forward(2 * DAY)
        client.get("/settings/account/")
    answer = client.get("/settings/users/")
    assert answer["Location"] == "/settings/two-factor/?next=%2Fsettings%2Fusers%2F"
    assert client.get("/api/v1/users").status_code == 403
    assert (
        client.post("/settings/users/invite/", {"email": "x@example.org", "role": "owner"}).status_code == 403
    )
    assert client.get("/settings/two-factor/").status_code == 200
    house.seed(olga)
    assert client.get("/settings/users/").status_code == 200


def test_no_page_signs_up(house: House) -> None:
    for path in ("/signup/", "/sign-up/", "/accounts/signup/", "/login/"):
        assert house.client().get(path).status_code == 404
