import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hetzner_shop import (
    ANY,
    balancer,
    certificate,
    firewall,
    network,
    rule,
    server,
    shop,
    volume,
    zone,
)

from vedette.core.errors import Invalid
from vedette.deploy.planning.making import planned
from vedette.deploy.planning.telling import text
from vedette.deploy.registry import all_kinds
from vedette.deploy.types import Act, Change, DangerKind, Desired, Planned, Wish
from vedette.instruments.hetzner.registry import all_adapters
from vedette.wire.infra import Live, Thing, fingerprint

OFFICE = ["203.0.113.0/24"]
PRICES = {
    "server/cx23/fsn1": "3.50", "server/cx33/fsn1": "6.00", "primary_ip/ipv4/fsn1": "0.50", "volume": "0.05",
    "load_balancer/lb11/fsn1": "5.39", "backup": "20.0",
}  # fmt: skip
UNTOLD = {"keys", "cloud_init", "automount", "encrypt"}


def there(*things: Thing, unread: dict[str, str] | None = None) -> Live:
    """Return these things as they would be read: made by the shop, without what Hetzner never tells."""
    return Live(
        at=0,
        things=tuple(seen(each, number) for number, each in enumerate(things, 1)),
        prices=PRICES,
        unread=unread or {},
    )


def seen(thing: Thing, number: int = 1) -> Thing:
    fields = {key: value for key, value in thing.fields.items() if key not in UNTOLD}
    if thing.kind == "server":
        fields["networks"] = [{**each, "ip": f"10.0.1.{number}"} for each in fields["networks"]]
    if thing.kind == "zone":
        fields["records"] = [
            {
                **each,
                "values": ["192.0.2.1" if value.startswith("ref:") else value for value in each["values"]],
            }
            for each in fields["records"]
        ]
    return msgspec.structs.replace(
        thing, id=number, fields={**fields, "owner": "shop"} if thing.ours else fields, protected=bool(fields.get("protect"))
    )  # fmt: skip


def plan(desired: Desired, live: Live, **wish: object) -> Planned:
    return planned(desired, live, all_kinds(), 0.0, Wish(**wish))


def of(*things: Thing) -> Desired:
    return Desired(project="shop", things=things)


def only(made: Planned) -> Change:
    assert len(made.changes) == 1, text(made)
    return made.changes[0]


def kinds_of(made: Planned) -> set[DangerKind]:
    return {each.kind for each in made.dangers}


def test_every_kind_is_known_to_plans_and_can_be_read_and_written() -> None:
    assert set(all_kinds()) == set(all_adapters())
    assert all(kind.name == name for name, kind in all_kinds().items())


def test_what_is_as_the_file_says_needs_nothing() -> None:
    assert plan(shop(without=("shop.example",)), there(*shop(without=("shop.example",)).things)).changes == ()


def test_a_description_edited_is_a_diff_of_one_line() -> None:
    before = firewall("web", "role=web", rule("443", text="the shop"), rule("22", peers=OFFICE))
    after = firewall("web", "role=web", rule("22", peers=OFFICE), rule("443", text="the shop's door"))
    change = only(plan(of(after), there(before)))
    assert [(line.sign, line.before, line.after) for line in change.lines] == [
        ("~", "in tcp/443 from any # the shop", "in tcp/443 from any # the shop's door")
    ]
    assert "~ firewall web  ~ rules: in tcp/443" in text(plan(of(after), there(before)))


def test_a_rule_added_by_hand_is_named_before_it_goes() -> None:
    wanted = firewall("web", "role=web", rule("443"))
    made = plan(of(wanted), there(firewall("web", "role=web", rule("443"), rule("8080", peers=OFFICE))))
    assert [(line.sign, line.before) for line in only(made).lines] == [
        ("-", "in tcp/8080 from 203.0.113.0/24")
    ]
    assert "no file says: in tcp/8080 from 203.0.113.0/24" in made.notes[0]


def test_what_nobody_of_ours_made_is_named_and_left_alone() -> None:
    hand = msgspec.structs.replace(server("old", "web"), ours=False)
    made = plan(of(), there(hand))
    assert made.changes == ()
    assert [str(each) for each in made.foreign] == ["server old"]
    assert "Foreign, left alone: server old." in text(made)


