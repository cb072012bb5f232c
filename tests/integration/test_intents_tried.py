"""What must be true, tried with real packets: a host with a firewall of its own, a container behind it, and somebody outside."""

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest
from tests.support import netns

from vedette.deploy.intents import judging, parsing
from vedette.deploy.intents.world import World, world
from vedette.deploy.witnessing import choosing, weighing
from vedette.instruments.witness.looking import Manners, looked
from vedette.wire.infra import Judged, Rule, Thing, Told
from vedette.wire.witness import Looks, Witness

pytestmark = pytest.mark.skipif(not netns.possible(), reason="only root makes network namespaces")
QUICK = Manners(deadline=0.5, rest=0.0)
RULES = """
table inet host {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    meta l4proto { icmp, ipv6-icmp } accept
    ip saddr { 203.0.113.5, 198.51.100.7 } tcp dport { 22, 443, 8000-8010 } counter accept
    jump more
  }
  chain more { tcp dport 9100 ip saddr 10.0.0.0/8 accept comment "measures"; }
}
table ip nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    tcp dport 6379 dnat to 192.0.2.2
  }
}
"""
TELL = """
import sys, msgspec
from vedette.instruments.live.host import HostLive
from vedette.instruments.witness.telling import told
sys.stdout.buffer.write(msgspec.json.encode(told(HostLive(0.0))))
"""
SENTENCES = (
    "internet reaches web:443", "internet cannot reach web:6379", "internet cannot reach web:5432", "internet reaches web:8000",
)  # fmt: skip


@contextlib.contextmanager
def hosts() -> Iterator[netns.Pair]:
    with netns.pair() as made, netns.behind(made) as inner, contextlib.ExitStack() as kept:
        made.nft("-f", "-", text=RULES)
        with netns.inside(made.server):
            for port in (443, 5432):
                kept.enter_context(socket.create_server(("0.0.0.0", port)))
        with netns.inside(inner):
            kept.enter_context(socket.create_server(("0.0.0.0", 6379)))
        yield made


def here(address: str) -> World:
    rules = [
        {"direction": "in", "protocol": "tcp", "port": port, "peers": ["0.0.0.0/0"], "text": ""}
        for port in ("443", "8000")
    ]
    web = Thing(kind="server", name="web", fields={"public_ipv4": True, "ipv4": address})
    return world(
        (web, Thing(kind="firewall", name="wall", fields={"rules": rules, "servers": ["web"]})), {}, {}, {}
    )


def seen(made: netns.Pair, looks: Looks) -> Witness:
    with netns.inside(made.client):
        return Witness(spot=looks.spot, at=0.0, sights=asyncio.run(looked(looks.looks, manners=QUICK)))


def told_by(made: netns.Pair) -> Told:
    words = ["/usr/sbin/ip", "netns", "exec", made.server, sys.executable, "-c", TELL]
    return msgspec.json.decode(subprocess.run(words, check=True, capture_output=True).stdout, type=Told)


def short(one: Judged) -> tuple[str, bool]:
    return str(one.verdict), one.seen


def test_connections_tell_what_rules_do_not() -> None:
    intents = [parsing.parse(each) for each in SENTENCES]
    with hosts() as made:
        there = here(made.server4)
        by_rules = judging.judged(intents, there)
        found = weighing.weighed(
            by_rules, [seen(made, choosing.chosen(intents, there, "internet").looks)], there
        )
        told = told_by(made)
    assert [short(each) for each in by_rules] == [("holds", False)] * 4
    assert [short(each) for each in found] == [
        ("holds", True), ("broken", True), ("holds", True), ("broken", True),
    ]  # fmt: skip
    assert found[1].reason.startswith("web:6379 answers from internet. By the rules: ")  # it goes past INPUT
    assert found[2].reason.startswith("web:5432 does not answer from internet.")
    assert found[3].reason.startswith("web:8000 refuses from internet.")
    assert told.drops is True
    office, anybody = ("198.51.100.7/32", "203.0.113.5/32"), ("0.0.0.0/0", "::/0")
    assert told.rules == (
        Rule(protocol="icmp", port="", peers=anybody),
        *(Rule(protocol="tcp", port=port, peers=office) for port in ("22", "443", "8000-8010")),
        Rule(protocol="tcp", port="9100", peers=("10.0.0.0/8",)),
    )
