"""DNSSEC: from an answer's signatures up to a trusted key.

Source: RFC 4035, section 5. Only what is there is proven: a name or record that does not exist (NSEC, NSEC3) is not,
nor is it that a wildcard was right to answer.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from vedette.core.errors import Invalid
from vedette.instruments.probe.optioning import wrong
from vedette.instruments.probe.types import Cause, Failed

if TYPE_CHECKING:
    from dns.message import Message
    from dns.name import Name
    from dns.rrset import RRset

# https://data.iana.org/root-anchors/root-anchors.xml: KSK-2017 and KSK-2024.
ROOT = (
    ". 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    ". 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
)
_DEEPEST = 12

Asker = Callable[[str, str], "Awaitable[Message]"]


def anchors_of(lines: Sequence[str]) -> "dict[Name, list[RRset]]":
    """Return trusted DS records by zone; raises `Invalid` for a line that is none."""
    import dns.name
    import dns.rrset
    from dns.exception import DNSException

    found: dict[Name, list[RRset]] = {}
    for line in lines or ROOT:
        zone, _, record = line.strip().partition(" ")
        try:
            owner = dns.name.from_text(zone)
            found.setdefault(owner, []).append(dns.rrset.from_text(owner, 0, "IN", "DS", record))
        except (DNSException, ValueError) as error:
            raise wrong("anchors", f"{line[:80]!r} is not as in “. 20326 8 2 E06D…”") from error
    return found


class Prover:
    """Proves answers, each key once. `now` is the instant signatures must be valid at."""

    def __init__(self, ask: Asker, anchors: "dict[Name, list[RRset]]", now: float) -> None:
        self._ask, self._anchors, self._now = ask, anchors, now
        self._keys: dict[Name, RRset] = {}

    async def prove(self, answer: "Message") -> None:
        """Raise `Failed` unless every record of the answer is signed by a key that leads to an anchor."""
        for rrset, signatures in _signed(answer):
            await self._prove(rrset, signatures, 0)

    async def _prove(self, rrset: "RRset", signatures: "RRset | None", depth: int) -> None:
        import dns.dnssec
        from dns.exception import DNSException

        if signatures is None:
            raise _unproven(f"{rrset.name} {_kind(rrset)} is not signed")
        signer = signatures[0].signer
        if not rrset.name.is_subdomain(signer):
            raise _unproven(f"{rrset.name} is signed by {signer}, which is not above it")
        keys = await self._keys_of(signer, depth)
        try:
            dns.dnssec.validate(rrset, signatures, {signer: keys}, now=self._now)
        except (DNSException, ValueError) as error:
            raise _unproven(f"the signature of {rrset.name} {_kind(rrset)} is wrong ({error})") from error

    async def _keys_of(self, zone: "Name", depth: int) -> "RRset":
        """Return the keys of a zone, once one of them is what its parent (or an anchor) says and has signed them all."""
        if zone in self._keys:
            return self._keys[zone]
        if depth > _DEEPEST:
            raise _unproven("the chain of signatures is too long")
        delegated = self._anchors.get(zone) or [await self._delegation(zone, depth)]
        answer = await self._ask(zone.to_text(), "DNSKEY")
        keys, signatures = next(_signed_of(answer, "DNSKEY"), (None, None))
        if keys is None or signatures is None:
            raise _unproven(f"{zone} has no signed keys")
        self._keys[zone] = _entered(keys, signatures, delegated, self._now)
        return self._keys[zone]

    async def _delegation(self, zone: "Name", depth: int) -> "RRset":
        import dns.name

        if zone == dns.name.root:
            raise _unproven("it does not lead to a trusted key")
        answer = await self._ask(zone.to_text(), "DS")
        records, signatures = next(_signed_of(answer, "DS"), (None, None))
        if records is None:
            raise _unproven(f"{zone.parent()} does not say that {zone} is signed (no DS)")
        if signatures is not None and signatures[0].signer == zone:
            raise _unproven(f"the DS of {zone} is signed by the zone itself")
        await self._prove(records, signatures, depth + 1)
        return records


def _entered(keys: "RRset", signatures: "RRset", delegated: "Sequence[RRset]", now: float) -> "RRset":
    """Return the keys when one that a DS names has signed them."""
    import dns.dnssec
    import dns.rrset
    from dns.exception import DNSException

    for key in keys:
        if not any(_is(key, record, keys) for records in delegated for record in records):
            continue
        alone = dns.rrset.from_rdata(keys.name, keys.ttl, key)
        try:
            dns.dnssec.validate(keys, signatures, {keys.name: alone}, now=now)
        except (DNSException, ValueError):
            continue
        return keys
    raise _unproven(f"no key of {keys.name} is the one its parent or the anchor names")


def _is(key: object, record: object, keys: "RRset") -> bool:
    """Tell whether a DS is that of a key."""
    import dns.dnssec
    from dns.exception import DNSException

    try:
        made = dns.dnssec.make_ds(keys.name, key, record.digest_type, validating=True)  # type: ignore[attr-defined, arg-type]
    except (DNSException, ValueError):
        return False
    return bool(made == record)


def _signed(answer: "Message") -> "list[tuple[RRset, RRset | None]]":
    from dns.rdatatype import RRSIG

    plain = [rrset for rrset in answer.answer if rrset.rdtype != RRSIG]
    if not plain:
        raise _unproven("there is no record, and only what is there can be proven")
    return [(rrset, _signatures(answer, rrset)) for rrset in plain]


def _signed_of(answer: "Message", kind: str) -> "Iterator[tuple[RRset, RRset | None]]":
    from dns.rdatatype import from_text

    for rrset in answer.answer:
        if rrset.rdtype == from_text(kind):
            yield rrset, _signatures(answer, rrset)


def _signatures(answer: "Message", rrset: "RRset") -> "RRset | None":
    from dns.rdatatype import RRSIG

    for found in answer.answer:
        if found.rdtype == RRSIG and found.covers == rrset.rdtype and found.name == rrset.name:
            return found
    return None


def _kind(rrset: "RRset") -> str:
    from dns.rdatatype import to_text

    return to_text(rrset.rdtype)


def _unproven(why: str) -> Failed:
    return Failed(Cause.DNSSEC, f"The answer is not proven by DNSSEC: {why}.")


def check_anchors(lines: Sequence[str]) -> None:
    """Raise `Invalid` for anchors that cannot be read."""
    if len(lines) > 20:
        raise Invalid("anchors: 20 are the most.", {"anchors": "too many"})
    anchors_of(lines)