def test_what_another_project_made_is_never_changed() -> None:
    other = seen(firewall("web", "role=web", rule("443")))
    other = msgspec.structs.replace(other, ours=False, fields={**other.fields, "owner": "blog"})
    made = plan(of(firewall("web", "role=web", rule("80"))), Live(at=0, things=(other,)))
    assert made.changes == ()
    assert "made by the project blog" in made.notes[0]


def test_what_is_protected_stays_until_the_file_says_otherwise() -> None:
    made = plan(of(), there(volume()))
    assert made.changes == ()
    assert "is protected: it stays" in made.notes[0]
    assert only(plan(of(), there(volume()), unprotect=True)).act is Act.DELETE


def test_a_kind_that_could_not_be_read_is_not_touched() -> None:
    made = plan(shop(), there(unread=dict.fromkeys(all_kinds(), "Hetzner refused.")))
    assert made.changes == ()
    assert any("Nothing is known of servers" in note for note in made.notes)


def test_things_come_after_what_they_name_and_go_before_it() -> None:
    waves = {str(each.ref): each.wave for each in plan(shop(), there()).changes}
    assert waves["network main"] < waves["server db"] < waves["volume db-data"]
    assert waves["firewall web"] < waves["server web-1"]
    assert (
        waves["zone shop.example"]
        < waves["certificate shop"]
        < waves["load_balancer front"]
        < waves["records shop.example"]
    )
    things = [each for each in shop().things if each.name != "shop.example"]
    gone = {str(each.ref): each.wave for each in plan(of(), there(*things), unprotect=True).changes}
    assert gone["volume db-data"] < gone["server db"] < gone["network main"]
    assert gone["server web-1"] < gone["firewall web"], "a server that loses its firewall first would be open"
    assert gone["load_balancer front"] < gone["certificate shop"]


def test_a_month_is_paid_by_the_api_s_prices() -> None:
    made = plan(of(server("web-1", "web", backups=True), volume(server="")), there())
    assert {str(each.ref): each.monthly for each in made.changes} == {
        "server web-1": "4.70",
        "volume db-data": "2.00",
    }
    assert (made.before, made.after) == ("0.00", "6.70")


def test_a_first_rule_outward_is_told_to_turn_everything_else_off() -> None:
    before, after = (
        firewall("web", "role=web", rule("443")),
        firewall("web", "role=web", rule("443"), rule("53", direction="out")),
    )
    assert kinds_of(plan(of(after), there(before))) == {DangerKind.EGRESS}
    assert (
        kinds_of(
            plan(
                of(
                    firewall(
                        "web",
                        "role=web",
                        rule("443"),
                        rule("53", direction="out"),
                        rule("25", direction="out"),
                    )
                ),
                there(after),
            )
        )
        == set()
    )


def test_taking_ssh_away_is_a_lockout() -> None:
    web = server("web-1", "web")
    before, after = (
        firewall("web", "role=web", rule("443"), rule("22", peers=OFFICE)),
        firewall("web", "role=web", rule("443")),
    )
    made = plan(of(web, after), there(web, before))
    assert kinds_of(made) == {DangerKind.LOCKOUT}
    assert "web-1" in made.dangers[0].text


def test_what_becomes_open_to_the_internet_is_an_exposure() -> None:
    web = server("web-1", "web")
    closed = firewall("web", "role=web", rule("443"), rule("5432", peers=OFFICE))
    opened = firewall("web", "role=web", rule("443"), rule("5432", peers=ANY))
    assert kinds_of(plan(of(web, opened), there(web, closed))) == {DangerKind.EXPOSURE}
    naked = plan(of(web), there(web, closed))
    assert any("no firewall" in each.text for each in naked.dangers)
    assert any("no firewall" in each.text for each in plan(of(web), there()).dangers)
    assert kinds_of(plan(of(server("db", "db", public_ipv4=False, public_ipv6=False)), there())) == set()


def test_data_that_would_be_lost_is_told() -> None:
    assert kinds_of(plan(of(volume(size=20, protect=False)), there(volume(protect=False)))) == {
        DangerKind.DATA_LOSS
    }
    other = plan(
        of(server("db", "db", image="debian-13"), firewall("db", "role=db")),
        there(server("db", "db"), firewall("db", "role=db")),
    )
    assert only(other).act is Act.REPLACE
    assert DangerKind.DATA_LOSS in kinds_of(other)


