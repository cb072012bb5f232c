"""Servers and their volumes. Pure."""

import ipaddress
from collections.abc import Iterator

from vedette.deploy.desired.collecting import Entry
from vedette.deploy.desired.making.around import (
    SPREAD,
    Around,
    Made,
    file_text,
    host_name,
    labelled,
    many,
    names_of,
    rdns,
    somewhere,
    unknown,
)  # fmt: skip
from vedette.deploy.desired.written import DiskText, ServerText
from vedette.deploy.suggesting import no_such
from vedette.wire.ascode.reading import Fault
from vedette.wire.infra import Thing

_TEXTS = ("#cloud-config", "#!", "#include", "Content-Type:", "#cloud-boothook")
_LONGEST_CLOUD_INIT = 32 * 1024
_MOST_IN_A_GROUP = 10


def servers(around: Around) -> Made:
    """Yield servers, each of several by its number, with their volumes."""
    seen: dict[str, str] = {}
    for entry in around.said.servers.values():
        cloud_init = _cloud_init(entry, around)
        faults = list(_faults(entry, around))
        faults += [cloud_init] if isinstance(cloud_init, Fault) else []
        for name in names_of(entry.name, entry.text.count):
            if name in seen:
                faults.append(entry.fault(f"The server {name} is one of [servers.{seen[name]}] as well."))
            seen[name] = entry.name
        yield from faults or _several(entry, around, str(cloud_init))


def _several(entry: Entry[ServerText], around: Around, cloud_init: str) -> Iterator[Thing]:
    for number, name in enumerate(names_of(entry.name, entry.text.count), 1):
        yield _server(entry, around, name, number, cloud_init)
        yield from (_disk(entry, around, disk, name) for disk in entry.text.volumes)


def _server(entry: Entry[ServerText], around: Around, name: str, number: int, cloud_init: str) -> Thing:
    text = entry.text
    names = rdns(entry, text.rdns, "ipv6" if text.public == "ipv6" else "ipv4")
    primary4, primary6 = (one.replace("{n}", str(number)) for one in (text.primary_ipv4, text.primary_ipv6))
    return Thing(
        kind="server", name=name, labels=text.labels, place=entry.place, protected=text.protect,
        fields={
            "type": text.type, "image": text.image, "location": around.location(text.location),
            "placement": entry.name if around.has_own_group(text.placement) else text.placement,
            "networks": [{"network": each, "ip": _ip(text, number)} for each in sorted(many(text.network))],
            "public_ipv4": text.public in {True, "ipv4"} or bool(primary4),
            "public_ipv6": text.public in {True, "ipv6"} or bool(primary6),
            "primary_ipv4": primary4, "primary_ipv6": primary6, "keys": sorted(many(text.keys)),
            "cloud_init": cloud_init, "backups": text.backups,
            "rdns": {key: one.replace("{n}", str(number)) for key, one in names.items()} if isinstance(names, dict) else {},
            "protect": text.protect,
        },
    )  # fmt: skip


def _ip(text: ServerText, number: int) -> str:
    return str(ipaddress.IPv4Address(text.ip) + (number - 1)) if text.ip else ""


def _disk(entry: Entry[ServerText], around: Around, disk: DiskText, server: str) -> Thing:
    return Thing(
        kind="volume", name=f"{server}-{disk.name}", labels=disk.labels, place=entry.place, protected=disk.protect,
        fields={
            "size": disk.size, "location": around.location(entry.text.location), "server": server, "format": disk.format,
            "automount": disk.automount, "encrypt": disk.encrypt, "protect": disk.protect,
        },
    )  # fmt: skip


def volumes(around: Around) -> Made:
    """Yield volumes that have a table of their own."""
    for entry in around.said.volumes.values():
        text = entry.text
        faults = list(labelled(entry, text.labels))
        table = next((each for each, names in around.servers.items() if text.server in names), "")
        if text.server and not table:
            faults.append(entry.fault(no_such(text.server, around.every_server(), "[servers]"), "server"))
        home = around.said.servers[table].text.location if table else ""
        location = around.location(text.location or home)
        faults += somewhere(entry, location, around)
        if table and location != around.location(home):
            faults.append(
                entry.fault(
                    f"It is in {location}, its server {text.server} in {around.location(home)}.", "location"
                )
            )
        yield from faults or (
            Thing(
                kind="volume", name=entry.name, labels=text.labels, place=entry.place, protected=text.protect,
                fields={
                    "size": text.size, "location": location, "server": text.server, "format": text.format,
                    "automount": text.automount, "encrypt": text.encrypt, "protect": text.protect,
                },
            ),
        )  # fmt: skip


