import itertools
import re
from collections.abc import Mapping, Sequence

import pytest
from tests.support.deploying import READS, Place
from tests.support.hetzner_shop import (
    balancer,
    certificate,
    firewall,
    key,
    network,
    rule,
    server,
    shop,
    volume,
)

from vedette.core.errors import Conflict, VedetteError
from vedette.deploy import offline
from vedette.deploy.desired.reading import File, desired
from vedette.deploy.journal import opened
from vedette.deploy.types import Act, Applied, Desired
from vedette.instruments.hetzner.fake.faults import Fault, Harm
from vedette.instruments.hetzner.registry import all_adapters
from vedette.instruments.hetzner.types import CloudError, Names
from vedette.wire.infra import Ref, Thing

OFFICE = ["203.0.113.0/24"]


def of(*things: Thing) -> Desired:
    return Desired(project="shop", things=things)


def good(applied: Applied) -> Applied:
    assert not applied.problems, [each.problem for each in applied.problems]
    assert not applied.left
    return applied


def problem(applied: Applied) -> str:
    assert len(applied.problems) == 1, applied
    return applied.problems[0].problem


def place_of(calls: Sequence[str], pattern: str, *, last: bool = False) -> int:
    found = [number for number, path in enumerate(calls) if re.fullmatch(pattern, path)]
    assert found, (pattern, calls)
    return found[-1 if last else 0]


def test_a_whole_shop_is_made_then_nothing_is_to_do_and_then_it_goes(cloud: Place) -> None:
    good(cloud.apply(shop()))
    again = cloud.plan(shop())
    assert again.changes == (), offline.text(again)
    assert again.requests <= 20
    good(cloud.apply(shop(), destroy=True, unprotect=True))
    assert cloud.live().things == ()


def test_a_whole_shop_imported_is_a_file_that_changes_nothing(cloud: Place) -> None:
    good(cloud.apply(shop()))
    found = offline.imported(cloud.cloud(), "shop", 0.0)
    again = cloud.plan(desired([File("infra/shop.toml", found.text)]))
    assert again.changes == (), offline.text(again)


def test_a_server_boots_only_behind_its_firewalls(cloud: Place) -> None:
    good(cloud.apply(of(network(), key(), firewall("web", "role=web", rule("443")), server("web-1", "web"))))
    made = next(
        each for each in cloud.fake.asked if each.call.path == "/servers" and each.call.method == "POST"
    )
    assert b'"start_after_create":false' in made.call.body.replace(b" ", b"")
    calls = cloud.calls()
    assert place_of(calls, "/firewalls") < place_of(calls, r"/servers/\d+/actions/poweron")
    assert cloud.thing("server", "web-1").fields["status"] == "running"


