"""What is there becomes a file, and that file says nothing else than what is there."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.deploy.test_desired import KEY, SERVER, the_example

from vedette.deploy import rules
from vedette.deploy.desired.catalogue import SHIPPED
from vedette.deploy.desired.exporting.writing import exported
from vedette.deploy.desired.reading import File, desired, read
from vedette.wire.infra import Live, Ref, Rule, Thing

NOW = 1_800_000_000.0
UNTOLD = ("keys", "cloud_init", "encrypt", "automount")  # Hetzner never tells these again
RICH = f"""project = "shop"
location = "fsn1"

[groups]
admin = ["203.0.113.0/24", "2001:db8::/32"]

[networks.main]
range = "10.0.0.0/16"
subnets = ["10.0.2.0/24", "10.0.1.0/24"]
routes = {{ "0.0.0.0/0" = "10.0.1.2" }}
protect = true

[networks.far]
range = "10.1.0.0/16"
zone = "us-east"
subnets = ["10.1.0.0/24"]

[networks.bridged]
range = "10.2.0.0/16"
subnets = ["10.2.0.0/24", "10.2.1.0/24"]
vswitch = 4711
to_vswitch = true

[keys."Änne"]
public = "{KEY}"

[placements.apart]

[primary_ips.front]
rdns = "front.shop.example"
[primary_ips.six]
type = "ipv6"
location = "hel1"
rdns = {{ ipv6 = "a.example", "::2" = "b.example" }}
protect = true

[floating_ips.moves]
server = "web-1"
rdns = "moves.example"
[floating_ips.moves6]
type = "ipv6"
location = "hel1"
rdns = {{ "::2" = "b.example" }}
protect = true

[certificates."shop.example"]
domains = ["shop.example", "*.shop.example"]

[firewalls.web]
on = ["role=web", "env in (dev,live)"]
servers = "db"
allow = ["tcp/443,80 from any", "tcp/22 from admin # the team", "icmp from any", "udp/* from 10.0.0.0/8", "tcp/1-9 from 0.0.0.0/0"]
allow_out = ["tcp/443 to any"]
labels = {{ "vedette.example/x" = "y" }}

[servers.web]
count = 2
type = "cx23"
image = "debian-12"
labels = {{ role = "web", env = "live" }}
network = "main"
ip = "10.0.1.10"
placement = "apart"
public = "ipv4"
primary_ipv4 = ""
rdns = "web-{{n}}.shop.example"
backups = true

[servers.db]
type = "cpx31"
image = "ubuntu-24.04"
location = "hel1"
network = ["bridged", "main"]
public = false
primary_ipv6 = "six"
protect = true
volumes = [{{ name = "data", size = 100, format = "xfs", protect = true }}]

[volumes.spare]
size = 10
format = ""

[load_balancers.front]
type = "lb11"
network = "main"
targets = ["role=web", "db"]
algorithm = "least_connections"
services = [
    {{ listen = 443, to = 80, certificate = "shop.example", redirect = true, sticky = true, health = {{ path = "/health", status = ["200"] }} }},
    {{ listen = 5432, to = 5432, health = {{ port = 1, interval = 5, timeout = 5 }} }},
]
rdns = {{ ipv4 = "front.example", ipv6 = "front.example" }}

[load_balancers.outer]
type = "lb11"
targets = "203.0.113.9"
private_targets = false
services = [{{ listen = 80, to = 80 }}]

[zones."shop.example"]
ttl = 600
records = ["@ A 203.0.113.9", "@ A 203.0.113.8", "www 60 CNAME @", '@ TXT "v=spf1 \\"x\\" -all"', "@ MX 10 mail"]

