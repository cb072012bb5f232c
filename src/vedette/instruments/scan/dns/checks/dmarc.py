"""What receivers do with forged mail (DMARC, RFC 7489)."""

from collections.abc import AsyncIterator, Iterator

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.dns.zone import Zone

_FORGED = "Mail in your name that fails SPF and DKIM is delivered."
CHECKS = (
    Check("dmarc-missing", "No DMARC record says what to do with forged mail", 4.5, _FORGED, "Add TXT _dmarc: v=DMARC1; p=none; rua=mailto:…, read its reports, then p=reject."),
    Check("dmarc-multiple", "There are several DMARC records", 4.0, "Receivers take none of them.", "Keep one."),
    Check("dmarc-invalid", "DMARC cannot be read", 4.0, "Receivers ignore it.", "Begin with v=DMARC1; p=none, quarantine or reject."),
    Check("dmarc-none", "DMARC only watches (p=none)", 3.0, _FORGED, "Go to p=quarantine, then p=reject."),
    Check("dmarc-subdomains-open", "DMARC lets subdomains be forged (sp=none)", 3.0, "Mail from any.name of yours is delivered.", "Remove sp, or write sp=reject."),
    Check("dmarc-partial", "DMARC holds for a part of the mail", 2.0, "The rest of what is forged is delivered.", "Remove pct."),
    Check("dmarc-no-reports", "Nobody gets the reports of DMARC", 1.0, "You do not see who sends in your name.", "Add rua=mailto:…."),
)  # fmt: skip


async def probe(zone: Zone) -> AsyncIterator[Hit]:
    """Read the record of the domain, or of the one above that stands in for it."""
    found: list[str] = []
    name = zone.domain
    while not found and "." in name:
        found = [text for text in await zone.texts(f"_dmarc.{name}") if text.lower().startswith("v=dmarc1")]
        name = name.partition(".")[2]
    if len(found) != 1:
        yield Hit("dmarc-multiple" if found else "dmarc-missing", f"_dmarc.{zone.domain}")
        return
    for check in judged(found[0]):
        yield Hit(check, f"_dmarc.{zone.domain}", found[0][:300])


def judged(record: str) -> Iterator[str]:
    """Return the checks that a record fails."""
    tags = tags_of(record)
    policy = tags.get("p", "").lower()
    if policy not in {"none", "quarantine", "reject"}:
        yield "dmarc-invalid"
        return
    if policy == "none":
        yield "dmarc-none"
    elif tags.get("sp", "").lower() == "none":
        yield "dmarc-subdomains-open"
    if tags.get("pct", "100") != "100":
        yield "dmarc-partial"
    if "mailto:" not in tags.get("rua", "").lower():
        yield "dmarc-no-reports"


def tags_of(record: str) -> dict[str, str]:
    """Return the tags of a record such as `v=DMARC1; p=none` by lower-case name."""
    pairs = [part.partition("=") for part in record.split(";") if "=" in part]
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
