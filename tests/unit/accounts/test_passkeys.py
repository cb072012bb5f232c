"""Passkeys: made with the password, used alone or after it, at their own place only, and never twice."""

import html
import json
import re
from dataclasses import replace

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.support.authenticator import PRESENT, Authenticator
from tests.unit.accounts.conftest import PASSWORD, House

from vedette.accounts import credentials, origins, service
from vedette.accounts.permissions import Role
from vedette.accounts.types import UserRef
from vedette.core.errors import Invalid

PAGE = "/settings/two-factor/"
PUBLIC = "https://vedette.example.org"


def browser(house: House, who: UserRef | None = None, **how: str) -> Client:
    client = house.client(who, **how)
    client.defaults["HTTP_HOST"] = "localhost:8700"
    return client


def options_in(page: str) -> str:
    found = re.search(r'data-options="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


def register(client: Client, key: Authenticator, name: str = "phone"):
    answer = client.post(f"{PAGE}passkeys/begin/", {"current": PASSWORD})
    assert answer["Location"] == f"{PAGE}passkeys/new/"
    page = client.get(answer["Location"]).content.decode()
    return client.post(f"{PAGE}passkeys/new/", {"name": name, "credential": key.make(options_in(page))})


def challenge(client: Client) -> str:
    answer = client.post("/sign-in/passkey/begin/")
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def sign_in(client: Client, key: Authenticator, following: str = ""):
    proof = key.use(challenge(client))
    return client.post("/sign-in/passkey/", {"credential": proof, "next": following})


def signed_in(client: Client) -> bool:
    return client.get("/settings/sessions/").status_code == 200


@pytest.fixture
def ada(house: House) -> UserRef:
    return house.person("Ada")


@pytest.fixture
def key(house: House, ada: UserRef) -> Authenticator:
    made = Authenticator()
    assert register(browser(house, ada), made).status_code == 302
    return made


def actions(house: House) -> list[str]:
    return [entry.action for entry in service.audit_page(action="passkey").entries]


def test_a_passkey_signs_in_alone(house: House, ada: UserRef, key: Authenticator) -> None:
    client = browser(house)
    assert sign_in(client, key, "/settings/sessions/")["Location"] == "/settings/sessions/"
    assert signed_in(client)
    assert service.passkeys(ada.id)[0].last_used_at is not None
    assert client.get("/sign-in/passkey/").status_code == 302


def test_making_one_is_told_and_audited_and_brings_recovery_codes(house: House, ada: UserRef) -> None:
    client = browser(house, ada)
    answer = register(client, Authenticator(), " blue \n key ")
    assert "Recovery codes" in client.get(answer["Location"]).content.decode()
    assert [p.name for p in service.passkeys(ada.id)] == ["blue key"]
    assert len(service.recovery_codes(ada.id)) == 10
    assert actions(house) == ["passkey.add"]


def test_the_password_alone_is_half_the_way_then(house: House, key: Authenticator) -> None:
    client = browser(house)
    answer = client.post("/sign-in/", {"login": "ada@example.org", "password": PASSWORD})
    assert answer["Location"] == "/sign-in/code/"
    assert not signed_in(client)
    proof = key.use(options_in(client.get("/sign-in/code/").content.decode()))
    assert client.post("/sign-in/code/", {"credential": proof})["Location"] == "/"
    assert signed_in(client)


def test_a_recovery_code_does_without_the_passkey(house: House, ada: UserRef, key: Authenticator) -> None:
    client = browser(house)
    client.post("/sign-in/", {"login": "ada@example.org", "password": PASSWORD})
    code = service.recovery_codes(ada.id)[0]
    assert client.post("/sign-in/code/", {"code": code}).status_code == 302
    assert signed_in(client)


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://sub.localhost:8700"},
        {"cross_origin": True},
        {"flags": PRESENT},
        {"id": b"the id of nobody at all........."},
        {"user": "OTk5"},
        {"user": ""},
    ],
)
def test_what_does_not_fit_signs_nobody_in(house: House, key: Authenticator, lie: dict) -> None:
    client = browser(house)
    answer = sign_in(client, replace(key, **lie))
    assert answer.status_code == 422
    assert "not known here" in answer.content.decode()
    assert not signed_in(client)


