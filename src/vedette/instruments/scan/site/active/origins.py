"""Which other sites may read answers (CORS, Fetch Standard section 3.2), and whether the Host header is believed."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.fetching import Fetcher
from vedette.instruments.scan.site.types import Site

_READ = "A page of another site reads what a user who is signed in sees here."
_NAME = "Compare the whole origin with a list of those you trust."
CHECKS = (
    Check("cors-any-origin", "Any site may read answers in a user's name", 7.5, _READ, _NAME),
    Check("cors-null-origin", "The origin “null” may read answers in a user's name", 6.5, f"A sandboxed frame of any site has it. {_READ}", "Never allow null."),
    Check("cors-look-alike", "A look-alike of this site's name may read answers in a user's name", 7.0, f"Anybody can register it. {_READ}", _NAME),
    Check("cors-wildcard-credentials", "CORS asks for a wildcard with credentials", 2.0, "Browsers refuse it, so it was meant otherwise.", "Name the origin, or leave credentials out."),
    Check("trace-enabled", "TRACE is answered", 2.0, "Requests are sent back with headers that scripts may not see.", "Switch it off: TraceEnable off."),
    Check("host-believed", "The Host header of a stranger is believed", 5.0, "Links in mails and caches can be made to lead to an attacker.", "Name the hosts: server_name, ALLOWED_HOSTS."),
)  # fmt: skip
_OTHER = "https://vedette-scan.invalid"
_FORGED = "vedette-forged.invalid"


async def probe(site: Site, fetcher: Fetcher) -> AsyncIterator[Hit]:
    """Ask as pages of other origins would, and with a forged name."""
    url, host = site.start.url, urlsplit(site.start.url).hostname or ""
    anyone = await _allows(fetcher, url, _OTHER)
    if anyone == "*":
        yield Hit("cors-wildcard-credentials", url)
    elif anyone:
        yield Hit("cors-any-origin", url, f"Origin: {_OTHER} is allowed")
    else:
        if await _allows(fetcher, url, "null") == "null":
            yield Hit("cors-null-origin", url)
        for origin in (f"https://{host}.vedette-scan.invalid", f"https://evil{host}"):
            if await _allows(fetcher, url, origin) == origin:
                yield Hit("cors-look-alike", url, f"Origin: {origin} is allowed")
                break
    traced = await fetcher.get(url, {"X-Vedette-Trace": "4b1d"}, "TRACE")
    if traced.status == 200 and "x-vedette-trace: 4b1d" in traced.text.lower():
        yield Hit("trace-enabled", url)
    forged = await fetcher.get(url, {"Host": _FORGED})
    if _FORGED in forged.first("location") or f"//{_FORGED}" in forged.text:
        yield Hit("host-believed", url, forged.first("location")[:200])


async def _allows(fetcher: Fetcher, url: str, origin: str) -> str:
    """Return the origin that may read with credentials, empty when none may."""
    page = await fetcher.get(url, {"Origin": origin})
    if page.first("access-control-allow-credentials").lower() != "true":
        return ""
    allowed = page.first("access-control-allow-origin")
    return allowed if allowed in {origin, "*"} else ""
