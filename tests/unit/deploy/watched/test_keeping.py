"""What people do with projects is in the audit log and the story; what is forgotten leaves nothing behind that goes on."""

import pytest
from tests.support.watched_shop import FILES, READS, SAID, Watched

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound
from vedette.deploy import service
from vedette.deploy.desired.reading import File, desired
from vedette.deploy.store import hosts
from vedette.deploy.types import Deed, HardenedHost
from vedette.signals import service as signals
from vedette.signals.types import SignalState

pytestmark = pytest.mark.django_db(transaction=True)
MEMBER = Actor(kind=ActorKind.USER, id=3, name="mia", role=Role.MEMBER)
ANY = ["0.0.0.0/0", "::/0"]


def going_on() -> set[tuple[str, str]]:
    """Return what people were told of and is not over."""
    last = {(one.signal.kind, one.signal.subject): one.signal.state for one in signals.after(0, 500)}
    return {key for key, state in last.items() if state is SignalState.FIRING}


def troubled(shop: Watched) -> int:
    """Have a project that drifted, with an intent that is broken and an apply that failed."""
    shop.place.apply(desired([File("infra/shop.toml", SAID)]))
    number = shop.connect(READS).id
    shop.look()
    wall = shop.place.thing("firewall", "web")
    told = [{"direction": "in", "protocol": "tcp", "port": "443", "source_ips": ANY}]
    shop.place.cloud().did("POST", f"/firewalls/{wall.id}/actions/set_rules", {"rules": told})
    shop.look()
    shop.ask(Deed.REVERT)
    shop.work()
    return number


def test_every_act_is_in_the_log_and_in_the_story(shop: Watched) -> None:
    number = troubled(shop)
    service.forget(SYSTEM, number, "shop", shop.now)
    acts = [entry.action for entry in reversed(accounts.audit_page(action="infra.").entries)]
    assert acts == ["infra.connect", "infra.say", "infra.revert", "infra.forget"]
    assert READS not in str(accounts.audit_page().entries)
    story = [one.kind for one in signals.moments(0, shop.now + 1, n=100)]
    assert {
        "infra.connect",
        "infra.say",
        "infra.drift",
        "infra.intent",
        "infra.revert",
        "infra.forget",
    } <= set(story)


def test_what_is_forgotten_goes_on_no_more(shop: Watched) -> None:
    number = troubled(shop)
    assert {kind for kind, _ in going_on()} == {"infra.drift", "infra.intent", "infra.apply"}
    with pytest.raises(Invalid):
        service.forget(SYSTEM, number, "ship", shop.now)
    service.forget(SYSTEM, number, "shop", shop.now)
    assert going_on() == set()
    with pytest.raises(NotFound):
        service.project("shop")
    assert service.runs().items == []


def test_where_nobody_says_any_more_what_should_be_nothing_drifts(shop: Watched) -> None:
    from vedette.deploy import keeping

    number = troubled(shop)
    keeping.unfile(SYSTEM, number, shop.now)
    shop.look()
    assert service.drifts(number) == ()
    assert {kind for kind, _ in going_on()} == {"infra.apply"}
    assert "Nobody says what should be" in shop.standing().sentence


def test_members_look_and_administrators_change(shop: Watched) -> None:
    number = shop.connect().id
    service.look_soon(MEMBER, number, shop.now)
    for act in (
        lambda: service.connect(MEMBER, "other", READS, shop.place.endpoint, shop.now),
        lambda: service.renew_token(MEMBER, number, READS, shop.now),
        lambda: service.say(MEMBER, number, FILES, shop.now),
        lambda: service.forget(MEMBER, number, "shop", shop.now),
        lambda: service.ask(MEMBER, number, Deed.APPLY, (), shop.now),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_project_is_watched_once_and_has_a_name_that_marks_things(shop: Watched) -> None:
    shop.connect()
    with pytest.raises(Conflict, match="watched already"):
        shop.connect()
    for name in ("Shop", "größe", "-a", "a" * 64, "", "a b"):
        with pytest.raises(Invalid) as caught:
            service.connect(SYSTEM, name, READS, shop.place.endpoint, shop.now)
        assert set(caught.value.fields) == {"name"}


def test_files_of_another_project_or_with_odd_names_are_refused(shop: Watched) -> None:
    number = shop.connect().id
    for files, said in (
        ({"infra/shop.toml": SAID.replace('"shop"', '"other"')}, "of the project other"),
        ({"../shop.toml": SAID}, "no name of a file"),
        ({"infra/shop.toml": "x" * 1_000_001}, "At most"),
        ({}, "No file says infrastructure"),
    ):
        with pytest.raises(Invalid, match=said):
            service.say(SYSTEM, number, files, shop.now)
    assert service.project("shop").files == FILES


def test_what_is_kept_long_enough_goes_and_what_goes_on_stays(shop: Watched) -> None:
    number = troubled(shop)
    hosts.put(HardenedHost(host=999, profile="cis-l1"))
    assert service.drop_old(shop.now) == 1
    assert hosts.every() == []
    assert service.drop_old(shop.now + 401 * 86_400) == 1  # the run; what drifts still is kept
    assert len(service.drifts(number)) == 1
