"""Intents hold by a rule or a path that is named; what nobody knows never counts as held."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.deploy.desired.reading import File, desired
from vedette.deploy.intents import judging, parsing, reach
from vedette.deploy.intents.world import world
from vedette.deploy.ports import Seen, compared
from vedette.deploy.types import Desired
from vedette.wire.infra import Intent, Rule, Thing, Told, Verdict

TOP = """project = "shop"
location = "fsn1"
[groups]
admin = ["203.0.113.0/24"]
vpn = ["10.0.200.0/24"]
[networks.main]
range = "10.0.0.0/16"
subnets = ["10.0.1.0/24"]
[servers.web]
count = 2
type = "cx23"
image = "debian-12"
labels = { role = "web" }
network = "main"
[servers.db]
type = "cx23"
image = "debian-12"
labels = { role = "database" }
network = "main"
public = false
volumes = [{ name = "data", size = 10, encrypt = true }]
"""
WEB = """[firewalls.web]
on = "role=web"
allow = ["tcp/443 from any", "tcp/22 from admin"]
"""
FRONT = """[load_balancers.front]
type = "lb11"
network = "main"
targets = "role=web"
services = [{ listen = 80, to = 8080 }]
"""


def state(text: str) -> Desired:
    return desired([File("infra/shop.toml", TOP + text)])


def told(text: str, sentence: str, hosts: dict[str, Told] | None = None) -> tuple[str, str]:
    of = msgspec.structs.replace(state(text), intents=(parsing.parse(sentence),))
    (found,) = judging.judged(of.intents, world(of.things, of.groups, hosts or {}, {}))
    return str(found.verdict), found.reason


@pytest.mark.parametrize(
    ("text", "sentence", "verdict", "reason"),
    [
        (WEB, "internet cannot reach db:*", "holds", "db has no public address."),
        (WEB, "internet reaches web:443", "holds", "the firewall web of web-1 lets tcp/443 from 0.0.0.0/0, ::/0 in"),
        (WEB, "internet cannot reach web:443", "broken", "the firewall web of web-1 lets tcp/443 from 0.0.0.0/0, ::/0 in"),
        (WEB, "internet cannot reach web:22", "holds", "the firewall web of web-1 lets nothing of it in"),
        (WEB, "internet cannot reach web:*", "broken", "lets tcp/443"),
        (WEB, "internet reaches web:22", "broken", "lets tcp/22 from 0.0.0.0/0 not in"),
        (WEB, "admin reaches web:22", "holds", "the firewall web of web-1 lets tcp/22 from 203.0.113.0/24 in"),
        (WEB, "admin reaches web:udp/53", "broken", "lets udp/53 from 203.0.113.0/24 not in"),
        (WEB, "admin reaches *:22", "broken", "db has no public address."),
        (WEB, "203.0.114.0/24 cannot reach web:22", "holds", "lets nothing of it in"),
        ("", "internet cannot reach web:5432", "broken", "no firewall stands before web-1"),
        (WEB, "web reaches db:5432", "holds", "web-1 and db are in the network main"),
        (WEB, "web cannot reach db:22", "unknown", "Only its own firewall could hold it back"),
        (WEB, "vpn reaches db:22", "holds", "10.0.200.0/24 comes by the network main"),
        (WEB, "vpn cannot reach db:22", "unknown", "Only its own firewall"),
        (WEB, "database reaches internet:443", "broken", "db has no public address to leave by"),
        (WEB, "web reaches internet:443", "holds", "nothing holds back what leaves web-1"),
        (WEB + 'allow_out = ["tcp/443 to any"]', "web reaches internet:443", "holds", "lets tcp/443 out"),
        (WEB + 'allow_out = ["tcp/443 to any"]', "web cannot reach internet:25", "holds", "do not let tcp/25 out"),
        (WEB + FRONT, "internet reaches web:8080", "holds", "the load balancer front leads 80 to web-1:8080"),
        (WEB + FRONT, "internet cannot reach web:8080", "broken", "the load balancer front leads 80 to web-1:8080"),
        (WEB + FRONT, "internet cannot reach web:8080 directly", "holds", "lets nothing of it in"),
        (WEB + FRONT, "internet reaches front:80", "holds", "front listens on 80"),
        (WEB + FRONT, "internet reaches front:443", "broken", "front does not listen on tcp/443"),
        (WEB + FRONT, "front reaches web:8080", "holds", "front and web-1 are in the network main"),
        (WEB + FRONT, "front reaches db:8080", "broken", "db is no target of front"),
        (WEB, "db has no public address", "holds", "db has no public address."),
        (WEB, "web has no public address", "broken", "web-1 has a public address."),
        (WEB, "db is protected", "broken", "server db, volume db-data may be deleted"),
        (WEB, "db has backups", "broken", "backups = true is missing"),
        (WEB, "db is encrypted at rest", "unknown", "db-data should be LUKS, but db has not told whether it is."),
        (WEB, "mail reaches db:25", "unknown", "Nothing is called mail"),
    ],
)  # fmt: skip
def test_an_intent_is_judged_by_the_rule_or_path_that_says_so(
    text: str, sentence: str, verdict: str, reason: str
) -> None:
    found, why = told(text, sentence)
    assert found == verdict, why
    assert reason in why


def rule(text: str) -> Rule:
    protocol, _, port = text.partition("/")
    return Rule(protocol=protocol, port=port, peers=("10.0.1.0/24",))


def test_what_hosts_tell_of_themselves_decides_where_hetzner_filters_nothing() -> None:
    fixed = TOP.replace('network = "main"\n[servers.db]', 'network = "main"\nip = "10.0.1.10"\n[servers.db]')
    of = desired([File("infra/shop.toml", fixed + WEB)])

    def judged(sentence: str, db: Told) -> tuple[str, str]:
        (found,) = judging.judged([parsing.parse(sentence)], world(of.things, of.groups, {"db": db}, {}))
        return str(found.verdict), found.reason

    closed, opened = Told(drops=True), Told(drops=True, rules=(rule("tcp/5432"),))
    assert judged("web cannot reach db:22", closed) == (
        "holds",
        "db itself drops tcp/22; db has no public address.",
    )
    assert judged("web reaches db:5432", opened)[0] == "holds"
    assert judged("web reaches db:5432", closed)[0] == "broken"
    container = Told(drops=True, published=(rule("tcp/6379"),))
    verdict, why = judged("web cannot reach db:6379", container)
    assert verdict == "broken"
    assert "a container publishes tcp/6379 past the firewall of db itself" in why
    assert judged("web cannot reach db:22", Told())[0] == "broken"
    assert judged("db is encrypted at rest", Told(encrypted=True))[0] == "holds"
    assert judged("db is encrypted at rest", Told(encrypted=False))[0] == "broken"


def test_a_firewall_by_label_and_one_attached_directly_both_count() -> None:
    text = WEB + '[firewalls.extra]\nservers = "web-1"\nallow = ["tcp/25 from any"]\n'
    verdict, why = told(text, "internet cannot reach web:25")
    assert verdict == "broken"
    assert why == "the firewall extra of web-1 lets tcp/25 from 0.0.0.0/0, ::/0 in."


def test_what_could_not_be_read_is_unknown_and_never_held() -> None:
    of = msgspec.structs.replace(
        state(WEB),
        intents=(parsing.parse("internet cannot reach web:25"), parsing.parse("db has no public address")),
    )
    unwalled = tuple(one for one in of.things if one.kind != "firewall")
    found = judging.judged(of.intents, world(unwalled, of.groups, {}, {"firewall": "403"}))
    assert [one.verdict for one in found] == [Verdict.UNKNOWN, Verdict.HOLDS]
    found = judging.judged(of.intents, world((), of.groups, {}, {"server": "503"}))
    assert [one.verdict for one in found] == [Verdict.UNKNOWN, Verdict.UNKNOWN]


def test_what_rules_do_not_explain_of_a_look_from_outside_is_named() -> None:
    of = state(WEB)
    here = world(of.things, of.groups, {}, {})
    seen = [
        Seen(name="web-1", open=frozenset({443, 6379}), looked=frozenset({22, 443, 6379})),
        Seen(name="web-2", open=frozenset(), looked=frozenset({443})),
    ]
    assert [(one.name, one.port, one.answers) for one in compared(seen, here)] == [
        ("web-1", 6379, True),
        ("web-2", 443, False),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("web reaches", "is no assertion"),
        ("internet reaches internet:443", "not ours to say"),
        ("web reaches db:99999", "'99999' is no port"),
        ("web reaches db:tcp", "'tcp' is no port"),
        ("web reaches db:icmp/3", "'icmp/3' is no port"),
        ("db is encrypted at rset", "did you mean `is encrypted at rest`?"),
        ("x" * 501, "500 characters at most"),
    ],
)
def test_what_is_no_intent_says_what_to_write(text: str, told: str) -> None:
    with pytest.raises(Invalid) as caught:
        parsing.parse(text)
    assert told in str(caught.value)


@given(st.text(max_size=80))
def test_any_text_is_an_intent_or_is_refused(text: str) -> None:
    try:
        found = parsing.parse(text)
    except Invalid:
        return
    assert isinstance(found, Intent)
    assert found.whom


PEERS = st.lists(
    st.sampled_from(["0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/0", "10.0.0.0/8"]), min_size=1, max_size=2
)
RANGES = st.tuples(st.integers(1, 20), st.integers(1, 20)).map(sorted)


@given(st.lists(st.tuples(RANGES, PEERS), max_size=6), RANGES)
def test_all_passes_exactly_when_every_port_passes_for_every_address(
    lines: list[tuple[list[int], list[str]]], asked: list[int]
) -> None:
    rules = [Rule(protocol="tcp", port=f"{low}-{high}", peers=tuple(peers)) for (low, high), peers in lines]
    of = reach.traffic("tcp", f"{asked[0]}-{asked[1]}", all_of_it=True)

    def passes(port: int, half: str) -> bool:
        return any(low <= port <= high and {half, "0.0.0.0/0"} & set(peers) for (low, high), peers in lines)

    everything = all(
        passes(port, half) for port in range(asked[0], asked[1] + 1) for half in ("0.0.0.0/1", "128.0.0.0/1")
    )
    assert reach.lets_all(rules, of, reach.networks(["0.0.0.0/0"])[0]) is everything


def test_what_must_not_reach_is_never_held_where_what_must_reach_is() -> None:
    """Of a sentence and its contrary, at most one holds."""
    for text in ("", WEB, WEB + FRONT):
        for whom in ("web:22", "web:443", "web:8080", "db:5432"):
            for who in ("internet", "admin", "web", "vpn"):
                pair = {told(text, f"{who} {verb} {whom}")[0] for verb in ("reaches", "cannot reach")}
                assert pair != {"holds"}, (text, who, whom)


def test_things_that_are_odd_are_judged_without_a_fault() -> None:
    odd = (Thing(kind="server", name="a", fields={"public_ipv4": True, "networks": "x"}), Thing(kind="firewall", name="f", fields={"on": ["a b"], "servers": ["a"]}),
           Thing(kind="load_balancer", name="l", fields={"services": [{"listen": "x"}], "targets": [{"type": "label_selector", "of": "(("}]}))  # fmt: skip
    here = world(odd, {}, {}, {})
    (found,) = judging.judged([parsing.parse("internet cannot reach a:22")], here)
    assert found.verdict is Verdict.HOLDS


def test_a_floating_address_is_a_public_one_of_its_server() -> None:
    sentence = "db has no public address"
    assert told("[floating_ips.moves]\n", sentence)[0] == "holds"
    assert told('[floating_ips.moves]\nserver = "db"\n', sentence)[0] == "broken"
