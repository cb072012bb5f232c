"""HTTPS only, and telling browsers so (RFC 6797; the list's conditions are those of hstspreload.org)."""

from __future__ import annotations

import datetime

from vedette_guard.decisions import hosts
from vedette_guard.decisions.asked import Refusal
from vedette_guard.durations import certain, seconds
from vedette_guard.policy import Https

YEAR = 31_536_000
# (days after the first one, the age from then on): a mistake costs minutes first, then a week.
RAMP = ((0, 300), (7, 604_800), (35, YEAR))


def age(https: Https, today: datetime.date) -> tuple[int, str]:
    """Return for how many seconds browsers shall insist on HTTPS, and why; 0 sends no header."""
    if https.hsts == "off":
        return 0, "HSTS is off"
    if https.hsts != "ramp":
        return certain(https.hsts), f"the policy says {https.hsts}"
    days = (today - datetime.date.fromisoformat(https.since)).days
    reached = [seconds for after, seconds in RAMP if days >= after]
    return (reached[-1], f"day {days} of the ramp") if reached else (0, "the ramp has not begun")


def value(https: Https, today: datetime.date) -> str:
    """Return the value of Strict-Transport-Security; empty for none."""
    lasts, _ = age(https, today)
    ends = ("; includeSubDomains" if https.subdomains else "") + ("; preload" if https.preload else "")
    return f"max-age={lasts}{ends}" if lasts else ""


def preload_faults(https: Https) -> list[str]:
    """Return what keeps a site off the list that browsers come with, a sentence each."""
    long_enough = (seconds(https.hsts) or 0) >= YEAR
    conditions = (
        (long_enough, 'hsts must be "1y" or more'),
        (https.subdomains, "subdomains must be true"),
        (https.redirect, "redirect must be true"),
    )
    return [fault for holds, fault in conditions if not holds]


def redirect(method: str, host: str, port: int, target: str) -> Refusal:
    """Return the redirect to HTTPS; a method with a body keeps it by 308. The host was found well-formed before."""
    name, _ = hosts.split(host) or ("", "")
    place = f"https://{name}{'' if port == 443 else f':{port}'}{target}"
    status = 301 if method in {"GET", "HEAD"} else 308
    return Refusal(status, "https", "HTTPS only", (("location", place),))
