"""What hosts decide becomes one ban a target: the longest, by all hosts together, and never of who is sheltered."""

import pytest
from tests.support.intruders import ATTACKER, decision, detection
from tests.support.rooms import NOW

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.core.clock import ManualClock
from vedette.core.errors import Forbidden, Invalid, NotFound
from vedette.intrusions import service
from vedette.intrusions.service import Judges
from vedette.intrusions.store import bans
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals
from vedette.wire.agent.types import Decision, Detection, Lifted, Orders, Scope

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400.0


def tell(
    judges: Judges, *reports: Detection | Decision | Lifted, host: str = "web1", now: float = NOW
) -> None:
    with transaction():
        judges.accept(host, reports, now)


def put(orders: Orders | None) -> dict[str, float]:
    return {} if orders is None else {one.value: one.until for one in orders.put}


def test_a_ban_of_one_host_is_ordered_of_all_once(judges: Judges) -> None:
    first = judges.orders("db1", "")
    assert first is not None
    assert first.whole
    assert not first.put
    tell(judges, detection(NOW - 5), decision(NOW - 5))
    orders = judges.orders("db1", first.revision)
    assert orders is not None
    assert not orders.whole
    [ban] = orders.put
    assert (ban.value, ban.until, ban.origin, ban.rule) == (ATTACKER, NOW + 595, "web1", "ssh-bruteforce")
    assert judges.orders("db1", orders.revision) is None
    tell(judges, detection(NOW - 5), decision(NOW - 5))
    assert judges.orders("db1", orders.revision) is None, "what comes again changes nothing"
    assert put(judges.orders("db1", "another.1/x")) == {ATTACKER: NOW + 595}, (
        "who knows nothing is told everything"
    )


def test_the_longest_wins_and_its_end_is_not_told(judges: Judges, clock: ManualClock) -> None:
    tell(judges, decision(NOW, lasts=600))
    tell(judges, decision(NOW, lasts=4000, id="longer", origin="web2"), host="web2")
    tell(judges, decision(NOW, lasts=900, id="shorter", origin="web3"), host="web3")
    orders = judges.orders("a", "")
    assert orders is not None
    assert put(orders) == {ATTACKER: NOW + 4000}
    assert orders.put[0].origin == "web2"
    clock.forward(4001)
    service.refresh(clock.now())
    assert put(judges.orders("a", "")) == {}
    assert judges.orders("a", orders.revision) is None


def test_repetition_over_hosts_lasts_longer_and_is_forgotten_in_quiet_weeks(
    judges: Judges, clock: ManualClock
) -> None:
    at = NOW
    lasted = []
    for n, host in enumerate(("web1", "web2", "web3", "web1")):
        clock.forward(at - clock.now())
        tell(judges, decision(at, id=str(n), origin=host), host=host, now=at)
        until = put(judges.orders("a", ""))[ATTACKER]
        lasted.append(until - at)
        at = until + 60
    assert lasted == [600, 2400, 9600, 38_400]
    at += 5 * 7 * DAY
    clock.forward(at - clock.now())
    tell(judges, decision(at, id="late"), now=at)
    assert put(judges.orders("a", "")) == {ATTACKER: at + 600}


def test_hosts_that_see_the_same_wave_make_it_no_repetition(judges: Judges) -> None:
    for n in range(5):
        tell(judges, decision(NOW + n, id=str(n)), host=f"web{n}", now=NOW + n)
    assert put(judges.orders("a", "")) == {ATTACKER: NOW + 604}


def test_simulated_decisions_order_nothing_and_are_kept(judges: Judges) -> None:
    tell(judges, detection(NOW, simulated=True), decision(NOW, simulated=True))
    assert put(judges.orders("a", "")) == {}
    [one] = service.simulated(NOW, DAY)
    assert one.target.value == ATTACKER
    [who] = service.attackers(NOW + 1)
    assert who.simulated
    assert who.ban is None