def _faults(entry: Entry[ServerText], around: Around) -> Iterator[Fault]:
    text, said = entry.text, around.said
    yield from host_name(entry, names_of(entry.name, text.count)[0])
    yield from labelled(entry, text.labels)
    yield from somewhere(entry, around.location(text.location), around)
    yield from unknown(entry, "type", text.type, around.catalogue.servers, "Hetzner")
    if text.image:
        yield from unknown(entry, "image", text.image, {*around.catalogue.images, *said.snapshots}, "Hetzner")
    for each in many(text.keys):
        yield from unknown(entry, "keys", each, said.keys, "[keys]")
    yield from _networked(entry, around)
    yield from _placed(entry, around)
    yield from _addressed(entry, around)
    for number, disk in enumerate(text.volumes):
        yield from labelled(entry, disk.labels)
        if disk.name in [other.name for other in text.volumes[:number]]:
            yield entry.fault(f"There are two volumes called {disk.name}.", "volumes", number)


def _networked(entry: Entry[ServerText], around: Around) -> Iterator[Fault]:
    text, said = entry.text, around.said
    given = many(text.network)
    for each in given:
        yield from unknown(entry, "network", each, said.networks, "[networks]")
        there = said.networks.get(each)
        if there is not None and not there.text.subnets:
            yield entry.fault(f"[networks.{each}] has no subnet; a server needs one to be in it.", "network")
    if not given and not text.public and not text.primary_ipv4 and not text.primary_ipv6:
        yield entry.fault("It has neither a network nor a public address: nobody would reach it.", "public")
    yield from _overlapping(entry, around)
    if text.ip:
        yield from _private_ip(entry, around)


def _overlapping(entry: Entry[ServerText], around: Around) -> Iterator[Fault]:
    """Yield that two networks of a server overlap: it could not tell them apart."""
    ranges = dict[str, ipaddress.IPv4Network]()
    for each in many(entry.text.network):
        there = around.said.networks.get(each)
        try:
            found = ipaddress.IPv4Network(there.text.range) if there else None
        except ValueError:
            continue
        other = next((name for name, one in ranges.items() if found and one.overlaps(found)), "")
        if other:
            yield entry.fault(f"Its networks {other} and {each} overlap.", "network")
        elif found:
            ranges[each] = found


def _private_ip(entry: Entry[ServerText], around: Around) -> Iterator[Fault]:
    text = entry.text
    if len(many(text.network)) != 1:
        yield entry.fault("`ip` is a private address: name the one network it is in.", "ip")
        return
    there = around.said.networks.get(many(text.network)[0])
    try:
        ends = [ipaddress.IPv4Address(_ip(text, number)) for number in (1, text.count or 1)]
        nets = [ipaddress.ip_network(each, strict=False) for each in (there.text.subnets if there else ())]
    except ValueError:
        yield entry.fault(f"{text.ip!r} is no IPv4 address.", "ip")
        return
    for end in ends:
        if nets and not any(end in each for each in nets):
            yield entry.fault(f"{end} lies in no subnet of [networks.{many(text.network)[0]}].", "ip")


def _placed(entry: Entry[ServerText], around: Around) -> Iterator[Fault]:
    text = entry.text
    if not text.placement or around.has_own_group(text.placement):
        if text.placement and (text.count or 1) > _MOST_IN_A_GROUP:
            yield entry.fault(f"A placement group holds {_MOST_IN_A_GROUP} servers at most.", "placement")
    else:
        yield from unknown(
            entry, "placement", text.placement, {SPREAD, *around.said.placements}, "[placements]"
        )


def _addressed(entry: Entry[ServerText], around: Around) -> Iterator[Fault]:
    text = entry.text
    names = rdns(entry, text.rdns, "ipv4")
    if isinstance(names, Fault):
        yield names
    for key, given in (("primary_ipv4", text.primary_ipv4), ("primary_ipv6", text.primary_ipv6)):
        if not given:
            continue
        if "{n}" not in given and (text.count or 1) > 1:
            yield entry.fault(f'Each server has its own: {key} = "{given}-{{n}}".', key)
        for number in range(1, (text.count or 1) + 1):
            name = given.replace("{n}", str(number))
            yield from unknown(entry, key, name, around.said.primary_ips, "[primary_ips]")
            there = around.said.primary_ips.get(name)
            if there is not None and f"primary_{there.text.type}" != key:
                yield entry.fault(f"[primary_ips.{name}] is {there.text.type}.", key)


def _cloud_init(entry: Entry[ServerText], around: Around) -> str | Fault:
    """Return what a server runs at its first boot: the text itself, or that of the file it names."""
    given = entry.text.cloud_init
    if not given or given.startswith(_TEXTS):
        return given
    found = file_text(entry, "cloud_init", given, around)
    if isinstance(found, str) and not found.startswith(_TEXTS):
        return entry.fault(
            f"{given} begins with none of {', '.join(_TEXTS)}: cloud-init would ignore it.", "cloud_init"
        )
    if isinstance(found, str) and len(found.encode()) > _LONGEST_CLOUD_INIT:
        return entry.fault(f"{given} is longer than 32 KiB, the most that Hetzner takes.", "cloud_init")
    return found
