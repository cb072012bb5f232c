"""Few connections prove or refute what must be true; what nobody saw stays as rules judged it."""

import msgspec
import pytest
from tests.unit.deploy.test_intents import FRONT, WEB, state

from vedette.core.errors import Invalid
from vedette.deploy.intents import judging, parsing
from vedette.deploy.intents.world import World, world
from vedette.deploy.witnessing import choosing, scanned, weighing
from vedette.wire.finding import Finding, FindingState
from vedette.wire.infra import Judged, Thing
from vedette.wire.witness import Came, Look, Sight, Witness

ADDRESSES = {"web-1": ("198.51.100.1", "10.0.1.1"), "web-2": ("198.51.100.2", "10.0.1.2"), "db": ("", "10.0.1.3"), "front": ("198.51.100.9", "")}  # fmt: skip


def addressed(thing: Thing) -> Thing:
    public, private = ADDRESSES.get(thing.name, ("", ""))
    fields = {**thing.fields, "ipv4": public}
    if thing.kind == "server":
        fields["networks"] = [{"network": "main", "ip": private}]
    return msgspec.structs.replace(thing, fields=fields)


def here(text: str = WEB) -> World:
    of = state(text)
    return world([addressed(one) for one in of.things], of.groups, {}, {})


def looks(spot: str, *sentences: str, text: str = WEB) -> list[str]:
    found = choosing.chosen([parsing.parse(each) for each in sentences], here(text), spot)
    return [f"{one.name} {one.address}:{one.port}" for one in found.looks.looks]


def weigh(sentence: str, *witnesses: Witness, text: str = WEB) -> Judged:
    there = here(text)
    (found,) = weighing.weighed(judging.judged([parsing.parse(sentence)], there), witnesses, there)
    return found


def saw(spot: str, **came: str) -> Witness:
    """Return what somebody saw: `web_1_443="answered"`."""
    sights = []
    for key, what in came.items():
        name, _, port = key.replace("_", "-").rpartition("-")
        sights.append(Sight(look=Look(name, "192.0.2.1", int(port)), came=Came(what)))
    return Witness(spot=spot, at=0.0, sights=tuple(sights))


def test_from_outside_public_addresses_are_tried_of_those_the_internet_is_said_to_reach() -> None:
    assert looks("internet", "internet reaches web:443") == [
        "web-1 198.51.100.1:443",
        "web-2 198.51.100.2:443",
    ]
    assert looks("internet", "internet reaches front:80", text=WEB + FRONT) == ["front 198.51.100.9:80"]
    assert looks("internet", "admin reaches web:22", "web reaches db:5432") == []
    assert looks("203.0.113.7", "admin reaches web:22", "internet reaches web:443") == [
        "web-1 198.51.100.1:22",
        "web-2 198.51.100.2:22",
    ]
    assert looks("198.51.7.7", "internet cannot reach web:22")
    assert looks("", "internet cannot reach web:22")


def test_from_inside_the_network_that_is_shared_is_tried_first() -> None:
    assert looks("web-1", "web reaches db:5432") == ["db 10.0.1.3:5432"]
    assert looks("web-1", "web cannot reach web:9000") == ["web-2 10.0.1.2:9000", "web-2 198.51.100.2:9000"]
    assert looks("db", "web reaches db:5432") == []


def test_of_every_port_those_are_tried_that_are_named_or_tempting_and_never_many() -> None:
    found = looks("internet", "internet cannot reach web:*", text=WEB + FRONT)
    ports = [int(each.rpartition(":")[2]) for each in found]
    assert {8080, 443, 22, 5432, 6379} <= set(ports)
    assert len(set(ports)) <= choosing.MOST_PORTS
    many = choosing.chosen([parsing.parse("internet cannot reach web:1-65535")], here(), "internet")
    assert len(many.looks.looks) == 8


def test_what_is_left_off_is_of_all_sentences_alike() -> None:
    sentences = ("internet cannot reach web:*", "internet reaches web:443", "internet cannot reach web:9999")
    found = choosing.chosen([parsing.parse(each) for each in sentences], here(), "internet", most=4)
    assert [(one.name, one.port) for one in found.looks.looks][2:] == [("web-1", 9999), ("web-2", 9999)]
    assert found.notes[-1].endswith("4 from one spot are enough at once.")


def test_what_cannot_be_tried_says_why() -> None:
    found = choosing.chosen(
        [parsing.parse("internet cannot reach db:*"), parsing.parse("internet reaches web:*")],
        here(),
        "internet",
    )
    assert found.notes == (
        "internet cannot reach db:*: db has no address that could be tried from here.",
        "internet reaches web:*: every port is too much to try; name one.",
    )