class _Late:
    """Implements `Asks`: a server on which no firewall ever comes."""

    def __init__(self) -> None:
        self.ordered: list[str] = []
        self.waited = 0.0

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Mapping[str, object]:
        return {
            "server": {
                "id": 7,
                "status": "off",
                "public_net": {"firewalls": [{"id": 1, "status": "pending"}]},
            }
        }

    def pages(
        self, path: str, key: str, params: Mapping[str, object] | None = None
    ) -> list[Mapping[str, object]]:
        return []

    def did(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Mapping[str, object]:
        self.ordered.append(path)
        return {}

    def pause(self, seconds: float) -> None:
        self.waited += seconds


def test_a_server_whose_firewall_never_comes_stays_off() -> None:
    late, names = _Late(), Names("shop")
    names.know("firewall", "web", 1)
    web = server("web-1", "web", guards=["web"])
    with pytest.raises(
        CloudError, match="firewall web did not come onto the server in 60 seconds; the server stays off"
    ):
        all_adapters()["server"].finish(late, 7, web, names)
    assert late.ordered == []
    assert late.waited == 59.0


def test_a_rule_that_hetzner_says_is_gone_and_is_not_fails_the_apply(cloud: Place) -> None:
    good(cloud.apply(of(firewall("web", "", rule("443"), rule("8080")))))
    cloud.fake.script.add(Fault(harm=Harm.INEFFECTIVE, path="/firewalls/*/actions/set_rules"))
    told = problem(cloud.apply(of(firewall("web", "", rule("443")))))
    assert "yet it still has rules: in tcp/8080 from any" in told
    good(cloud.apply(of(firewall("web", "", rule("443")))))


def test_a_server_made_anew_keeps_its_addresses_and_its_volume(cloud: Place) -> None:
    front = balancer(services=[], network="main", targets=[{"type": "server", "of": "db", "private": True}])
    things = (
        network(),
        key(),
        firewall("db", "role=db", rule("22", peers=OFFICE)),
        volume(protect=False),
        front,
    )
    good(cloud.apply(of(*things, server("db", "db"))))
    before, disk = cloud.thing("server", "db"), cloud.thing("volume", "db-data")
    good(cloud.apply(of(*things, server("db", "db", image="ubuntu-24.04"))))
    after = cloud.thing("server", "db")
    assert after.id != before.id
    assert {key: after.fields[key] for key in ("ipv4", "ipv6", "networks")} == {
        key: before.fields[key] for key in ("ipv4", "ipv6", "networks")
    }
    assert cloud.thing("volume", "db-data").id == disk.id
    assert cloud.plan(of(*things, server("db", "db", image="ubuntu-24.04"))).changes == ()
    assert all(each.kind != "primary_ip" for each in cloud.live().things), (
        "its addresses are parts of it again"
    )


def test_what_a_stopped_apply_left_half_made_is_finished(cloud: Place) -> None:
    things = of(network(), key(), firewall("web", "role=web", rule("443")), server("web-1", "web"))
    cloud.fake.script.add(Fault(harm=Harm.ERROR, path="/servers/*/actions/poweron", status=500, times=1))
    assert "was not" not in problem(cloud.apply(things))
    assert cloud.thing("server", "web-1").fields["status"] == "off"
    assert cloud.plan(things).changes == (), "a server that is off is no difference"
    good(cloud.apply(things))
    assert cloud.thing("server", "web-1").fields["status"] == "running"


def test_addresses_outlive_an_apply_that_stops_between_a_server_and_its_successor(cloud: Place) -> None:
    things = (network(), key(), firewall("db", "role=db", rule("22", peers=OFFICE)))
    good(cloud.apply(of(*things, server("db", "db"))))
    before = cloud.thing("server", "db")
    cloud.fake.script.add(
        Fault(harm=Harm.ERROR, path="/servers", method="POST", status=422, code="placement_error")
    )
    assert "placement_error" in problem(cloud.apply(of(*things, server("db", "db", image="ubuntu-24.04"))))
    good(cloud.apply(of(*things, server("db", "db", image="ubuntu-24.04"))))
    assert cloud.thing("server", "db").fields["ipv4"] == before.fields["ipv4"]


def test_a_server_that_is_still_there_when_an_apply_stops_runs_again(cloud: Place) -> None:
    things = (network(), key(), firewall("db", "role=db", rule("22", peers=OFFICE)), volume(protect=False))
    good(cloud.apply(of(*things, server("db", "db"))))
    before = cloud.thing("server", "db")
    cloud.fake.script.add(
        Fault(harm=Harm.ERROR, path="/servers/*", method="DELETE", status=422, code="broken")
    )
    assert "broken" in problem(cloud.apply(of(*things, server("db", "db", image="ubuntu-24.04"))))
    good(cloud.apply(of(*things, server("db", "db"))))
    after = cloud.thing("server", "db")
    assert (after.id, after.fields["ipv4"], after.fields["status"]) == (
        before.id,
        before.fields["ipv4"],
        "running",
    )
    assert cloud.thing("volume", "db-data").fields["server"] == "db"


def test_what_is_locked_or_in_conflict_is_asked_again(cloud: Place) -> None:
    good(cloud.apply(of(firewall("web", "", rule("443")))))
    cloud.fake.script.add(
        Fault(harm=Harm.ERROR, path="/firewalls/*/actions/set_rules", status=409, code="conflict", times=2),
        Fault(
            harm=Harm.ERROR,
            path="/firewalls/*/actions/set_rules",
            status=423,
            code="locked",
            after=2,
            times=1,
        ),
    )
    good(cloud.apply(of(firewall("web", "", rule("80")))))
    assert sum(path.endswith("set_rules") for path in cloud.calls()) == 4


def test_a_certificate_changes_hands_before_the_old_one_goes(cloud: Place) -> None:
    good(cloud.apply(shop()))
    other = Thing(
        kind="certificate",
        name="shop",
        fields={"type": "managed", "domains": ["shop.example", "www.shop.example"]},
    )
    good(cloud.apply(shop(other)))
    assert cloud.plan(shop(other)).changes == ()
    assert [each.name for each in cloud.live().things if each.kind == "certificate"] == [certificate().name]


def test_a_type_a_rule_a_service_and_a_record_are_changed_in_place(cloud: Place) -> None:
    good(cloud.apply(shop()))
    records = [
        {"name": "@", "type": "A", "ttl": 0, "values": ["ref:load_balancer/front"]},
        {"name": "api", "type": "A", "ttl": 60, "values": ["ref:server/web-1"]},
    ]
    changed = shop(
        server("db", "db", type="cx33", backups=True, rdns={"ipv4": "db.shop.example"}),
        firewall("web", "role=web", rule("443", text="doors"), rule("80")), volume(size=50),
        balancer(algorithm="least_connections", targets=[{"type": "server", "of": "web-1", "private": True}, {"type": "server", "of": "web-2", "private": True}]),
        Thing(kind="zone", name="shop.example", fields={"ttl": 600, "records": records, "protect": True}),
    )  # fmt: skip
    planned, applied = cloud.applied(changed)
    good(applied)
    assert {each.act for each in planned.changes} == {Act.UPDATE}
    assert cloud.plan(changed).changes == ()


def test_a_token_that_may_only_read_plans_and_changes_nothing(cloud: Place) -> None:
    reading = cloud.cloud(READS)
    assert offline.plan(of(key()), reading, 0.0).changes
    _, applied = offline.apply(
        of(key()), reading, cloud.folder, cloud.clock.now, agree=lambda _: True, tell=cloud.steps.append
    )
    assert "may only read" in problem(applied)
    assert cloud.live().things == ()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(harm=Harm.HTML, path="/pricing", status=200), "text/html instead of JSON"),
        (Fault(harm=Harm.HTML, path="/servers", status=200), "text/html instead of JSON"),
        (
            Fault(harm=Harm.ERROR, path="/pricing", status=401, code="unauthorized"),
            "make one in the project's Security",
        ),
        (Fault(harm=Harm.DROP, path="/servers", times=0), "cannot be reached"),
    ],
)
def test_an_api_that_cannot_be_read_is_told_in_a_sentence(cloud: Place, fault: Fault, told: str) -> None:
    cloud.fake.script.add(fault)
    with pytest.raises(CloudError, match=told):
        cloud.plan(shop())


