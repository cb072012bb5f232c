"""A project that a server reads again and again: how it stands, what drifts, what must be true and is not; each told once."""

import pytest
from tests.support.watched_shop import FILES, SAID, Watched

from vedette.accounts.permissions import SYSTEM
from vedette.core.errors import Invalid
from vedette.deploy import service
from vedette.deploy.desired.reading import File, desired
from vedette.deploy.types import Condition, Desired, DriftState, ThingState
from vedette.signals import service as signals
from vedette.signals.types import SignalState
from vedette.wire.infra import Verdict

pytestmark = pytest.mark.django_db(transaction=True)
ANY = ["0.0.0.0/0", "::/0"]


def said() -> Desired:
    return desired([File("infra/shop.toml", SAID)])


def opened_by_hand(shop: Watched, *ports: str) -> None:
    """Change a firewall's rules as somebody does in Hetzner's console."""
    wall = shop.place.thing("firewall", "web")
    told = [{"direction": "in", "protocol": "tcp", "port": port, "source_ips": ANY} for port in ports]
    shop.place.cloud().did("POST", f"/firewalls/{wall.id}/actions/set_rules", {"rules": told})


def told(kind: str) -> list[SignalState]:
    return [each.signal.state for each in signals.after(0, 500) if each.signal.kind == kind]


def test_what_is_as_the_files_say_is_good(shop: Watched) -> None:
    shop.place.apply(said())
    shop.connect()
    assert shop.standing().condition is Condition.UNKNOWN
    shop.look()
    found = shop.standing()
    assert (found.condition, found.drifts) == (Condition.GOOD, ())
    assert found.sentence == "4 things are as the files say, and all 2 things that must be true are."
    assert {one.verdict for one in found.intents} == {Verdict.HOLDS}
    assert found.counts == {ThingState.RIGHT: 4}
    assert found.picture.startswith("<svg")
    assert "style=" not in found.picture
    assert float(found.monthly) > 0


def test_a_port_that_is_opened_by_hand_is_seen_told_once_and_over_when_it_is_gone(shop: Watched) -> None:
    shop.place.apply(said())
    shop.connect()
    shop.look()
    shop.place.clock.forward(300)
    opened_by_hand(shop, "443", "22", "5432")
    shop.look()
    shop.look()
    (drift,) = service.drifts(service.project("shop").id)
    assert str(drift.ref) == "firewall web"
    assert drift.command.startswith("set_firewall_rules")
    assert any("5432" in line.after for line in drift.lines)
    found = shop.standing()
    assert found.condition is Condition.DRIFTED
    assert 'class="node server' in found.picture
    assert told("infra.drift") == [SignalState.FIRING]
    shop.place.apply(said())
    shop.look()
    assert told("infra.drift") == [SignalState.FIRING, SignalState.RESOLVED]
    (over,) = service.past_drifts(found.project.id, "", 10).items
    assert over.state is DriftState.GONE
    assert shop.standing().condition is Condition.GOOD


def test_an_intent_that_breaks_is_told_and_so_is_that_it_holds_again(shop: Watched) -> None:
    shop.place.apply(said())
    shop.connect()
    shop.look()
    opened_by_hand(shop, "443")
    shop.look()
    found = shop.standing()
    assert found.condition is Condition.BROKEN
    assert "admin reaches web:22" in found.sentence
    assert told("infra.intent") == [SignalState.FIRING]
    shop.place.apply(said())
    shop.look()
    assert told("infra.intent") == [SignalState.FIRING, SignalState.RESOLVED]


def test_what_files_say_and_nobody_applied_is_pending_and_not_drift(shop: Watched) -> None:
    shop.connect()
    shop.look()
    found = shop.standing()
    assert found.condition is not Condition.GOOD
    assert found.counts == {ThingState.MISSING: 4}
    assert not found.drifts
    assert found.planned is not None
    assert len(found.planned.changes) == 4


def test_files_that_are_wrong_change_nothing_and_are_told_by_line(shop: Watched) -> None:
    made = shop.connect()
    with pytest.raises(Invalid) as caught:
        service.say(SYSTEM, made.id, {"infra/shop.toml": SAID.replace("cx23", "cx2e")}, shop.now)
    assert set(caught.value.fields) == {"infra/shop.toml:10", "infra/shop.toml:15"}
    assert service.project("shop").files == FILES
