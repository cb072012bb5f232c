"""Who may issue certificates (CAA, RFC 8659), and whether answers are signed (DNSSEC, RFC 4035)."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from vedette.instruments.probe.dns.asking import Flags
from vedette.instruments.probe.dns.proving import Prover, anchors_of
from vedette.instruments.probe.types import Cause, Failed
from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.dns.zone import Zone

if TYPE_CHECKING:
    from dns.message import Message

CHECKS = (
    Check("caa-missing", "Any authority may issue certificates", 1.5, "A mistake of the weakest one is enough.", 'Publish CAA 0 issue "your authority".'),
    Check("dnssec-missing", "The domain is not signed", 2.0, "Answers can be forged on the way.", "Sign the zone and hand the DS to the registrar."),
    Check("dnssec-broken", "The signatures of the domain do not hold", 7.5, "Resolvers that check do not find the domain at all.", "Sign it anew, or have the DS removed."),
)  # fmt: skip
_SIGNED = Flags(signed=True, unchecked=True)


async def probe(zone: Zone) -> AsyncIterator[Hit]:
    """Look for CAA up the tree, and prove the SOA from the root down when the parent says that it is signed."""
    if not await _limits(zone):
        yield Hit("caa-missing", zone.domain)
    delegation = await zone.message(zone.domain, "DS", _SIGNED)
    kinds = {int(rrset.rdtype) for rrset in delegation.answer}
    if 43 not in kinds:
        yield Hit("dnssec-missing", zone.domain)
        return
    if 46 not in kinds:
        raise Failed(
            Cause.BAD_ANSWER,
            "The resolver gives no signatures, so that DNSSEC cannot be proven; ask another (--option server=).",
        )
    try:
        prover = Prover(lambda name, kind: _ask(zone, name, kind), anchors_of(zone.anchors), zone.now)
        await prover.prove(await _ask(zone, zone.domain, "SOA"))
    except Failed as error:
        if error.cause is not Cause.DNSSEC:
            raise
        yield Hit("dnssec-broken", zone.domain, str(error)[:300])


async def _limits(zone: Zone) -> bool:
    name = zone.domain
    while "." in name:
        if any(" issue" in record for record in await zone.records(name, "CAA")):
            return True
        name = name.partition(".")[2]
    return False


async def _ask(zone: Zone, name: str, kind: str) -> "Message":
    return await zone.message(name, kind, _SIGNED)
