"""A host's own firewall lets in what files say: Hetzner's rules, load balancers, and intents in private networks."""

from vedette.deploy.desired.reading import File, desired
from vedette.deploy.intents.host_rules import host_rules
from vedette.deploy.rules import ANY
from vedette.deploy.types import Desired
from vedette.wire.infra import Rule

FILE = """project = "shop"
location = "fsn1"
assert = ["web reaches db:5432", "admin reaches web:9100", "internet cannot reach db:*", "web reaches web:7000", "db has no public address"]
[groups]
admin = ["203.0.113.0/24"]
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
network = "main"
public = false
[firewalls.web]
on = "role=web"
allow = ["tcp/22 from admin", "icmp from any"]
[load_balancers.front]
type = "lb11"
network = "main"
targets = "role=web"
services = [{ listen = 80, to = 8080 }]
"""


def shop(text: str = FILE) -> Desired:
    return desired([File("shop.toml", text)])


def test_a_web_server_lets_in_what_its_firewall_its_balancer_and_its_intents_say() -> None:
    assert host_rules(shop(), "web-1") == (
        Rule(protocol="tcp", port="22", peers=("203.0.113.0/24",)),
        Rule(protocol="tcp", port="8080", peers=("10.0.0.0/16",)),
        Rule(protocol="tcp", port="9100", peers=("203.0.113.0/24",)),
        Rule(protocol="tcp", port="7000", peers=("10.0.0.0/16",)),
    )


def test_a_database_lets_in_the_private_network_of_who_must_reach_it() -> None:
    assert host_rules(shop(), "db") == (Rule(protocol="tcp", port="5432", peers=("10.0.0.0/16",)),)


def test_a_balancer_that_comes_by_public_addresses_comes_from_anywhere() -> None:
    text = FILE.replace('type = "lb11"\nnetwork = "main"', 'type = "lb11"')
    rules = host_rules(shop(text), "web-2") or ()
    assert Rule(protocol="tcp", port="8080", peers=ANY) in rules


def test_of_a_server_that_no_file_speaks_of_nothing_is_said() -> None:
    assert host_rules(shop(), "mail") is None
