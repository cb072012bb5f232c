"""Signed zones for tests: a parent and a child, and the anchor that leads to them."""

import dns.dnssec
import dns.name
import dns.rdataset
import dns.rdatatype
import dns.versioned
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

_ALGORITHM = dns.dnssec.Algorithm.ECDSAP256SHA256
PARENT = """\
@ 300 IN SOA ns hostmaster 1 3600 600 86400 300
@ 300 IN NS ns.signed.test.
ns 300 IN A 127.0.0.1
www 300 IN A 192.0.2.10
forged 300 IN A 192.0.2.11
child 300 IN NS ns.signed.test.
"""
CHILD = """\
@ 300 IN SOA ns.signed.test. hostmaster 1 3600 600 86400 300
@ 300 IN NS ns.signed.test.
www 300 IN A 192.0.2.20
"""


def zones() -> tuple[list[dns.zone.Zone], str]:
    """Return both zones, signed, and the line of the anchor; the signature of `forged` is of other data."""
    child, child_key = _signed("child.signed.test.", CHILD, [])
    delegation = dns.dnssec.make_ds("child.signed.test.", child_key, "SHA256")
    parent, key = _signed("signed.test.", PARENT, [("child.signed.test.", delegation)])
    with parent.writer() as change:
        forged = dns.rdataset.from_text("IN", "A", 300, "192.0.2.66")
        change.replace(dns.name.from_text("forged.signed.test."), forged)
    anchor = dns.dnssec.make_ds("signed.test.", key, "SHA256")
    return [parent, child], f"signed.test. {anchor.to_text()}"


def _signed(origin: str, text: str, delegations: list) -> tuple[dns.zone.Zone, object]:
    private = ec.generate_private_key(ec.SECP256R1())
    key = dns.dnssec.make_dnskey(private.public_key(), _ALGORITHM, flags=257)
    zone = dns.zone.from_text(text, origin, zone_factory=dns.versioned.Zone, relativize=False)
    with zone.writer() as change:
        for name, record in delegations:
            change.add(dns.name.from_text(name), 300, record)
        dns.dnssec.sign_zone(zone=zone, txn=change, keys=[(private, key)], lifetime=86_400, add_dnskey=True)
    return zone, key