def test_another_key_signs_nobody_in(house: House, key: Authenticator) -> None:
    client = browser(house)
    assert sign_in(client, replace(Authenticator(), user=key.user)).status_code == 422
    assert not signed_in(client)


def test_a_proof_counts_once_and_for_its_own_browser(house: House, key: Authenticator) -> None:
    client, other = browser(house), browser(house)
    proof = key.use(challenge(client))
    assert other.post("/sign-in/passkey/", {"credential": proof}).status_code == 422
    assert client.post("/sign-in/passkey/", {"credential": "{}"}).status_code == 422
    right = key.use(challenge(client))
    assert client.post("/sign-in/passkey/", {"credential": right}).status_code == 302
    client.post("/sign-out/")
    assert client.post("/sign-in/passkey/", {"credential": right}).status_code == 422
    assert not signed_in(client)


def test_a_wrong_answer_uses_the_challenge_up(house: House, key: Authenticator) -> None:
    client = browser(house)
    options = challenge(client)
    bent = replace(key, flags=PRESENT).use(options)
    assert client.post("/sign-in/passkey/", {"credential": bent}).status_code == 422
    assert client.post("/sign-in/passkey/", {"credential": key.use(options)}).status_code == 422


def test_tries_are_throttled_by_address(house: House, key: Authenticator) -> None:
    answers = [browser(house).post("/sign-in/passkey/begin/") for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert browser(house, address="198.51.100.1").post("/sign-in/passkey/begin/").status_code == 200
    house.clock.forward(3)
    assert sign_in(browser(house), key).status_code == 302
    assert browser(house).post("/sign-in/passkey/begin/").status_code == 200, "a success forgives"


def test_a_deactivated_person_stays_out(house: House, ada: UserRef, key: Authenticator) -> None:
    owner = service.actor_for(house.person("Olga", Role.OWNER).id)
    service.set_active(owner, ada.id, False, house.clock.now())
    client = browser(house)
    assert sign_in(client, key)["Location"] == "/sign-in/inactive/"
    assert not signed_in(client)


def test_making_one_needs_the_password_of_the_last_minutes(house: House, ada: UserRef) -> None:
    client = browser(house, ada)
    assert client.get(f"{PAGE}passkeys/new/").status_code == 302
    assert client.post(f"{PAGE}passkeys/begin/", {"current": "wrong"}).status_code == 422
    client.post(f"{PAGE}passkeys/begin/", {"current": PASSWORD})
    made = Authenticator().make(options_in(client.get(f"{PAGE}passkeys/new/").content.decode()))
    house.clock.forward(301)
    assert client.post(f"{PAGE}passkeys/new/", {"credential": made}).status_code == 302
    assert service.passkeys(ada.id) == ()


@pytest.mark.parametrize("lie", [{"origin": "https://evil.example"}, {"flags": PRESENT}])
def test_a_passkey_of_another_place_is_not_taken(house: House, ada: UserRef, lie: dict) -> None:
    assert register(browser(house, ada), Authenticator(**lie)).status_code == 422
    assert service.passkeys(ada.id) == ()


def test_renaming_and_removing(house: House, ada: UserRef, key: Authenticator) -> None:
    client, one = browser(house, ada), service.passkeys(ada.id)[0].id
    assert "phone" in client.get(f"{PAGE}passkeys/{one}/").content.decode()
    client.post(f"{PAGE}passkeys/{one}/rename/", {"name": "tablet"})
    assert service.passkeys(ada.id)[0].name == "tablet"
    assert client.post(f"{PAGE}passkeys/{one}/remove/", {"current": "wrong"}).status_code == 422
    assert client.post(f"{PAGE}passkeys/{one}/remove/", {"current": PASSWORD}).status_code == 302
    assert service.second_factor(ada.id).any is False
    assert service.recovery_codes(ada.id) == (), "nothing is left to recover"
    assert actions(house) == ["passkey.remove", "passkey.rename", "passkey.add"]
    assert sign_in(browser(house), key).status_code == 422


def test_nobody_touches_the_passkeys_of_others(house: House, ada: UserRef, key: Authenticator) -> None:
    client, one = browser(house, house.person("Eve")), service.passkeys(ada.id)[0].id
    assert client.get(f"{PAGE}passkeys/{one}/").status_code == 404
    assert client.post(f"{PAGE}passkeys/{one}/rename/", {"name": "mine"}).status_code == 404
    assert client.post(f"{PAGE}passkeys/{one}/remove/", {"current": PASSWORD}).status_code == 404
    assert service.passkeys(ada.id)[0].name == "phone"


def test_a_passkey_fulfils_the_duty_and_the_last_factor_stays(house: House) -> None:
    owner = house.person("Olga", Role.OWNER)
    client = browser(house, owner)
    register(client, Authenticator())
    house.clock.forward(8 * 86_400)
    again = browser(house, owner)
    assert again.get("/settings/users/").status_code == 200
    one = service.passkeys(owner.id)[0].id
    assert again.post(f"{PAGE}passkeys/{one}/remove/", {"current": PASSWORD}).status_code == 403
    house.seed(owner)
    assert service.passkeys(owner.id), "an authenticator takes no passkey away"
    assert again.post(f"{PAGE}passkeys/{one}/remove/", {"current": PASSWORD}).status_code == 302
    assert service.second_factor(owner.id).totp
    assert len(service.recovery_codes(owner.id)) == 10


def test_a_reset_of_the_second_factor_takes_passkeys_too(
    house: House, ada: UserRef, key: Authenticator
) -> None:
    owner = service.actor_for(house.person("Olga", Role.OWNER).id)
    service.reset_second_factor(owner, ada.id, house.clock.now())
    assert not service.second_factor(ada.id).any
    assert sign_in(browser(house), key).status_code == 422


def test_where_passkeys_do_not_work_the_pages_say_why(house: House, ada: UserRef) -> None:
    client = house.client(ada)
    page = client.get(PAGE).content.decode()
    assert "Passkeys need HTTPS" in page
    assert "Add a passkey" not in page
    assert client.post(f"{PAGE}passkeys/begin/", {"current": PASSWORD}).status_code == 409
    outside = house.client()
    assert "Passkeys need HTTPS" in outside.get("/sign-in/").content.decode()
    assert outside.post("/sign-in/passkey/begin/").status_code == 409


@pytest.mark.parametrize(
    ("public", "asked", "available", "words"),
    [
        (PUBLIC, "vedette.example.org", True, ""),
        (f"{PUBLIC}:8443", "VEDETTE.example.org:8443", True, ""),
        ("http://localhost:8700", "localhost:8700", True, ""),
        (PUBLIC, "10.0.0.7:8700", False, f"at {PUBLIC} only"),
        (PUBLIC, "evil.example", False, f"at {PUBLIC} only"),
        ("http://vedette.lan", "vedette.lan", False, "need HTTPS"),
        ("http://localhost:8700", "127.0.0.1:8700", False, "need HTTPS"),
        ("https://10.0.0.7", "10.0.0.7", False, "bare address"),
        ("https://[::1]:8700", "[::1]:8700", False, "bare address"),
        ("", "", False, "need HTTPS"),
    ],
)
def test_where_passkeys_are_offered(public: str, asked: str, available: bool, words: str) -> None:
    found = origins.offer(public, asked)
    assert found.available is available
    assert words in found.reason


@pytest.mark.parametrize(
    ("origin", "fits"),
    [
        (PUBLIC, True),
        (f"{PUBLIC}:8443", True),
        ("http://vedette.example.org", False),
        ("https://a.vedette.example.org", False),
        ("https://vedette.example.org.evil.example", False),
        ("null", False),
    ],
)
def test_origins(origin: str, fits: bool) -> None:
    assert origins.belongs(origin, PUBLIC) is fits


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
JSON = st.recursive(
    LEAVES, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3)
)


@given(JSON.map(json.dumps) | st.text(max_size=200))
def test_garbage_is_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        credentials.parse(text)


@pytest.mark.parametrize("text", ["[" * 16_000, '{"id":' * 2_000, " " * 20_000, '{"x":' + "[" * 10_000])
def test_deep_and_long_answers_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        credentials.parse(text)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("value", ["", "A", "####", "A" * 4_000, None])
def test_broken_parts_are_refused_not_crashes(
    house: House, key: Authenticator, part: str, value: str | None
) -> None:
    client = browser(house)
    proof = json.loads(key.use(challenge(client)))
    proof["response"][part] = value
    if value is None:
        del proof["response"][part]
    assert client.post("/sign-in/passkey/", {"credential": json.dumps(proof)}).status_code == 422