def test_cloud_init_is_compared_by_its_fingerprint_and_never_told() -> None:
    had = seen(server("db", "db"))
    had = msgspec.structs.replace(had, fields={**had.fields, "made_from": fingerprint("#cloud-config\n")})
    live = Live(at=0, things=(had,))
    assert plan(of(server("db", "db", cloud_init="#cloud-config\n")), live).changes == ()
    made = plan(of(server("db", "db", cloud_init="#cloud-config\npassword: hunter2\n")), live)
    assert only(made).act is Act.REPLACE
    assert "hunter2" not in text(made)


def test_a_load_balancer_takes_a_server_that_is_made_anew_back() -> None:
    front = balancer(services=[], network="", targets=[{"type": "server", "of": "web-1", "private": False}])
    made = plan(of(front, server("web-1", "web", image="debian-13")), there(front, server("web-1", "web")))
    assert [(each.act, str(each.ref), each.wave) for each in made.changes] == [
        (Act.REPLACE, "server web-1", 0), (Act.UPDATE, "load_balancer front", 1)
    ]  # fmt: skip


def test_a_firewall_twice_on_a_server_is_named() -> None:
    wall = firewall("web", "role=web", rule("443"), servers=("web-1",))
    assert any(
        "by label and by name" in note
        for note in plan(of(wall, server("web-1", "web")), there(wall, server("web-1", "web"))).notes
    )


def test_a_selector_that_nobody_here_understands_takes_no_server_and_stops_no_plan() -> None:
    odd = msgspec.structs.replace(firewall("odd", "role~web", rule("80")), ours=False)
    wanted = server("web", "web")
    made = plan(of(wanted), there(wanted, odd))
    assert made.changes == ()
    assert [each.name for each in made.foreign] == ["odd"]


def test_a_private_address_left_open_stays() -> None:
    assert plan(of(network(), server("db", "db")), there(network(), server("db", "db"))).changes == ()


def test_a_target_takes_what_it_waits_for_along() -> None:
    made = plan(shop(), there(), targets=("web-1",))
    assert {str(each.ref) for each in made.changes} == {
        "server web-1", "network main", "key ann", "placement apart", "firewall web"
    }  # fmt: skip
    with pytest.raises(Invalid, match="fits none of the changes"):
        plan(shop(), there(), targets=("wbe-1",))


def test_destroying_leaves_what_is_foreign() -> None:
    hand = msgspec.structs.replace(server("old", "x"), ours=False)
    made = plan(shop(), there(certificate(), network(), hand), destroy=True)
    assert {str(each.ref) for each in made.changes} == {"certificate shop", "network main"}


def test_records_of_hetzner_itself_are_not_ours() -> None:
    had = seen(zone())
    servers = {"name": "@", "type": "NS", "ttl": 0, "values": ["hydrogen.ns.hetzner.com."]}
    records = [
        servers,
        {"name": "@", "type": "A", "ttl": 0, "values": ["192.0.2.1"]},
        {"name": "www", "type": "CNAME", "ttl": 300, "values": ["shop.example."]},
    ]
    front = seen(balancer(), 2)
    front = msgspec.structs.replace(front, fields={**front.fields, "ipv4": "192.0.2.1"})
    live = Live(at=0, things=(msgspec.structs.replace(had, fields={**had.fields, "records": records}), front))
    assert plan(of(zone(), balancer()), live).changes == ()


@given(
    st.sets(st.sampled_from([each.ref for each in shop().things])),
    st.sets(st.sampled_from([each.ref for each in shop().things])),
)
def test_no_change_begins_before_what_it_waits_for(here: set[object], wanted: set[object]) -> None:
    things = shop().things
    made = plan(
        of(*(each for each in things if each.ref in wanted)),
        there(*(each for each in things if each.ref in here)),
        unprotect=True,
    )
    waves = {each.ref: each.wave for each in made.changes}
    assert all(waves[need] < each.wave for each in made.changes for need in each.needs)
    assert {each.ref for each in made.changes if each.act is Act.DELETE} == here - wanted
    assert {each.ref for each in made.changes if each.act is Act.CREATE} == wanted - here