def test_a_kind_that_cannot_be_read_is_told_and_left_alone(cloud: Place) -> None:
    good(cloud.apply(of(key(), firewall("web", "", rule("443")))))
    cloud.fake.script.add(Fault(harm=Harm.ERROR, path="/firewalls", status=403, code="forbidden", times=0))
    planned = cloud.plan(of(key()))
    assert planned.changes == ()
    assert any("Nothing is known of firewalls" in note for note in planned.notes)


def test_unknown_fields_and_a_clock_that_is_wrong_change_nothing(cloud: Place) -> None:
    cloud.fake.script.add(
        Fault(harm=Harm.EXTRA, fields={"flux": {"capacitor": 1.21}}, times=0),
        Fault(harm=Harm.SKEW, seconds=-86_400, times=0),
    )
    good(cloud.apply(shop()))
    assert cloud.plan(shop()).changes == ()


def test_an_action_that_fails_is_told_with_its_reason_and_ends_the_apply_after_its_wave(cloud: Place) -> None:
    cloud.fake.script.add(
        Fault(harm=Harm.FAILS, path="/servers", method="POST", code="server_error", message="no host is free")
    )
    applied = cloud.apply(shop(without=("shop.example", "shop", "front")))
    assert "no host is free" in problem(applied)
    assert Ref("volume", "db-data") in applied.left


def test_actions_are_looked_at_once_a_second(cloud: Place) -> None:
    good(cloud.apply(of(network(), key(), server("web-1", "web"))))
    looks = [each.at for each in cloud.fake.asked if each.call.path.startswith("/actions/")]
    assert looks
    assert all(later - earlier >= 1.0 for earlier, later in itertools.pairwise(looks))


def test_a_spent_budget_is_waited_for(cloud: Place) -> None:
    cloud.fake.script.add(
        Fault(harm=Harm.ERROR, path="/servers", method="GET", status=429, code="rate_limit_exceeded", times=2)
    )
    begun = cloud.clock.now()
    cloud.plan(of())
    assert cloud.clock.now() - begun >= 2


def test_two_applies_of_a_project_do_not_meet(cloud: Place) -> None:
    with opened(cloud.folder / "shop.journal"), pytest.raises(Conflict, match="at work"):
        cloud.apply(of(key()))


def test_a_plan_kept_in_a_file_holds_only_while_nothing_changed(cloud: Place) -> None:
    wanted = of(key(), server("web-1", "web", networks=[], cloud_init="password: hunter2"))
    planned = cloud.plan(wanted)
    file = offline.saved(planned)
    assert b"hunter2" not in file
    assert b"token-that" not in file
    offline.require_still(cloud.plan(wanted), file)
    with pytest.raises(Conflict, match="files changed"):
        offline.require_still(cloud.plan(of(key())), file)
    good(cloud.apply(of(key())))
    with pytest.raises(Conflict, match="changed since"):
        offline.require_still(cloud.plan(wanted), file)
    with pytest.raises(VedetteError, match="no plan"):
        offline.require_still(planned, b"{}")


def test_the_token_is_never_shown(cloud: Place) -> None:
    asked = cloud.cloud("secret-token-xyz")
    with pytest.raises(CloudError) as caught:
        asked.get("/pricing")
    assert "secret-token-xyz" not in str(caught.value)
    assert "secret-token-xyz" not in repr(asked) + repr(vars(asked))
