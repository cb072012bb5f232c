"""What a site says to finders and to robots: security.txt (RFC 9116) and robots.txt (RFC 9309)."""

import datetime
import re
from collections.abc import AsyncIterator

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.fetching import Fetcher
from vedette.instruments.scan.site.types import Site

CHECKS = (
    Check("security-txt-missing", "There is no security.txt", 0.0, "Whoever finds a weakness does not know whom to tell.", "Serve /.well-known/security.txt with Contact and Expires."),
    Check("security-txt-invalid", "security.txt lacks what it must have", 1.0, "Contact and one Expires are required (RFC 9116).", "Add what is missing."),
    Check("security-txt-expired", "security.txt has expired", 1.0, "Finders will not trust it.", "Renew Expires, once a year at most."),
    Check("robots-reveals", "robots.txt names places that should be hidden", 0.0, "Everybody can read it.", "Protect them by a sign-in; robots.txt hides nothing."),
)  # fmt: skip
_HIDDEN = re.compile(
    r"(?im)^[ \t]*disallow[ \t]*:[ \t]*(/\S{0,200}?(?:admin|backup|private|secret|internal|staging|config|\.git)\S{0,200})"
)

_FIELD = re.compile(r"[A-Za-z-]+")


async def probe(site: Site, fetcher: Fetcher) -> AsyncIterator[Hit]:
    """Read both files."""
    page = await fetcher.get(site.at("/.well-known/security.txt"))
    if page.status != 200 or page.is_html:
        yield Hit("security-txt-missing", page.url)
    else:
        check, evidence = judged(page.text[:65_536], site.now)
        if check:
            yield Hit(check, page.url, evidence)
    robots = await fetcher.get(site.at("/robots.txt"))
    named = _HIDDEN.findall(robots.text[:65_536]) if robots.status == 200 and not robots.is_html else []
    if named:
        yield Hit("robots-reveals", robots.url, ", ".join(named[:5])[:300])


def judged(text: str, now: float) -> tuple[str, str]:
    """Return the check that a security.txt fails and why, empty when it is well; a signature around it is fine."""
    parted = (line.partition(":") for line in text.splitlines())
    fields = [(name, value.strip()) for name, _, value in parted if _FIELD.fullmatch(name) and value.strip()]
    contacts = [value for name, value in fields if name.lower() == "contact"]
    expires = [value for name, value in fields if name.lower() == "expires"]
    if not contacts:
        return "security-txt-invalid", "no Contact"
    if len(expires) != 1:
        return "security-txt-invalid", f"{len(expires)} times Expires"
    try:
        ends = datetime.datetime.fromisoformat(expires[0]).timestamp()
    except ValueError:
        return "security-txt-invalid", f"Expires: {expires[0][:60]} is no time of RFC 3339"
    return ("security-txt-expired", expires[0][:60]) if ends < now else ("", "")