[snapshots."before the move"]
server = "db"
"""


def there(text: str) -> Live:
    """What would be there if a file were applied: labels and rules as Hetzner tells them, what it never tells left out."""
    things = desired([File("infra/shop.toml", text)]).things
    return Live(at=NOW, things=tuple(_told(number, one) for number, one in enumerate(things, 1)))


def _told(number: int, one: Thing) -> Thing:
    fields = {name: value for name, value in one.fields.items() if name not in UNTOLD}
    return msgspec.structs.replace(one, id=number, fields={**fields, "status": "running"}, place="")


def plain(things: Iterable[Thing]) -> dict[Ref, Mapping[str, object]]:
    return {
        one.ref: {
            **{k: v for k, v in one.fields.items() if k not in {*UNTOLD, "status"}}, "labels": dict(one.labels),
        }
        for one in things
    }  # fmt: skip


@pytest.mark.parametrize("text", [the_example(), RICH])
def test_what_is_exported_says_what_is_there(text: str) -> None:
    text = re.sub(r"ref:\S+|A front", "A 203.0.113.1", text)
    live = there(text)
    found = exported(live, "shop", {"admin": ("203.0.113.0/24", "2001:db8::/32")})
    assert not found.left
    again = read([File("infra/shop.toml", found.text)])
    assert [str(each) for each in again.faults] == []
    assert again.desired is not None
    assert plain(again.desired.things) == plain(live.things)
    assert exported(there(found.text), "shop", again.desired.groups).text == found.text


def test_rules_name_groups_and_what_need_not_be_said_is_not() -> None:
    found = exported(there(RICH), "shop", {"admin": ("203.0.113.0/24", "2001:db8::/32")}).text
    assert '    "tcp/22 from admin # the team",\n' in found
    assert '[volumes.spare]\nsize = 10\nformat = ""\n' in found
    assert 'health = { path = "/health", status = ["200"] }' in found
    assert "retries" not in found


def test_what_no_file_can_say_is_named_in_it_and_left_out() -> None:
    odd = (
        Thing(kind="certificate", name="old", fields={"type": "uploaded", "certificate": "PEM"}, id=1),
        Thing(kind="storage_box", name="box", fields={}, id=2),
        Thing(
            kind="server",
            name="new",
            fields={"type": "cx99", "image": "arch", "location": "fsn1", "public_ipv4": True},
            id=3,
        ),
    )
    live = Live(at=NOW, things=odd, unread={"zone": "the API answered 503"}, prices={"server/cx99/fsn1": "5"})
    found = exported(live, "shop")
    assert {str(ref) for ref in found.left} == {"certificate old", "storage_box box", "zone *"}
    assert "# Left out: zone *: could not be read: the API answered 503.\n" in found.text
    assert read([File("infra/shop.toml", found.text)]).faults
    assert not read([File("infra/shop.toml", found.text)], catalogue=SHIPPED.with_live(live)).faults


PORTS = st.integers(1, 65535)
NETWORKS = st.sampled_from(
    ["0.0.0.0/0", "::/0", "10.0.0.0/8", "203.0.113.0/24", "203.0.113.7/32", "2001:db8::/32"]
)
GROUPS = {"admin": ("203.0.113.0/24",), "all": ("10.0.0.0/8", "2001:db8::/32"), "one": ("203.0.113.7/32",)}


@st.composite
def a_rule(draw: st.DrawFn) -> Rule:
    protocol = draw(st.sampled_from(rules.PROTOCOLS))
    low, high = sorted((draw(PORTS), draw(PORTS)))
    port = (str(low) if low == high else f"{low}-{high}") if protocol in rules.WITH_PORTS else ""
    return Rule(
        direction=draw(st.sampled_from(["in", "out"])), protocol=protocol, port=port,
        peers=tuple(sorted(draw(st.sets(NETWORKS, min_size=1)))), text=draw(st.sampled_from(["", "shop", "the # sign"])),
    )  # fmt: skip


@given(a_rule())
def test_a_rule_that_is_written_is_read_as_it_was(rule: Rule) -> None:
    assert rules.parse(rules.written(rule, GROUPS), rule.direction, GROUPS) == (rule,)


def test_no_word_of_the_sources_is_left(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(exported(there(RICH), "shop").text)
    assert "ref:" not in (tmp_path / "x").read_text()


def test_a_group_that_is_called_spread_is_that_group() -> None:
    text = f"""project = "shop"
location = "fsn1"
[placements.spread]
[servers.web]
count = 2
{SERVER}placement = "spread"
[servers.db]
{SERVER}placement = "spread"
"""
    live = there(text)
    assert [one.name for one in live.things if one.kind == "placement"] == ["spread"]
    assert {one.fields["placement"] for one in live.things if one.kind == "server"} == {"spread"}
    again = desired([File("infra/shop.toml", exported(live, "shop").text)])
    assert plain(again.things) == plain(live.things)
