"""A shop at Hetzner as a file would say it: a network, two web servers and a database behind firewalls, a load balancer, a zone."""

from collections.abc import Mapping

from vedette.deploy.types import Desired
from vedette.wire.infra import Thing

ANY = ["0.0.0.0/0", "::/0"]
HEALTH = {
    "protocol": "http", "port": 80, "interval": 15, "timeout": 10, "retries": 3, "path": "/health", "domain": "",
    "response": "", "status": ["2??", "3??"], "tls": False,
}  # fmt: skip


def rule(
    port: str, *, peers: list[str] | None = None, direction: str = "in", text: str = ""
) -> dict[str, object]:
    """Return a rule for TCP."""
    return {"direction": direction, "protocol": "tcp", "port": port, "peers": peers or ANY, "text": text}


def server(name: str, role: str, **fields: object) -> Thing:
    """Return a server of the shop."""
    own: dict[str, object] = {
        "type": "cx23", "image": "debian-12", "location": "fsn1", "placement": "", "networks": [{"network": "main", "ip": ""}],
        "public_ipv4": True, "public_ipv6": True, "primary_ipv4": "", "primary_ipv6": "", "keys": ["ann"], "cloud_init": "",
        "backups": False, "rdns": {}, "protect": False,
    }  # fmt: skip
    return Thing(kind="server", name=name, labels={"role": role}, fields={**own, **fields})


def floating(leads_to: str) -> Thing:
    """Return an address that moves, with the server to which it leads."""
    fields = {"type": "ipv4", "location": "fsn1", "server": leads_to, "rdns": {}, "protect": False}
    return Thing(kind="floating_ip", name="moves", fields=fields)


def firewall(name: str, on: str, *rules: Mapping[str, object], servers: tuple[str, ...] = ()) -> Thing:
    """Return a firewall by label."""
    return Thing(
        kind="firewall",
        name=name,
        fields={"rules": list(rules), "on": [on] if on else [], "servers": list(servers)},
    )


def network() -> Thing:
    """Return the network."""
    subnets = [{"range": "10.0.1.0/24", "type": "cloud", "zone": "eu-central", "vswitch": 0}]
    fields = {"range": "10.0.0.0/16", "subnets": subnets, "routes": [], "to_vswitch": False, "protect": False}
    return Thing(kind="network", name="main", fields=fields)


def key() -> Thing:
    """Return Ann's key."""
    public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    return Thing(kind="key", name="ann", fields={"public": public})


def balancer(**fields: object) -> Thing:
    """Return the load balancer."""
    service = {
        "protocol": "https", "listen": 443, "to": 80, "proxyprotocol": False, "certificates": ["shop"], "redirect": True,
        "sticky": False, "cookie": "", "cookie_lifetime": 0, "health": HEALTH,
    }  # fmt: skip
    own: dict[str, object] = {
        "type": "lb11", "location": "fsn1", "algorithm": "round_robin", "network": "main", "ip": "", "public": True,
        "services": [service], "targets": [{"type": "label_selector", "of": "role=web", "private": True}], "rdns": {}, "protect": False,
    }  # fmt: skip
    return Thing(kind="load_balancer", name="front", fields={**own, **fields})


def zone() -> Thing:
    """Return the zone."""
    records = [
        {"name": "@", "type": "A", "ttl": 0, "values": ["ref:load_balancer/front"]},
        {"name": "www", "type": "CNAME", "ttl": 300, "values": ["shop.example."]},
    ]
    return Thing(kind="zone", name="shop.example", fields={"ttl": 3600, "records": records, "protect": False})


def certificate() -> Thing:
    """Return the certificate."""
    return Thing(kind="certificate", name="shop", fields={"type": "managed", "domains": ["shop.example"]})


def volume(**fields: object) -> Thing:
    """Return the database's volume."""
    own = {
        "size": 40,
        "location": "fsn1",
        "server": "db",
        "format": "ext4",
        "automount": False,
        "encrypt": False,
        "protect": True,
    }
    return Thing(kind="volume", name="db-data", fields={**own, **fields})


def shop(*more: Thing, without: tuple[str, ...] = ()) -> Desired:
    """Return the shop; `more` stands in for what it names the same, `without` leaves out by name."""
    things = [
        network(), key(), Thing(kind="placement", name="apart", fields={"type": "spread"}), certificate(),
        firewall("web", "role=web", rule("443", text="the shop"), rule("22", peers=["203.0.113.0/24"])),
        firewall("db", "role=db", rule("22", peers=["203.0.113.0/24"])),
        server("web-1", "web", placement="apart"), server("web-2", "web", placement="apart"), server("db", "db"),
        volume(), balancer(), zone(),
    ]  # fmt: skip
    said = {each.ref: each for each in [*things, *more]}
    return Desired(project="shop", things=tuple(each for each in said.values() if each.name not in without))
