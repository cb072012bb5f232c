"""A host tells of its firewall what is understood whole; else it does not know."""

import json

import pytest

from vedette.instruments.live.memory import MemoryLive
from vedette.instruments.witness.telling import told
from vedette.wire.infra import Rule, Told

NFT, LSBLK = "nft -j -t list ruleset", "lsblk -J -o NAME,TYPE,FSTYPE,MOUNTPOINTS"
ANY = ("0.0.0.0/0", "::/0")


def match(left: object, right: object, op: str = "==") -> dict[str, object]:
    return {"match": {"op": op, "left": left, "right": right}}


def field(protocol: str, name: str) -> dict[str, object]:
    return {"payload": {"protocol": protocol, "field": name}}


STATE = {"ct": {"key": "state"}}
ACCEPT: dict[str, object] = {"accept": None}
REPLIES = [match(STATE, ["established", "related"], "in"), ACCEPT]
LO = [match({"meta": {"key": "iifname"}}, "lo"), ACCEPT]
SSH = [match(field("ip", "saddr"), {"prefix": {"addr": "203.0.113.0", "len": 24}}), match(field("tcp", "dport"), 22), {"counter": {"packets": 1, "bytes": 2}}, ACCEPT]  # fmt: skip
WEB = [match(field("tcp", "dport"), {"set": [80, {"range": [8000, 8010]}]}), ACCEPT]
PING = [match({"meta": {"key": "l4proto"}}, {"set": ["icmp", "ipv6-icmp"]}), ACCEPT]
INVALID = [match(STATE, "invalid", "in"), {"drop": None}]
MAPPED = [
    {
        "vmap": {
            "key": STATE,
            "data": {"set": [["established", {"accept": None}], ["invalid", {"drop": None}]]},
        }
    }
]


def ruleset(*rules: object, policy: str = "drop", family: str = "inet", more: tuple[object, ...] = ()) -> str:
    place = {"family": family, "table": "filter"}
    chain = {**place, "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": policy}
    found = [
        {"chain": chain},
        *({"rule": {**place, "chain": "input", "expr": each}} for each in rules),
        *more,
    ]
    return json.dumps({"nftables": found})


def tells(text: str) -> Told:
    return told(MemoryLive(says={NFT: text}))


def test_rules_that_let_in_are_told_and_replies_let_nobody_in() -> None:
    found = tells(ruleset(REPLIES, LO, INVALID, MAPPED, SSH, WEB, PING))
    assert found.drops is True
    assert found.rules == (
        Rule(protocol="tcp", port="22", peers=("203.0.113.0/24",)),
        Rule(protocol="tcp", port="80", peers=ANY),
        Rule(protocol="tcp", port="8000-8010", peers=ANY),
        Rule(protocol="icmp", port="", peers=ANY),
    )


def test_a_chain_that_is_entered_by_all_counts_as_if_it_stood_there() -> None:
    below = {"rule": {"family": "inet", "table": "filter", "chain": "shop", "expr": WEB}}
    found = tells(ruleset([{"jump": {"target": "shop"}}], more=(below,)))
    assert [rule.port for rule in found.rules] == ["80", "8000-8010"]


@pytest.mark.parametrize(
    "rule",
    [
        [match(field("ip", "saddr"), "@office"), ACCEPT],
        [match({"meta": {"key": "iifname"}}, "enp7s0"), ACCEPT],
        [match(field("tcp", "dport"), 22, "!="), ACCEPT],
        [match(field("ip", "saddr"), "203.0.113.7"), {"drop": None}],
        [match(field("tcp", "dport"), 22), {"jump": {"target": "ssh"}}],
        [{"xt": {"type": "match", "name": "conntrack"}}, ACCEPT],
        [match(field("tcp", "dport"), "@ports"), ACCEPT],
        [match(field("ip", "saddr"), {"range": ["10.0.0.1", "10.0.0.9"]}), ACCEPT],
        [{"vmap": {"key": STATE, "data": {"set": [["new", {"accept": None}]]}}}],
    ],
)
def test_what_is_not_understood_whole_is_not_known(rule: object) -> None:
    found = tells(ruleset(REPLIES, rule, SSH))
    assert (found.drops, found.rules) == (None, ())


def test_a_host_without_a_firewall_drops_nothing_and_half_of_one_is_not_known() -> None:
    assert tells(ruleset(policy="accept")).drops is False
    assert told(MemoryLive()).drops is False
    assert tells(ruleset(SSH, family="ip")).drops is None
    assert tells("no json").drops is None
    assert told(MemoryLive(says={NFT: None})).drops is None


def test_ports_of_containers_are_told_unless_only_the_host_reaches_them() -> None:
    ports = {
        "6379/tcp": [{"HostIp": "0.0.0.0", "HostPort": "6379"}, {"HostIp": "::", "HostPort": "6379"}],
        "53/udp": [{"HostIp": "10.0.1.3", "HostPort": "5353"}],
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}],
        "443/tcp": None,
    }
    inspected = json.dumps([{"Name": "/cache", "NetworkSettings": {"Ports": ports}}])
    says = {NFT: ruleset(SSH), "docker ps -q --no-trunc": "abc\n", "docker inspect abc": inspected}
    found = told(MemoryLive(says=says))
    assert found.published == (
        Rule(protocol="tcp", port="6379", peers=ANY),
        Rule(protocol="udp", port="5353", peers=ANY),
    )
    blind = told(MemoryLive(says={NFT: ruleset(SSH), "docker ps -q --no-trunc": None}))
    assert (blind.drops, blind.published) == (None, ())


def disk(name: str, kind: str, *points: str, children: list[object] | None = None) -> dict[str, object]:
    return {"name": name, "type": kind, "mountpoints": list(points) or [None], "children": children or []}


@pytest.mark.parametrize(
    ("disks", "sealed"),
    [
        ([disk("sda", "disk", children=[disk("sda1", "part", "/"), disk("sda2", "part", "/boot/efi")])], False),
        ([disk("sda", "disk", "/"), disk("sdb", "disk", children=[disk("data", "crypt", "/srv")])], True),
        ([disk("sda", "disk", "/"), disk("sdb", "disk", children=[disk("data", "crypt", "/srv")]), disk("sdc", "disk", "/mnt")], False),
        ([disk("sda", "disk", children=[disk("root", "crypt", children=[disk("vg-root", "lvm", "/")])])], True),
        ([disk("sda", "disk", "/", "[SWAP]"), disk("sdb", "disk", children=[disk("d", "crypt", "/srv")])], False),
        ([disk("loop0", "loop", "/snap/core")], None),
    ],
)  # fmt: skip
def test_encryption_at_rest_is_of_all_data(disks: list[object], sealed: bool | None) -> None:
    assert told(MemoryLive(says={LSBLK: json.dumps({"blockdevices": disks})})).encrypted is sealed


def test_without_lsblk_nobody_knows() -> None:
    assert told(MemoryLive()).encrypted is None
    assert told(MemoryLive(says={LSBLK: "{"})).encrypted is None