@pytest.mark.parametrize(
    ("spot", "told"), [("web", "name the one: web-1, web-2"), ("wbe-1", "did you mean `web-1`")]
)
def test_a_spot_is_one_place(spot: str, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        looks(spot, "internet reaches web:443")


@pytest.mark.parametrize(
    ("sentence", "witness", "verdict", "seen"),
    [
        ("internet reaches web:443", saw("internet", web_1_443="answered", web_2_443="answered"), "holds", True),
        ("internet reaches web:443", saw("internet", web_1_443="answered"), "holds", False),
        ("internet reaches web:443", saw("internet", web_1_443="answered", web_2_443="silent"), "broken", True),
        ("internet reaches web:443", saw("internet", web_1_443="refused"), "broken", True),
        ("internet reaches web:443", saw("internet", web_1_443="silent"), "holds", False),  # nothing answers: no way out?
        ("internet reaches web:443", saw("admin", web_1_443="silent", web_2_443="answered"), "holds", False),
        ("internet cannot reach web:6379", saw("internet", web_1_6379="answered"), "broken", True),
        ("internet cannot reach web:22", saw("", web_1_22="answered"), "unknown", False),  # admin may: are we there?
        ("internet cannot reach web:6379", saw("", web_1_6379="answered"), "broken", True),
        ("internet reaches web:22", saw("", web_1_22="answered", web_2_22="answered"), "broken", False),
        ("internet cannot reach web:22", saw("internet", web_1_22="silent", web_2_22="silent", web_1_443="answered"), "holds", True),
        ("web cannot reach db:22", saw("web-1", db_22="silent", db_5432="answered"), "unknown", False),  # web-2 did not look
        ("web reaches db:5432", saw("web-1", db_5432="silent", web_2_22="answered"), "broken", True),
    ],
)  # fmt: skip
def test_what_was_seen_weighs_more_than_rules(
    sentence: str, witness: Witness, verdict: str, seen: bool
) -> None:
    found = weigh(sentence, witness)
    assert (str(found.verdict), found.seen) == (verdict, seen), found.reason


def test_servers_that_all_tried_prove_what_no_rule_of_hetzners_can() -> None:
    one, two = (saw(f"web-{n}", db_22="silent", db_5432="answered") for n in (1, 2))
    assert str(weigh("web cannot reach db:22").verdict) == "unknown"
    found = weigh("web cannot reach db:22", one, two)
    assert (str(found.verdict), found.seen) == ("holds", True)
    assert found.reason.startswith(
        "db:22 does not answer from web-1; db:22 does not answer from web-2. By the rules: "
    )


def test_that_no_port_answers_is_never_proven_and_told_as_tried() -> None:
    found = weigh("internet cannot reach web:*", saw("internet", web_1_5432="silent", web_1_6379="answered"))
    assert (str(found.verdict), found.seen) == ("broken", True)
    closed = weigh("203.0.114.0/24 cannot reach web:8080", saw("203.0.114.1", web_1_8080="refused"))
    assert (str(closed.verdict), closed.seen) == ("holds", False)
    assert closed.reason.endswith("Tried: web-1:8080 refuses from 203.0.114.1.")


def test_what_a_load_balancer_leads_to_may_be_silent_itself() -> None:
    witness = saw("internet", web_1_8080="silent", front_80="answered")
    assert not weigh("internet reaches web:8080", witness, text=WEB + FRONT).seen
    assert weigh("internet reaches front:80", witness, text=WEB + FRONT).seen
    found = weigh("internet reaches web:8080 directly", witness, text=WEB + FRONT)
    assert (str(found.verdict), found.seen) == ("broken", True)


def test_what_is_odd_is_told_of_the_internet_alone() -> None:
    witness = saw("internet", web_1_6379="answered", web_1_22="silent", web_2_443="silent")
    assert [each.partition(": ")[0] for each in weighing.odd([witness], here())] == [
        "web-1:6379",
        "web-2:443",
    ]
    assert weighing.odd([msgspec.structs.replace(witness, spot="admin")], here()) == ()
    assert weighing.tried([witness]) == "3 connections were tried from internet: 1 answered, 2 silent."
    assert "no way out" in weighing.tried([saw("", web_1_22="silent")])


def test_what_was_seen_from_outside_weighs_more_than_rules() -> None:
    seen = saw("internet", web_1_443="answered", web_1_6379="answered", web_1_22="silent", web_2_443="silent")
    found = [
        weigh(each, seen)
        for each in (
            "internet cannot reach web:6379",
            "internet reaches web:443",
            "internet cannot reach web:22",
        )
    ]
    assert [(one.verdict, one.seen) for one in found] == [
        ("broken", True),
        ("broken", True),
        ("holds", False),
    ]
    assert found[0].reason.startswith("web-1:6379 answers from internet. By the rules: ")


def open_port(subject: str, check: str = "port-open", state: FindingState = FindingState.FAILED) -> Finding:
    return Finding(check=check, title="", state=state, subject=subject)


def test_what_scans_of_ports_found_is_known_by_name_or_address() -> None:
    found = scanned.witness(
        [
            open_port("198.51.100.1:22"),
            open_port("web-1:80", "port-forwarded"),
            open_port("192.0.2.9:23"),
            open_port("web-1:24", "tls-old"),
            open_port("web-1:25", state=FindingState.PASSED),
        ],
        here(),
        "internet",
        7.0,
    )
    assert (found.spot, found.at) == ("internet", 7.0)
    assert [(each.look.name, each.look.port, each.came) for each in found.sights] == [
        ("web-1", 22, Came.ANSWERED),
        ("web-1", 80, Came.ANSWERED),
    ]


def test_a_scan_of_a_servers_ipv6_address_is_known_by_the_first_of_its_network() -> None:
    web = Thing(kind="server", name="web", fields={"public_ipv6": True, "ipv6": "2001:db8::/64"})
    found = scanned.witness([open_port("[2001:db8::1]:22")], world((web,), {}, {}, {}), "internet", 0.0)
    assert [(each.look.name, each.look.address) for each in found.sights] == [("web", "2001:db8::1")]


def test_a_port_that_a_scan_found_refutes_whatever_forbids_it_and_is_odd() -> None:
    seen = scanned.witness([open_port("198.51.100.1:47001")], here(), "internet", 0.0)
    found = weigh("internet cannot reach web:*", seen)
    assert (found.verdict, found.seen) == ("broken", True)
    assert found.reason.startswith("web-1:47001 answers from internet.")
    assert weigh("internet cannot reach web:22", seen).verdict == "holds"
    assert weigh("internet cannot reach db:*", seen).verdict == "holds"
    assert weighing.odd([seen], here()) == (
        "web-1:47001: it answers from outside, although the firewall web of web-1 lets nothing of it in.",
    )
