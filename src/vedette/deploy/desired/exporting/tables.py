"""Each kind of thing as the table of a file: only what differs from what a file without it would mean. Pure."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from vedette.deploy import rules
from vedette.deploy.desired.making.around import FIRST
from vedette.deploy.intents.world import rules_of
from vedette.wire import jsons
from vedette.wire.infra import OURS, Thing

Table = dict[str, object]
_UNTOLD = "is not told by Hetzner"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the project is: the location and network zone a file says once, and names for networks outside."""

    location: str
    zone: str
    groups: Mapping[str, tuple[str, ...]]


class Left(Exception):
    """A thing cannot be said by a file; the text tells why."""


Writer = Callable[[Thing, Place], Table]


def network(one: Thing, place: Place) -> Table:
    """Return a network; its vSwitch, of which there is one, has the last subnet."""
    subnets = sorted(jsons.records(one.fields, "subnets"), key=lambda each: each.get("type") == "vswitch")
    bridged = [each for each in subnets if each.get("type") == "vswitch"]
    if len(bridged) > 1:
        raise Left("it has two subnets of vSwitches")
    zones = {str(each.get("zone", "")) for each in subnets} - {place.zone}
    if len(zones) > 1 or (zones and len({str(each.get("zone", "")) for each in subnets}) > 1):
        raise Left("its subnets are in several network zones")
    return {
        "range": jsons.text(one.fields, "range"), "subnets": [str(each.get("range", "")) for each in subnets], "zone": next(iter(zones), ""),
        "routes": {str(each.get("to", "")): str(each.get("via", "")) for each in jsons.records(one.fields, "routes")},
        "vswitch": bridged[0].get("vswitch", 0) if bridged else 0, "to_vswitch": bool(one.fields.get("to_vswitch")),
    }  # fmt: skip


def key(one: Thing, _: Place) -> Table:
    """Return a public key."""
    return {"public": jsons.text(one.fields, "public")}


def placement(one: Thing, _: Place) -> Table:
    """Return a placement group."""
    if jsons.text(one.fields, "type") != "spread":
        raise Left(f"groups of the type {jsons.text(one.fields, 'type')} are not known")
    return {"type": "spread"}


def primary_ip(one: Thing, place: Place) -> Table:
    """Return a public address; the server that has it names it."""
    kind = jsons.text(one.fields, "type")
    return {
        "type": kind, "location": _elsewhere(one, place), "auto_delete": bool(one.fields.get("auto_delete")),
        "rdns": _rdns(one, kind if kind == "ipv4" else FIRST),
    }  # fmt: skip


def floating_ip(one: Thing, place: Place) -> Table:
    """Return an address that moves, with the server to which it leads."""
    kind = jsons.text(one.fields, "type")
    return {
        "type": kind, "location": _elsewhere(one, place), "server": jsons.text(one.fields, "server"),
        "rdns": _rdns(one, kind if kind == "ipv4" else FIRST),
    }  # fmt: skip


def certificate(one: Thing, _: Place) -> Table:
    """Return a certificate that Hetzner orders; of one that was uploaded nobody tells the private key."""
    if jsons.text(one.fields, "type") == "uploaded":
        raise Left(f"it was uploaded, and its private key {_UNTOLD}: write `file` and `key_file` yourself")
    return {"domains": list(jsons.texts(one.fields, "domains"))}


def firewall(one: Thing, place: Place) -> Table:
    """Return a firewall, its rules as lines."""
    found = sorted(rules_of(one), key=rules.key)
    lines = {
        side: [rules.written(each, place.groups) for each in found if each.direction == side]
        for side in ("in", "out")
    }
    return {
        "on": _one(jsons.texts(one.fields, "on")),
        "servers": _one(jsons.texts(one.fields, "servers")),
        "allow": lines["in"],
        "allow_out": lines["out"],
    }


def volume(one: Thing, place: Place) -> Table:
    """Return a volume."""
    return {
        "size": one.fields.get("size", 0), "server": jsons.text(one.fields, "server"),
        "location": "" if jsons.text(one.fields, "server") else _elsewhere(one, place),
        "format": jsons.text(one.fields, "format"), "encrypt": bool(one.fields.get("encrypt")),
    }  # fmt: skip


