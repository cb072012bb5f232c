"""Links that let somebody in: their secrets are not logged, and addresses behind proxies are told right."""

import pytest
from tests.unit.accounts.conftest import PASSWORD, House

from vedette.accounts import service
from vedette.accounts.permissions import Role
from vedette.app.middleware import safe_path
from vedette.core.settings import Settings
from vedette.plumbing import ports as installed
from vedette.plumbing.testing import memory_ports

SECRET = "hT4cO4x3m2hPq0cS8lXb2tWzNq9yJr5uVfEkAa1Bd3g"


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (f"/invitation/{SECRET}/", "/invitation/••••/"),
        (f"/invitation/{SECRET}", "/invitation/••••"),
        (f"/setup/{SECRET}/", "/setup/••••/"),
        ("/setup/two-factor/", "/setup/two-factor/"),
        (f"/password/reset/key/1-d2k8qa-{SECRET[:32]}/", "/password/reset/key/••••/"),
        (
            "/issues/SHOP-1/events/9f31c2e89f31c2e89f31c2e89f31c2e8/",
            "/issues/SHOP-1/events/9f31c2e89f31c2e89f31c2e89f31c2e8/",
        ),
    ],
)
def test_secrets_of_links_are_not_logged(path: str, logged: str) -> None:
    assert safe_path(path) == logged


def test_an_invitation_leaves_no_secret_in_the_log(house: House, capsys) -> None:
    owner = service.actor_for(house.person("Olga", Role.OWNER).id)
    link = service.invite(owner, "eva@example.org", Role.MEMBER, house.clock.now()).link
    secret = link.split("/")[-2]
    house.client().get(f"/invitation/{secret}/")
    house.client().get(f"/invitation/{secret}")
    printed = capsys.readouterr()
    assert "/invitation/" in printed.out + printed.err
    assert secret not in printed.out + printed.err


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, "198.51.100.1", "203.0.113.7"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "10.1.1.1, 198.51.100.1", "198.51.100.1"),
        (2, "10.1.1.1, 198.51.100.1", "10.1.1.1"),
        (1, "not an address", "203.0.113.7"),
    ],
)
def test_the_audit_log_names_the_client_behind_trusted_proxies(
    house: House, trusted: int, forwarded: str, address: str
) -> None:
    installed.install(memory_ports(house.clock, Settings(trusted_proxies=trusted)))
    house.person("Ada")
    house.client().post(
        "/sign-in/", {"login": "ada@example.org", "password": PASSWORD}, HTTP_X_FORWARDED_FOR=forwarded
    )
    assert service.audit_page(action="session.open").entries[0].address == address
