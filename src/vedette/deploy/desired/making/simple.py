"""Networks, keys, placement groups, public addresses, certificates and snapshots. Pure."""

import base64
import binascii
import ipaddress
from collections.abc import Iterator

from vedette.core.errors import Invalid
from vedette.deploy.desired.collecting import Entry
from vedette.deploy.desired.making.around import (
    Around,
    Made,
    file_text,
    labelled,
    rdns,
    somewhere,
    unknown,
)
from vedette.deploy.desired.written import (
    CertificateText,
    KeyText,
    NetworkText,
    PlacementText,
)
from vedette.deploy.rules import network
from vedette.wire.ascode.reading import Fault
from vedette.wire.infra import Thing

_KEYS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
         "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")  # fmt: skip
_PRIVATE = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))


def networks(around: Around) -> Made:
    """Yield private networks."""
    for entry in around.said.networks.values():
        faults = [
            *labelled(entry, entry.text.labels),
            *_ranges(entry),
            *_routes(entry),
            *_zone(entry, around),
        ]
        yield from faults or (_network(entry, around),)


def _network(entry: Entry[NetworkText], around: Around) -> Thing:
    text = entry.text
    zone = text.zone or around.zone(around.said.word("location"))
    last = len(text.subnets) - 1
    subnets = [
        {
            "range": network(each), "type": "vswitch" if text.vswitch and n == last else "cloud",
            "zone": zone, "vswitch": text.vswitch if n == last else 0,
        }
        for n, each in enumerate(text.subnets)
    ]  # fmt: skip
    return Thing(
        kind="network", name=entry.name, labels=text.labels, place=entry.place, protected=text.protect,
        fields={
            "range": network(text.range), "subnets": sorted(subnets, key=lambda one: _order(str(one["range"]))),
            "routes": [{"to": to, "via": via} for to, via in sorted(text.routes.items())],
            "to_vswitch": text.to_vswitch, "protect": text.protect,
        },
    )  # fmt: skip


def _order(cidr: str) -> tuple[int, int]:
    found = ipaddress.ip_network(cidr)
    return int(found.network_address), found.prefixlen


def _ranges(entry: Entry[NetworkText]) -> Iterator[Fault]:
    whole = _checked(entry, entry.text.range, "range")
    if isinstance(whole, Fault):
        yield whole
    elif not any(whole.subnet_of(each) for each in _PRIVATE):
        yield entry.fault(
            f"{whole} is no private range; take one within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.",
            "range",
        )
    seen: list[ipaddress.IPv4Network] = []
    for number, each in enumerate(entry.text.subnets):
        found = _checked(entry, each, "subnets", number)
        if isinstance(found, Fault):
            yield found
            continue
        if not isinstance(whole, Fault) and not found.subnet_of(whole):
            yield entry.fault(
                f"The subnet {found} lies outside of the network's range {whole}.", "subnets", number
            )
        for other in seen:
            if found.overlaps(other):
                yield entry.fault(f"The subnets {other} and {found} overlap.", "subnets", number)
        seen.append(found)


def _checked(entry: Entry[NetworkText], text: str, *place: str | int) -> ipaddress.IPv4Network | Fault:
    try:
        found = ipaddress.ip_network(network(text))
    except Invalid as error:
        return entry.fault(str(error), *place)
    if found.version == 6:
        return entry.fault(f"{text} is IPv6; private networks of Hetzner are IPv4.", *place)
    return found


def _routes(entry: Entry[NetworkText]) -> Iterator[Fault]:
    for to, via in entry.text.routes.items():
        try:
            network(to)
            ipaddress.IPv4Address(via)
        except (Invalid, ipaddress.AddressValueError) as error:
            yield entry.fault(f'A route is {{ "0.0.0.0/0" = "10.0.1.1" }}: {error}', "routes", to)


def _zone(entry: Entry[NetworkText], around: Around) -> Iterator[Fault]:
    zones = set(around.catalogue.locations.values())
    if entry.text.zone:
        yield from unknown(entry, "zone", entry.text.zone, zones, "Hetzner")
    elif entry.text.subnets and not around.zone(around.said.word("location")):
        yield entry.fault(
            'Say the zone of its subnets: zone = "eu-central", or `location` above the first [table].'
        )


def keys(around: Around) -> Made:
    """Yield public keys; two tables with the same key are one too many, for Hetzner takes it once."""
    seen: dict[str, str] = {}
    for entry in around.said.keys.values():
        yield from labelled(entry, entry.text.labels)
        found = _public(entry, around)
        if isinstance(found, Fault):
            yield found
        elif found in seen:
            yield entry.fault(f"[keys.{entry.name}] is the same key as [keys.{seen[found]}]; leave one.")
        else:
            seen[found] = entry.name
            yield Thing(
                kind="key",
                name=entry.name,
                labels=entry.text.labels,
                place=entry.place,
                fields={"public": found},
            )


def _public(entry: Entry[KeyText], around: Around) -> str | Fault:
    text = entry.text
    if bool(text.public) == bool(text.file):
        return entry.fault('A key has one of `public = "ssh-ed25519 …"` and `file = "ann.pub"`.')
    given = text.public or file_text(entry, "file", text.file, around)
    if isinstance(given, Fault):
        return given
    at = "public" if text.public else "file"
    if "PRIVATE KEY" in given:
        return entry.fault(
            "This is a private key; name the file that ends in .pub, and keep this one to yourself.", at
        )
    parts = given.split()
    if len(parts) < 2 or parts[0] not in _KEYS or not _is_blob(parts[0], parts[1]):
        return entry.fault(f"This is no public key of OpenSSH; it begins with {_KEYS[0]} AAAA….", at)
    return " ".join(parts[:2])


