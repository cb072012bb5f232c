"""A live site against a policy: what is asked, and what the answers mean. Nothing is changed at the site."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from vedette_guard.decisions import hosts
from vedette_guard.live import headers
from vedette_guard.live.seen import Answer, Asker, Finding, Pairs, Unanswered, kept, other, worst_first, wrong
from vedette_guard.plan import HSTS, Plan, Plans, compile_policy
from vedette_guard.policy import Policy

STRANGER = "stranger.invalid"  # a name that nobody can have (RFC 6761)
OLD, NEW = ("TLSv1", "TLSv1.1"), ("TLSv1.2", "TLSv1.3")
REDIRECTS = (301, 302, 303, 307, 308)
MOST_ORIGINS = 5


@dataclass(frozen=True)
class Target:
    """A page: its address by HTTPS and by plain HTTP, the Host header of both, and its path."""

    secure: str
    plain: str
    host: str
    path: str


def target(url: str, http_port: int = 80) -> Target:
    """Return where to look for a page at an https:// address. Raise ValueError for another."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError(f"{url}: meant is an address that begins with https://")
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    plain_at = "" if http_port == 80 else f":{http_port}"
    return Target(url, f"http://{name}{plain_at}{rest}", parts.netloc.rpartition("@")[2], parts.path or "/")


def look(policy: Policy, to: Target, asker: Asker, today: datetime.date) -> list[Finding]:
    """Return what is found, worst first. Raise Unanswered when the page cannot be had by HTTPS, PolicyError for a wrong policy."""
    plans = compile_policy(policy, today)
    plan = plans.of(to.path)
    answer = asker.ask(to.secure, _asked(to))
    return worst_first(
        (
            *_plain(to, plan, asker),
            *_hosts(to, plans, asker),
            *_tls(to, asker),
            *headers.compare(answer, plan),
            *_cors(to, plan, asker),
        )
    )


def _asked(to: Target, *more: tuple[str, str]) -> Pairs:
    return (("Host", to.host), *more)


def _plain(to: Target, plan: Plan, asker: Asker) -> Iterator[Finding]:
    """Yield what plain HTTP answers: sent on to HTTPS or not, and never HSTS."""
    name = (hosts.split(to.host) or (to.host, ""))[0]
    try:
        answer = asker.ask(to.plain, (("Host", name),))
    except Unanswered as error:
        yield kept("https", f"plain HTTP is not answered ({error})")
        return
    redirected = _leads_to_https(answer, name)
    wanted = plan.policy.https.redirect and to.path not in plan.served_plain
    if wanted and not redirected:
        place = answer.joined("location")
        yield wrong(
            "https",
            f"plain HTTP is answered {answer.status}{f' to {place}' if place else ''}, and not sent to HTTPS",
        )
    elif wanted:
        yield kept("https", "plain HTTP is sent to HTTPS")
    elif redirected:
        yield other("https", "plain HTTP is sent to HTTPS, which the policy does not ask for")
    if answer.all(HSTS):
        yield wrong("hsts", "HSTS is told over plain HTTP, where browsers must ignore it")


def _leads_to_https(answer: Answer, name: str) -> bool:
    place = urlsplit(answer.joined("location"))
    same = (place.hostname or "").rstrip(".") == name.strip("[]")
    return answer.status in REDIRECTS and place.scheme == "https" and same


def _hosts(to: Target, plans: Plans, asker: Asker) -> Iterator[Finding]:
    tries = [
        ("two Host headers", (("Host", to.host), ("Host", STRANGER))),
        ("a malformed Host header", (("Host", f"{to.host}@{STRANGER}"),)),
    ]
    if plans.why_not_host(STRANGER):
        tries.append(("another host", (("Host", STRANGER),)))
    for words, sent in tries:
        status = _status(asker, to.secure, sent)
        if status < 400:
            yield wrong("hosts", f"a request with {words} is answered {status}")
        else:
            yield kept("hosts", f"a request with {words} is refused")


def _status(asker: Asker, url: str, sent: Pairs) -> int:
    """Return the status of an answer; a connection that ends without one is a refusal too."""
    try:
        return asker.ask(url, sent).status
    except Unanswered:
        return 400


def _tls(to: Target, asker: Asker) -> Iterator[Finding]:
    fault = asker.certificate_fault(to.secure)
    yield (
        wrong("tls", f"browsers do not believe the certificate: {fault}")
        if fault
        else kept("tls", "the certificate is believed")
    )
    offered = asker.versions(to.secure)
    for version in OLD:
        if offered.get(version):
            yield wrong("tls", f"{version} is offered; Mozilla's intermediate profile begins with TLSv1.2")
    for version in NEW:
        if not offered.get(version):
            yield other("tls", f"{version} is not offered")
    if [name for name, there in offered.items() if there] == list(NEW):
        yield kept("tls", "TLSv1.2 and TLSv1.3 are offered, and nothing older")


def _cors(to: Target, plan: Plan, asker: Asker) -> Iterator[Finding]:
    open_to_all = "*" in plan.origins
    for origin in (f"https://{STRANGER}", "null"):
        answer = asker.ask(to.secure, _asked(to, ("Origin", origin)))
        allowed = answer.joined("access-control-allow-origin")
        if allowed not in (origin, "*"):
            yield kept("cors", f"pages of {origin} may not read answers")
        elif answer.joined("access-control-allow-credentials").lower() == "true":
            yield wrong("cors", f"pages of {origin} may read answers with the user's cookies")
        elif not open_to_all:
            yield wrong("cors", f"pages of {origin} may read answers, which the policy does not allow")
    for origin in sorted(plan.origins - {"*", ""})[:MOST_ORIGINS]:
        allowed = asker.ask(to.secure, _asked(to, ("Origin", origin))).joined("access-control-allow-origin")
        if allowed not in (origin, "*"):
            yield other("cors", f"pages of {origin} may not read answers, which the policy allows")
