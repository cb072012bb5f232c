"""DNS records: checked by dnspython, read from zone files and written as such."""

import re
from typing import Literal

import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype
import dns.zone
import msgspec
from dns.rdataclass import IN

from vedette.instruments.hetzner.fake.calls import invalid
from vedette.instruments.hetzner.fake.labels import check
from vedette.instruments.hetzner.fake.state import Records, Zone

TYPES = (
    "A", "AAAA", "CAA", "CNAME", "DS", "HINFO", "HTTPS", "MX", "NS", "PTR", "RP", "SOA", "SRV", "SVCB", "TLSA", "TXT",
)  # fmt: skip
NAMESERVERS = ("hydrogen.ns.hetzner.com.", "oxygen.ns.hetzner.com.", "helium.ns.hetzner.de.")
_NAME = re.compile(
    r"@|(?:\*|[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_ZONE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_LEAST_TTL, _MOST_TTL = 60, 2**31 - 1
_LONGEST = 255


class Record(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A record: its value as zone files write it."""

    value: str
    comment: str = ""


class NewRecords(msgspec.Struct, kw_only=True):
    """A set of records as it is asked for."""

    name: str
    type: Literal[TYPES]  # type: ignore[valid-type]
    records: list[Record]
    ttl: int | None = None
    labels: dict[str, str] = {}


def zone_name(name: str) -> str:
    """Return the name of a zone. Raises `Refused` for what is no domain in lower case (IDNA: as `xn--`)."""
    if len(name) > _LONGEST or not _ZONE.fullmatch(name):
        raise invalid("name", f"'{name}' is not a domain in lower case")
    return name


def check_ttl(ttl: int | None) -> None:
    """Raise `Refused` where a time to live (seconds) is out of bounds."""
    if ttl is not None and not _LEAST_TTL <= ttl <= _MOST_TTL:
        raise invalid("ttl", f"must be from {_LEAST_TTL} to {_MOST_TTL} seconds")


def values(kind: str, records: list[Record]) -> list[dict[str, str]]:
    """Return records as they are kept. Raises `Refused` for none, the same twice, or what their type does not allow."""
    if not records:
        raise invalid("records", "must not be empty")
    if len({record.value for record in records}) < len(records):
        raise invalid("records", "must be unique")
    for at, record in enumerate(records):
        _check(f"records[{at}].value", kind, record.value)
    return [msgspec.to_builtins(record) for record in records]


def _check(field: str, kind: str, value: str) -> None:
    if kind == "TXT" and not value.startswith('"'):
        raise invalid(field, "must be in quotes")
    try:
        dns.rdata.from_text(IN, kind, value)
    except (dns.exception.DNSException, ValueError) as error:
        raise invalid(field, f"'{value}' is no {kind} record: {error}") from error


def new_records(zone: Zone, asked: NewRecords) -> Records:
    """Return a new set of records. Raises `Refused`."""
    if not _NAME.fullmatch(asked.name):
        raise invalid("name", f"'{asked.name}' is not a name within the zone, in lower case")
    check(asked.labels)
    check_ttl(asked.ttl)
    beside = {one.type for one in zone.records.values() if one.name == asked.name and one.type != asked.type}
    if beside and "CNAME" in {asked.type, *beside}:
        raise invalid("type", f"a CNAME stands alone, and '{asked.name}' has other records")
    if asked.type == "CNAME" and len(asked.records) > 1:
        raise invalid("records", "a name has one CNAME")
    return Records(
        name=asked.name,
        type=asked.type,
        values=values(asked.type, asked.records),
        ttl=asked.ttl,
        labels=asked.labels,
    )


def first_records() -> dict[str, Records]:
    """Return what a new zone has: SOA and NS."""
    soa = f"{NAMESERVERS[0]} dns.hetzner.com. 2026010100 86400 10800 3600000 3600"
    return {
        "@/SOA": Records(name="@", type="SOA", values=[{"value": soa}]),
        "@/NS": Records(name="@", type="NS", values=[{"value": name} for name in NAMESERVERS]),
    }


def zone_file(zone: Zone) -> str:
    """Return a zone as a zone file (RFC 1035)."""
    lines = [f"$ORIGIN {zone.name}.", f"$TTL {zone.ttl}"]
    for one in zone.records.values():
        ttl = f"\t{one.ttl}" if one.ttl else ""
        lines += [f"{one.name}{ttl}\tIN\t{one.type}\t{record['value']}" for record in one.values]
    return "\n".join(lines) + "\n"


def read_zone_file(name: str, text: str) -> dict[str, Records]:
    """Return the records of a zone file; without SOA and NS it gets those of a new zone. Raises `Refused`."""
    origin = dns.name.from_text(f"{name}.")
    try:
        parsed = dns.zone.from_text(text, origin=origin, check_origin=False, relativize=False)
    except (dns.exception.DNSException, ValueError) as error:
        raise invalid("zonefile", f"is not a zone file: {error}") from error
    found = first_records()
    for owner, rdataset in parsed.iterate_rdatasets():
        kind = dns.rdatatype.to_text(rdataset.rdtype)
        relative = str(owner.relativize(origin))
        if kind not in TYPES:
            raise invalid("zonefile", f"records of type {kind} are not supported")
        records = [{"value": record.to_text()} for record in rdataset]
        found[f"{relative}/{kind}"] = Records(
            name=relative, type=kind, values=records, ttl=rdataset.ttl or None
        )
    return found
