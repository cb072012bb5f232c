"""Keys that mail is signed with (DKIM, RFC 6376; key sizes RFC 8301). Only selectors that can be guessed or are told are seen."""

import base64
import binascii
from collections.abc import AsyncIterator

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.dns.checks.dmarc import tags_of
from vedette.instruments.scan.dns.zone import Zone

USUAL = (
    "default",
    "dkim",
    "mail",
    "google",
    "selector1",
    "selector2",
    "k1",
    "k2",
    "s1",
    "s2",
    "smtp",
    "fm1",
    "protonmail",
)
CHECKS = (
    Check("dkim-not-found", "No key of DKIM was found", 0.0, "Mail may be unsigned, or its selector has a name of its own.", "Sign mail, or name the selectors: --option selectors=a,b."),
    Check("dkim-short-key", "A key of DKIM is too short", 5.0, "Keys under 1024 bits can be broken, and signatures forged; 2048 is what is asked for.", "Make one of 2048 bits."),
    Check("dkim-testing", "DKIM is in test mode", 2.0, "Receivers treat signed mail as unsigned.", "Remove t=y."),
    Check("dkim-invalid", "A key of DKIM cannot be read", 3.0, "Signatures by it fail.", "Publish p= as base64."),
)  # fmt: skip
_LEAST_BITS = 2048


async def probe(zone: Zone) -> AsyncIterator[Hit]:
    """Ask for each selector, if the domain has mail at all."""
    mails = [record for record in await zone.records(zone.domain, "MX") if not record.endswith(" .")]
    if not mails and not zone.selectors:
        return
    seen = False
    for selector in zone.selectors or USUAL:
        name = f"{selector}._domainkey.{zone.domain}"
        for text in await zone.texts(name):
            if "p=" not in text:
                continue
            seen = True
            for check, evidence in judged(text):
                yield Hit(check, name, evidence)
    if not seen:
        yield Hit("dkim-not-found", zone.domain, f"{len(zone.selectors or USUAL)} selectors were tried")


def judged(record: str) -> list[tuple[str, str]]:
    """Return what is wrong with a key; one without `p` was revoked, which is well."""
    tags, found = tags_of(record), []
    if "y" in tags.get("t", "").split(":"):
        found.append(("dkim-testing", "t=y"))
    key = "".join(tags.get("p", "").split())
    if key and tags.get("k", "rsa").lower() == "rsa":
        bits = _bits(key)
        if not bits:
            found.append(("dkim-invalid", f"p={key[:20]}…"))
        elif bits < _LEAST_BITS:
            found.append(("dkim-short-key", f"{bits} bits"))
    return found


def _bits(key: str) -> int:
    """Return the size of an RSA key in base64, 0 when it is none."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        found = load_der_public_key(base64.b64decode(key, validate=True))
    except (ValueError, binascii.Error):
        return 0
    return found.key_size if isinstance(found, RSAPublicKey) else 0
