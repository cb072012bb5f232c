"""Who may send mail for a domain (SPF, RFC 7208)."""

import re
from collections.abc import AsyncIterator

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.dns.zone import Zone

_FORGED = "Anybody can send mail in your name, and receivers cannot tell."
CHECKS = (
    Check("spf-missing", "No SPF record says who sends mail", 4.0, _FORGED, "Add TXT v=spf1 … -all; for a domain without mail v=spf1 -all."),
    Check("spf-multiple", "There are several SPF records", 4.0, "Receivers take none of them (RFC 7208, section 4.5).", "Join them into one."),
    Check("spf-pass-all", "SPF lets everybody send", 7.0, _FORGED, "End it with -all or ~all."),
    Check("spf-neutral", "SPF says nothing of other senders", 3.0, _FORGED, "End it with -all or ~all."),
    Check("spf-too-many-lookups", "SPF needs more than ten look-ups", 4.0, "Receivers give up and treat it as an error.", "Leave out includes that are no longer needed."),
    Check("spf-void-lookups", "SPF asks for names that do not exist", 2.5, "After two of them receivers may give up; a name nobody owns may be taken.", "Remove them."),
    Check("spf-invalid", "SPF cannot be read", 4.0, "Receivers treat it as an error.", "Correct the term that is named."),
)  # fmt: skip
_TERM = re.compile(
    r"(?i)([-+~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)((?:[:/].*)?)|(?:redirect|exp|[a-z][\w.-]*)=.*"
)
_ASKS = frozenset({"include", "a", "mx", "ptr", "exists"})
MOST_LOOKUPS, _MOST_VOID, _DEEPEST = 10, 2, 10


class _Count:
    def __init__(self) -> None:
        self.lookups = 0
        self.void: list[str] = []
        self.wrong = ""


async def probe(zone: Zone) -> AsyncIterator[Hit]:
    """Read the record and what it includes."""
    found = await spf_of(zone, zone.domain)
    if len(found) != 1:
        yield Hit("spf-multiple" if found else "spf-missing", zone.domain, f"{len(found)} records")
        return
    count = _Count()
    await _follow(zone, zone.domain, found[0], count, 0)
    if count.wrong:
        yield Hit("spf-invalid", zone.domain, count.wrong[:200])
    if count.lookups > MOST_LOOKUPS:
        yield Hit("spf-too-many-lookups", zone.domain, f"{count.lookups} or more")
    if len(count.void) > _MOST_VOID:
        yield Hit("spf-void-lookups", zone.domain, ", ".join(count.void)[:300])
    check = ends(found[0])
    if check:
        yield Hit(check, zone.domain, found[0][:300])


def ends(record: str) -> str:
    """Return the check that the end of a record fails, empty when it turns others away."""
    terms = record.lower().split()[1:]
    last = next((term for term in terms if term.lstrip("+-~?") == "all"), "")
    if last in {"all", "+all"}:
        return "spf-pass-all"
    redirected = any(term.startswith("redirect=") for term in terms)
    return "spf-neutral" if last == "?all" or (not last and not redirected) else ""


async def spf_of(zone: Zone, name: str) -> list[str]:
    """Return the SPF records of a name."""
    return [text for text in await zone.texts(name) if re.match(r"(?i)v=spf1(?: |$)", text)]


async def _follow(zone: Zone, domain: str, record: str, count: _Count, depth: int) -> None:
    for term in record.split()[1:]:
        match = _TERM.fullmatch(term)
        if match is None:
            count.wrong = count.wrong or f"{term[:80]!r} of {domain}"
            continue
        kind = (match[2] or "").lower()
        after = (match[3] or "").lstrip(":").partition("/")[0]
        if term.lower().startswith("redirect="):
            kind, after = "include", term.partition("=")[2]
        if kind not in _ASKS:
            continue
        count.lookups += 1
        if count.lookups > MOST_LOOKUPS or depth > _DEEPEST or "%" in after:
            continue
        await _ask(zone, kind, after or domain, count, depth)


async def _ask(zone: Zone, kind: str, name: str, count: _Count, depth: int) -> None:
    if kind == "include":
        found = await spf_of(zone, name)
        if found:
            await _follow(zone, name, found[0], count, depth + 1)
        else:
            count.void.append(name)
    elif kind in {"a", "exists", "mx"}:
        records = await zone.records(name, "MX" if kind == "mx" else "A")
        if not records and not (kind == "a" and await zone.records(name, "AAAA")):
            count.void.append(name)