def test_an_unban_stays_until_lines_are_later(judges: Judges, clock: ManualClock) -> None:
    tell(judges, detection(NOW), decision(NOW))
    known = judges.orders("a", "")
    assert known is not None
    clock.forward(60)
    assert service.unban(SYSTEM, ATTACKER, "a customer", NOW + 60) == (ATTACKER,)
    orders = judges.orders("a", known.revision)
    assert orders is not None
    assert orders.drop == (f"address:{ATTACKER}",)
    assert not orders.put
    old = detection(NOW + 70, id="old", first_at=NOW + 10)
    tell(judges, old, decision(NOW + 70, id="b2", detection="old"), now=NOW + 70)
    orders = judges.orders("a", orders.revision)
    assert orders is not None
    assert put(orders) == {}
    assert orders.drop, "its host is told to lift it, too"
    new = detection(NOW + 200, id="new", first_at=NOW + 100)
    tell(judges, new, decision(NOW + 200, id="b3", detection="new"), now=NOW + 200)
    assert put(judges.orders("a", orders.revision)) == {ATTACKER: NOW + 800}


@pytest.mark.parametrize(
    ("value", "why"),
    [("10.1.2.3", "private"), ("198.51.100.250", "never_ban"), ("203.0.113.9", "signed in"), ("192.0.2.4", "allowlist")],
)  # fmt: skip
def test_who_is_sheltered_is_never_banned_by_anybody(judges: Judges, value: str, why: str) -> None:
    member = accounts.create_user(SYSTEM, "Ann", "a@b.example", "correct horse battery", Role.ADMIN, NOW)
    accounts.open_session(member.id, "203.0.113.9", "Firefox", NOW - 600)
    service.allow(SYSTEM, "192.0.2.0/24", "the office", NOW)
    known = judges.orders("a", "")
    assert known is not None
    tell(judges, decision(NOW, value))
    orders = judges.orders("a", known.revision)
    assert orders is not None
    assert put(orders) == {}
    assert orders.drop == (f"address:{value}",)
    with pytest.raises(Invalid, match=why):
        service.ban(SYSTEM, value, NOW + 60, "", NOW)


def test_the_allowlist_lifts_live_bans_and_its_end_brings_none_back(judges: Judges) -> None:
    tell(judges, decision(NOW))
    known = judges.orders("a", "")
    assert known is not None
    assert service.allow(SYSTEM, "198.51.100.0/24", "partner", NOW + 1) == ("198.51.100.0/24", (ATTACKER,))
    orders = judges.orders("a", known.revision)
    assert orders is not None
    assert orders.drop == (f"address:{ATTACKER}",)
    assert orders.allow == ("198.51.100.0/24",)
    service.disallow(SYSTEM, "198.51.100.0/24", NOW + 2)
    after = judges.orders("a", orders.revision)
    assert after is not None
    assert after.allow == ()
    assert put(after) == {}
    with pytest.raises(NotFound, match="not on the allowlist"):
        service.disallow(SYSTEM, "198.51.100.0/24", NOW + 3)


def test_whoever_signs_in_is_banned_no_longer(judges: Judges) -> None:
    tell(judges, decision(NOW))
    member = accounts.create_user(SYSTEM, "Ann", "a@b.example", "correct horse battery", Role.ADMIN, NOW)
    accounts.open_session(member.id, ATTACKER, "Firefox", NOW)
    known = judges.orders("a", "")
    assert known is not None
    service.look(NOW + 5, judges._knows)
    orders = judges.orders("a", known.revision)
    assert orders is not None
    assert orders.drop == (f"address:{ATTACKER}",)
    assert ATTACKER in orders.never


def test_a_person_bans_and_unbans_with_an_entry_each(judges: Judges) -> None:
    ban = service.ban(SYSTEM, "2001:db8:1:2::5", NOW + 3600, "spam\x1b[2J", NOW)
    assert (ban.target.value, ban.reason, ban.origin) == ("2001:db8:1:2::/64", "spam[2J", "person:vedette")
    assert service.unban(SYSTEM, "2001:db8:1::/48", "", NOW + 1) == ("2001:db8:1:2::/64",)
    actions = [(one.action, one.subject) for one in accounts.audit_page().entries]
    assert actions[:2] == [("ban.remove", "2001:db8:1::/48"), ("ban.add", "2001:db8:1:2::/64")]
    for value, until in (("0.0.0.0/4", NOW + 60), ("x", NOW + 60), (ATTACKER, NOW - 1)):
        with pytest.raises(Invalid):
            service.ban(SYSTEM, value, until, "", NOW)
    viewer = Actor(kind=ActorKind.USER, id=9, name="v", role=Role.VIEWER)
    with pytest.raises(Forbidden):
        service.ban(viewer, ATTACKER, NOW + 60, "", NOW)


