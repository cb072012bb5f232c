"""Signing in by an OpenID provider: a real one over HTTP, and every way it can be wrong."""

import dataclasses
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.support.oidc_provider import CLIENT, SECRET, Provider, Signer
from tests.unit.accounts.conftest import House

from vedette.accounts import claims, service
from vedette.accounts.claims import Claims, Expected, judge
from vedette.accounts.permissions import Role
from vedette.core.errors import Invalid
from vedette.core.settings import Settings
from vedette.plumbing import jose
from vedette.plumbing import ports as installed
from vedette.plumbing.net.client import NetClient


@pytest.fixture
def provider(house: House) -> Iterator[Provider]:
    made = Provider(house.clock.now)
    configure(house, made)
    yield made
    made.close()


def configure(house: House, provider: Provider, *, allow_private: bool = True, **how: object) -> None:
    settings = Settings(
        oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_name="Team login", **how
    )  # type: ignore[arg-type]  # fmt: skip
    net = NetClient(allow_private=allow_private)
    installed.install(dataclasses.replace(house.ports, settings=settings, net=net))


def went(client: Client, provider: Provider, following: str = ""):
    """Walk from the sign-in page to the provider and back; return the answer to the way back."""
    return client.get(way_back(client, provider, following))


def way_back(client: Client, provider: Provider, following: str = "") -> str:
    begun = client.get("/sign-in/oidc/", {"next": following})
    assert begun.status_code == 302, begun.content
    found = urlsplit(provider.sign_in(begun["Location"]))
    assert f"{found.scheme}://{found.netloc}{found.path}" == "http://localhost:8700/sign-in/oidc/back/"
    return f"{found.path}?{found.query}"


def signed_in(client: Client) -> bool:
    return client.get("/settings/sessions/").status_code == 200


def refused(client: Client, provider: Provider, words: str, status: int = 422) -> None:
    answer = went(client, provider)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "Sign in" in answer.content.decode()
    assert not signed_in(client)


def test_a_verified_address_finds_its_account(house: House, provider: Provider) -> None:
    ada = house.person("Ada")
    client = house.client()
    assert "Sign in with Team login" in client.get("/sign-in/").content.decode()
    assert went(client, provider, "/settings/sessions/")["Location"] == "/settings/sessions/"
    assert signed_in(client)
    assert [e.subject for e in service.audit_page(action="identity.link").entries] == ["ada@example.org"]
    provider.claims["email"] = "ada.new@example.org"
    again = house.client()
    assert went(again, provider).status_code == 302
    assert signed_in(again), "the provider's own id for her counts from now on"
    assert set(service.user_refs()) == {ada.id}


def test_next_never_leads_away(house: House, provider: Provider) -> None:
    house.person("Ada")
    assert went(house.client(), provider, "https://evil.example/")["Location"] == "/"


def test_a_second_factor_is_asked_for(house: House, provider: Provider) -> None:
    house.seed(house.person("Ada"))
    client = house.client()
    assert went(client, provider)["Location"] == "/sign-in/code/"
    assert not signed_in(client)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"aud": "another"}, "another application"),
        ({"aud": [CLIENT, "another"]}, "another application"),
        ({"nonce": "another"}, "another sign-in"),
        ({"nonce": ""}, "another sign-in"),
        ({"email_verified": False}, "has not verified"),
        ({"email_verified": "false"}, "has not verified"),
        ({"email": ""}, "told no e-mail"),
        ({"sub": ""}, "names nobody"),
        ({"exp": "soon"}, "cannot be read"),
        ({"email": "eve@example.org"}, "ask an administrator for an invitation"),
    ],
)
def test_what_does_not_fit_signs_nobody_in(
    house: House, provider: Provider, change: dict, words: str
) -> None:
    house.person("Ada")
    provider.change = change
    refused(house.client(), provider, words)


@pytest.mark.parametrize(
    ("iat", "exp", "words"),
    [(-600, -61, "has expired"), (61.5, 300, "from the future"), (-600, -58, ""), (58, 300, "")],
)
def test_clocks_may_differ_by_a_minute(
    house: House, provider: Provider, iat: float, exp: float, words: str
) -> None:
    house.person("Ada")
    now = house.clock.now()
    provider.change = {"iat": now + iat, "exp": now + exp}
    if words:
        refused(house.client(), provider, words)
    else:
        assert went(house.client(), provider).status_code == 302


def test_an_answer_counts_once_and_in_its_own_browser(house: House, provider: Provider) -> None:
    house.person("Ada")
    client, thief = house.client(), house.client()
    back = way_back(client, provider)
    assert thief.get(back).status_code == 422
    assert client.get(back.replace("state=", "state=x")).status_code == 422
    assert client.get(back).status_code == 422, "a wrong answer uses the sign-in up"
    back = way_back(client, provider)
    assert client.get(back).status_code == 302
    client.post("/sign-out/")
    answer = client.get(back)
    assert answer.status_code == 422
    assert "used already" in answer.content.decode()
    assert not signed_in(client)