def _is_blob(kind: str, text: str) -> bool:
    """Tell whether a blob is of its kind: it begins with the length and name of it (RFC 4253, 6.6)."""
    try:
        blob = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return blob[4 : 4 + len(kind)] == kind.encode() and len(blob) > 4 + len(kind)


def placements(around: Around) -> Made:
    """Yield placement groups: those with a table of their own, and those of servers that say `spread`."""
    for entry in around.said.placements.values():
        yield from labelled(entry, entry.text.labels)
        yield _placement(entry)
    for server in around.said.servers.values():
        if around.has_own_group(server.text.placement):
            if server.name in around.said.placements:
                yield server.fault(
                    f'There is [placements.{server.name}]; write placement = "{server.name}".', "placement"
                )
            else:
                yield Thing(kind="placement", name=server.name, place=server.place, fields={"type": "spread"})


def _placement(entry: Entry[PlacementText]) -> Thing:
    return Thing(
        kind="placement",
        name=entry.name,
        labels=entry.text.labels,
        place=entry.place,
        fields={"type": entry.text.type},
    )


def primary_ips(around: Around) -> Made:
    """Yield public addresses; the server that has one says so."""
    for entry in around.said.primary_ips.values():
        text, location = entry.text, around.location(entry.text.location)
        names = rdns(entry, text.rdns, text.type)
        faults = [*labelled(entry, text.labels), *somewhere(entry, location, around)]
        if isinstance(names, Fault):
            faults.append(names)
        yield from faults or (
            Thing(
                kind="primary_ip", name=entry.name, labels=text.labels, place=entry.place, protected=text.protect,
                fields={
                    "type": text.type, "location": location, "server": _holder(around, entry.name, text.type),
                    "auto_delete": text.auto_delete, "rdns": names, "protect": text.protect,
                },
            ),
        )  # fmt: skip


def _holder(around: Around, name: str, kind: str) -> str:
    for table, servers in around.servers.items():
        text = around.said.servers[table].text
        given = text.primary_ipv4 if kind == "ipv4" else text.primary_ipv6
        for number, server in enumerate(servers, 1):
            if given and given.replace("{n}", str(number)) == name:
                return server
    return ""


def floating_ips(around: Around) -> Made:
    """Yield addresses that move between servers; each says to which it leads."""
    for entry in around.said.floating_ips.values():
        text, location = entry.text, around.location(entry.text.location)
        names = rdns(entry, text.rdns, text.type)
        faults = [*labelled(entry, text.labels), *somewhere(entry, location, around)]
        if text.server:
            faults += unknown(entry, "server", text.server, around.every_server(), "[servers]")
        if isinstance(names, Fault):
            faults.append(names)
        yield from faults or (
            Thing(
                kind="floating_ip", name=entry.name, labels=text.labels, place=entry.place, protected=text.protect,
                fields={"type": text.type, "location": location, "server": text.server, "rdns": names, "protect": text.protect},
            ),
        )  # fmt: skip


def certificates(around: Around) -> Made:
    """Yield certificates. The private key is only named: it is read when the certificate is uploaded."""
    for entry in around.said.certificates.values():
        text = entry.text
        faults = [*labelled(entry, text.labels), *_sources(entry)]
        chain = file_text(entry, "file", text.file, around) if text.file and not faults else ""
        if isinstance(chain, Fault):
            faults.append(chain)
        elif text.file and not faults and "BEGIN CERTIFICATE" not in chain:
            faults.append(entry.fault(f"{text.file} is no certificate in PEM.", "file"))
        yield from faults or (
            Thing(
                kind="certificate", name=entry.name, labels=text.labels, place=entry.place,
                fields={
                    "type": "uploaded" if text.file else "managed", "domains": sorted(map(str.lower, text.domains)),
                    "certificate": str(chain).strip(), "key_file": _key_file(entry),
                },
            ),
        )  # fmt: skip


def _key_file(entry: Entry[CertificateText]) -> str:
    name = entry.text.key_file
    return (
        name if not name or name.startswith("/") or not entry.file.folder else f"{entry.file.folder}/{name}"
    )


def _sources(entry: Entry[CertificateText]) -> Iterator[Fault]:
    text = entry.text
    if bool(text.file) != bool(text.key_file) or bool(text.file) == bool(text.domains):
        yield entry.fault("A certificate has `domains`, which Hetzner orders, or both `file` and `key_file`.")
    for number, each in enumerate(text.domains):
        if not each.removeprefix("*.").replace("-", "").replace(".", "").isalnum() or "." not in each:
            yield entry.fault(
                f"{each!r} is no domain; write shop.example or *.shop.example.", "domains", number
            )


def snapshots(around: Around) -> Made:
    """Yield snapshots that are to be kept."""
    for entry in around.said.snapshots.values():
        text = entry.text
        yield from labelled(entry, text.labels)
        if text.server:
            yield from unknown(entry, "server", text.server, around.every_server(), "[servers]")
        yield Thing(
            kind="snapshot", name=entry.name, labels=text.labels, place=entry.place, protected=text.protect,
            fields={"server": text.server, "text": text.text or entry.name, "protect": text.protect},
        )  # fmt: skip