def test_a_host_lifts_its_own_decision_alone(judges: Judges) -> None:
    tell(judges, decision(NOW))
    tell(judges, decision(NOW, id="x", lasts=300), host="web2")
    lifted = Lifted(at=NOW + 1, scope=Scope.ADDRESS, value=ATTACKER, reason="bob unbanned it")
    tell(judges, lifted, host="web1", now=NOW + 1)
    assert put(judges.orders("a", "")) == {ATTACKER: NOW + 300}
    tell(judges, lifted, host="web2", now=NOW + 2)
    assert put(judges.orders("a", "")) == {}


@pytest.mark.parametrize("value", ["0.0.0.0/4", "nobody", "", "::/8"])
def test_what_no_one_means_is_left_out(judges: Judges, value: str) -> None:
    tell(judges, decision(NOW, value))
    assert put(judges.orders("a", "")) == {}


def test_a_clock_that_is_ahead_bans_nobody_for_years(judges: Judges) -> None:
    tell(judges, decision(NOW + 5000, lasts=1e12))
    [until] = put(judges.orders("a", "")).values()
    assert until <= NOW + 401 * DAY


def test_what_deserves_a_human_is_told(judges: Judges) -> None:
    member = accounts.create_user(SYSTEM, "Ann", "a@b.example", "correct horse battery", Role.ADMIN, NOW)
    accounts.open_session(member.id, ATTACKER, "Firefox", NOW - 2 * DAY)

    class Knowing:
        def people(self, address: str, now: float) -> tuple[str, ...]:
            return ("Ann",) if address == ATTACKER and now else ()

        def set_of(self, rule: str) -> str:
            return rule.partition("-")[0]

        def modes_of(self, host: str) -> dict[str, str]:
            return {"ssh": "enforce"} if host == "web1" else {}

    judges._knows = Knowing()
    tell(judges, detection(NOW, rule="ssh-success-after-failures", user="root"), decision(NOW))
    many = [decision(NOW, f"192.0.2.{n}", id=f"m{n}") for n in range(60)]
    tell(judges, *many, detection(NOW, id="quiet", simulated=True))
    service.look(NOW + 1, judges._knows)
    tell(judges, detection(NOW + 500, id="quiet2", simulated=True), now=NOW + 500)
    service.look(NOW + 501, judges._knows)
    service.look(NOW + 605, judges._knows)
    told = [(one.signal.kind, one.signal.state.value) for one in signals.after(0, 100)]
    assert told == [
        ("intrusions.user-banned", "firing"), ("intrusions.success", "info"), ("intrusions.wave", "firing"),
        ("intrusions.user-banned", "resolved"), ("intrusions.wave", "resolved"), ("intrusions.not-enforced", "firing"),
    ]  # fmt: skip
    moments = signals.moments(0, NOW + 1000)
    assert sum(one.kind == "intrusions.ban" for one in moments) == 1 + 21


def test_what_is_old_goes_and_who_knew_it_is_told_everything(judges: Judges, house: MemoryPorts) -> None:
    assert house
    tell(judges, decision(NOW))
    known = judges.orders("a", "")
    assert known is not None
    service.unban(SYSTEM, ATTACKER, "", NOW + 1)
    tell(judges, decision(NOW + 2, "192.0.2.9", lasts=100 * DAY), now=NOW + 2)
    assert service.drop_old(NOW + 20 * DAY) >= 1
    service.refresh(NOW + 20 * DAY)
    orders = judges.orders("a", known.revision)
    assert orders is not None
    assert orders.whole
    assert [one.value for one in orders.put] == ["192.0.2.9"]
    assert bans.count(NOW + 20 * DAY) == 1