def test_a_sign_in_lives_ten_minutes(house: House, provider: Provider) -> None:
    house.person("Ada")
    client = house.client()
    back = way_back(client, provider)
    house.clock.forward(601)
    assert client.get(back).status_code == 422
    assert not signed_in(client)


def test_domains_and_new_accounts(house: House, provider: Provider) -> None:
    configure(
        house, provider, oidc_domains="example.org, example.net", oidc_new_users=True, oidc_role="member"
    )
    provider.claims = {"sub": "8", "email": "Eve@evil.example", "email_verified": True}
    refused(house.client(), provider, "domain may not come here")
    provider.claims = {"sub": "9", "email": "Lena@Example.NET", "email_verified": True, "name": "Lena Falk"}
    client = house.client()
    assert went(client, provider).status_code == 302
    assert signed_in(client)
    (made,) = service.user_refs().values()
    assert (made.name, made.email, made.role) == ("Lena Falk", "lena@example.net", Role.MEMBER)
    page = client.post("/settings/two-factor/begin/", {"current": "anything at all"})
    assert "no password here yet" in page.content.decode()
    assert house.client().post("/sign-in/", {"login": made.email, "password": ""}).status_code == 422


def test_a_deactivated_person_stays_out(house: House, provider: Provider) -> None:
    owner, ada = service.actor_for(house.person("Olga", Role.OWNER).id), house.person("Ada")
    service.set_active(owner, ada.id, False, house.clock.now())
    client = house.client()
    assert went(client, provider)["Location"] == "/sign-in/inactive/"
    assert not signed_in(client)


@pytest.mark.parametrize("kind", ["RS256", "ES256"])
def test_keys_may_be_rotated(house: House, provider: Provider, kind: str) -> None:
    house.person("Ada")
    assert went(house.client(), provider).status_code == 302
    before, provider.signer = provider.signer, Signer("second", kind)
    refused(house.client(), provider, "no key of the provider")
    provider.published = [before.public, provider.signer.public]
    assert went(house.client(), provider).status_code == 302


def test_tokens_that_are_not_signed_are_refused(house: House, provider: Provider) -> None:
    house.person("Ada")
    stranger = Signer("first")
    for forged in (
        stranger.token,
        lambda told: provider.signer.token(told, alg="none"),
        lambda told: provider.signer.token(told, alg="HS256"),
        lambda told: provider.signer.token(told, crit=["b64"]),
        lambda told: provider.signer.token(told).rpartition(".")[0] + ".",
        lambda _: "not a token",
    ):
        provider.token = forged
        refused(house.client(address="198.51.100.3"), provider, "cannot be trusted")
        house.clock.forward(600)


def test_an_error_of_the_provider_is_said(house: House, provider: Provider) -> None:
    client = house.client()
    way_back(client, provider)
    answer = client.get("/sign-in/oidc/back/?error=access_denied&error_description=<script>")
    assert answer.status_code == 422
    assert "did not sign you in" in answer.content.decode()
    assert "script>" not in answer.content.decode().partition("<main")[2]


def test_a_provider_that_cannot_be_asked_is_said(house: House, provider: Provider) -> None:
    configure(house, provider, allow_private=False)
    house.clock.forward(601)
    answer = house.client().get("/sign-in/oidc/")
    assert answer.status_code == 503
    assert "cannot be asked" in answer.content.decode()
    assert provider.asked == [], "the address policy holds"
    provider.discovery = {"issuer": "https://evil.example"}
    configure(house, provider)
    assert house.client().get("/sign-in/oidc/").status_code == 503


def test_tries_are_throttled(house: House, provider: Provider) -> None:
    answers = [house.client().get("/sign-in/oidc/").status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert provider.asked.count("/.well-known/openid-configuration") == 1


def test_without_a_provider_there_is_no_way(house: House) -> None:
    client = house.client()
    assert "Sign in with" not in client.get("/sign-in/").content.decode().replace(
        "Sign in with a passkey", ""
    )
    assert client.get("/sign-in/oidc/").status_code == 404
    assert client.get("/sign-in/oidc/back/?state=x&code=y").status_code == 422


GOOD = Claims("i", "s", "c", exp=100.0, iat=0.0, nbf=-1e9, nonce="n", email="a@b.org", email_verified=True)
EXPECTED = Expected("i", "c", "n", frozenset())


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_token_counts_within_its_time_only(iat: float, exp: float, now: float) -> None:
    from msgspec.structs import replace

    found = judge(replace(GOOD, iat=iat, exp=exp), EXPECTED, now)
    assert found.accepted == (now < exp + claims.SKEW and iat <= now + claims.SKEW)


@given(st.text(max_size=300) | st.lists(st.text(max_size=40), min_size=3, max_size=3).map(".".join))
def test_garbage_is_no_token(text: str) -> None:
    with pytest.raises(Invalid):
        jose.verified(text, jose.KeySet())


def test_a_short_key_signs_nothing() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    signer = Signer("weak")
    signer.rsa = rsa.generate_private_key(65_537, 1_024)  # noqa: S505 - the weakness is the point
    keys = jose.KeySet((jose.Key(**signer.public),))
    with pytest.raises(Invalid, match="no key"):
        jose.verified(signer.token({}), keys)