def server(one: Thing, place: Place) -> Table:
    """Return a server. Its keys and cloud-init, which count only when it is made, are told by nobody."""
    four, six = bool(one.fields.get("public_ipv4")), bool(one.fields.get("public_ipv6"))
    networks = [str(each.get("network", "")) for each in jsons.records(one.fields, "networks")]
    ips = [str(each.get("ip", "")) for each in jsons.records(one.fields, "networks")]
    return {
        "type": jsons.text(one.fields, "type"), "image": jsons.text(one.fields, "image"), "location": _elsewhere(one, place), "network": _one(networks),
        "ip": ips[0] if len(ips) == 1 else "", "public": True if four and six else "ipv4" if four else "ipv6" if six else False,
        "primary_ipv4": jsons.text(one.fields, "primary_ipv4"), "primary_ipv6": jsons.text(one.fields, "primary_ipv6"), "placement": jsons.text(one.fields, "placement"),
        "keys": _one(jsons.texts(one.fields, "keys")), "cloud_init": jsons.text(one.fields, "cloud_init"), "backups": bool(one.fields.get("backups")),
        "rdns": _rdns(one, "ipv4" if four or not six else FIRST),
    }  # fmt: skip


def load_balancer(one: Thing, place: Place) -> Table:
    """Return a load balancer."""
    targets = jsons.records(one.fields, "targets")
    private = {bool(each.get("private")) for each in targets if each.get("type") != "ip"}
    if len(private) > 1:
        raise Left("some of its targets are reached privately and others are not")
    in_network = bool(jsons.text(one.fields, "network"))
    return {
        "type": jsons.text(one.fields, "type"), "location": _elsewhere(one, place), "algorithm": jsons.text(one.fields, "algorithm"), "network": jsons.text(one.fields, "network"),
        "ip": jsons.text(one.fields, "ip"), "public": one.fields.get("public") is not False,
        "private_targets": None if not private or private == {in_network} else private.pop(),
        "targets": _one([str(each.get("of", "")) for each in targets]), "services": [_service(each) for each in jsons.records(one.fields, "services")],
        "rdns": _rdns(one, "ipv4"),
    }  # fmt: skip


def zone(one: Thing, _: Place) -> Table:
    """Return a zone, its records as lines; the zone's own name servers are Hetzner's."""
    ttl = one.fields.get("ttl", 0)
    lines = [
        " ".join(filter(None, (str(each.get("name", "")), "" if each.get("ttl") in {0, None, ttl} else str(each.get("ttl")), str(each.get("type", "")), value)))
        for each in jsons.records(one.fields, "records")
        if (each.get("name"), each.get("type")) != ("@", "NS")
        for value in jsons.texts(each, "values")
    ]  # fmt: skip
    return {"ttl": ttl or None, "records": lines}


def snapshot(one: Thing, _: Place) -> Table:
    """Return a snapshot."""
    return {
        "server": jsons.text(one.fields, "server"),
        "text": jsons.text(one.fields, "text") if jsons.text(one.fields, "text") != one.name else "",
    }


WRITERS: Mapping[str, tuple[str, Writer]] = {
    "network": ("networks", network),
    "key": ("keys", key),
    "placement": ("placements", placement),
    "primary_ip": ("primary_ips", primary_ip),
    "floating_ip": ("floating_ips", floating_ip),
    "certificate": ("certificates", certificate),
    "firewall": ("firewalls", firewall),
    "server": ("servers", server),
    "volume": ("volumes", volume),
    "load_balancer": ("load_balancers", load_balancer),
    "zone": ("zones", zone),
    "snapshot": ("snapshots", snapshot),
}


def labels(one: Thing) -> dict[str, str]:
    """Return the labels of a thing but for our own mark."""
    return {name: value for name, value in sorted(one.labels.items()) if name != OURS}


def _service(each: Mapping[str, object]) -> Table:
    health = each.get("health")
    return {
        "listen": each.get("listen"), "to": each.get("to"), "protocol": each.get("protocol"),
        "certificate": _one(jsons.texts(each, "certificates")), "redirect": each.get("redirect"), "proxyprotocol": each.get("proxyprotocol"),
        "sticky": each.get("sticky"), "cookie": each.get("cookie"), "cookie_lifetime": each.get("cookie_lifetime"),
        "health": dict(health) if isinstance(health, Mapping) else {},
    }  # fmt: skip


def _one(found: Sequence[str]) -> str | list[str]:
    return found[0] if len(found) == 1 else list(found)


def _elsewhere(one: Thing, place: Place) -> str:
    return "" if jsons.text(one.fields, "location") == place.location else jsons.text(one.fields, "location")


def _rdns(one: Thing, plain: str) -> str | dict[str, str]:
    found = one.fields.get("rdns")
    names = {str(k): str(v) for k, v in found.items()} if isinstance(found, Mapping) else {}
    return names[plain] if set(names) == {plain} else names
