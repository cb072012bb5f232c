"""DNS zones: records as lines of a zone file, where a value may be the name of something in the file. Pure."""

import ipaddress
import re
from collections.abc import Iterator, Mapping

import msgspec

from vedette.core.errors import Invalid
from vedette.deploy.desired.collecting import Entry
from vedette.deploy.desired.making.around import Around, Made, labelled
from vedette.deploy.desired.written import ZoneText
from vedette.deploy.suggesting import no_such
from vedette.wire.ascode.reading import Fault
from vedette.wire.infra import REF, Thing

TYPES = (
    "A",
    "AAAA",
    "CAA",
    "CNAME",
    "DS",
    "HINFO",
    "HTTPS",
    "MX",
    "NS",
    "PTR",
    "RP",
    "SRV",
    "SVCB",
    "TLSA",
    "TXT",
)
_NAMED = ("CNAME", "MX", "NS", "PTR", "SRV")  # whose last word is a name
_RECORD = re.compile(r"(?P<name>\S+)\s+(?:(?P<ttl>\d+)\s+)?(?P<type>[A-Za-z]+)\s+(?P<value>\S.*)")
_LONGEST_STRING = 255


class Record(msgspec.Struct, frozen=True):
    """A line of a zone: its name below the zone (`@`: the zone itself), type, seconds it may be kept (0: the zone's), value."""

    name: str
    type: str
    ttl: int
    value: str


def zones(around: Around) -> Made:
    """Yield zones; records of one name and type are one."""
    for entry in around.said.zones.values():
        found = [_record(entry, around, number, line) for number, line in enumerate(entry.text.records)]
        faults = [each for each in found if isinstance(each, Fault)]
        records = [each for each in found if isinstance(each, Record)]
        faults += [*labelled(entry, entry.text.labels), *_clashes(entry, records)]
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", entry.name):
            faults.append(
                entry.fault(
                    f'{entry.name!r} is no domain; write [zones."shop.example"], with xn-- for others.'
                )
            )
        yield from faults or (
            Thing(
                kind="zone", name=entry.name, labels=entry.text.labels, place=entry.place, protected=entry.text.protect,
                fields={"ttl": entry.text.ttl, "records": grouped(records), "protect": entry.text.protect},
            ),
        )  # fmt: skip


def grouped(records: list[Record]) -> list[Mapping[str, object]]:
    """Return records as Hetzner keeps them: one entry for each name and type, its values sorted."""
    found: dict[tuple[str, str], list[Record]] = {}
    for one in records:
        found.setdefault((one.name, one.type), []).append(one)
    return [
        {"name": name, "type": kind, "ttl": max(each.ttl for each in ones), "values": sorted({each.value for each in ones})}
        for (name, kind), ones in sorted(found.items())
    ]  # fmt: skip


def _record(entry: Entry[ZoneText], around: Around, number: int, line: str) -> Record | Fault:
    try:
        return _parsed(line, around)
    except Invalid as error:
        return entry.fault(str(error), "records", number)


def _parsed(line: str, around: Around) -> Record:
    found = _RECORD.fullmatch(line.strip())
    kind = found["type"].upper() if found else ""
    if found is None:
        raise Invalid(f'{line!r} is no record; write "@ A front", "www 300 CNAME @", "@ MX 10 mail.example."')
    if kind not in TYPES:
        raise Invalid(no_such(kind, TYPES, "A zone"))
    return Record(found["name"].lower(), kind, int(found["ttl"] or 0), _value(kind, found["value"], around))


def _value(kind: str, text: str, around: Around) -> str:
    if kind in {"A", "AAAA"}:
        return _address(kind, text, around)
    if kind in _NAMED:
        *before, last = text.split()
        return " ".join(
            [*before, last if last == "@" or "." not in last or last.endswith(".") else f"{last}."]
        )
    if kind == "TXT" and not text.startswith('"'):
        parts = [text[at : at + _LONGEST_STRING] for at in range(0, len(text), _LONGEST_STRING)]
        return " ".join(f'"{_escaped(part)}"' for part in parts)
    return text


def _escaped(text: str) -> str:
    """Return a string as zone files quote it (RFC 1035, 5.1)."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _address(kind: str, text: str, around: Around) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return _reference(kind, text, around)
    if address.version != (4 if kind == "A" else 6):
        raise Invalid(f"{text} is IPv{address.version}; write {'A' if address.version == 4 else 'AAAA'}.")
    return str(address)


def _reference(kind: str, name: str, around: Around) -> str:
    said = around.said
    known = {
        "load_balancer": tuple(said.load_balancers),
        "server": around.every_server(),
        "primary_ip": tuple(said.primary_ips),
        "floating_ip": tuple(said.floating_ips),
    }
    found = [thing for thing, names in known.items() if name in names]
    wanted, _, bare = name.partition("/")
    if wanted in known and bare in known[wanted]:
        return f"{REF}{name}"
    if not found:
        every = [each for names in known.values() for each in names]
        told = no_such(name, every, "The file")
        raise Invalid(
            f"{told} The value of {kind} is an address, a server, a load balancer, a primary or a floating IP."
        )
    if len(found) > 1:
        raise Invalid(f"{name} is the name of a {' and of a '.join(found)}; write {found[0]}/{name}.")
    return f"{REF}{found[0]}/{name}"


def _clashes(entry: Entry[ZoneText], records: list[Record]) -> Iterator[Fault]:
    kinds: dict[str, set[str]] = {}
    for one in records:
        kinds.setdefault(one.name, set()).add(one.type)
    for name, there in kinds.items():
        if "CNAME" in there and (len(there) > 1 or name == "@"):
            with_ = "the zone's own name" if name == "@" else ", ".join(sorted(there - {"CNAME"}))
            yield entry.fault(f"CNAME of {name} stands beside {with_}; a CNAME stands alone.", "records")
