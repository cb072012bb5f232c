"""One request against one plan: the first reason to refuse it, in the order in which looking is cheap."""

from __future__ import annotations

from vedette_guard.decisions import csrf, https, limits
from vedette_guard.decisions.asked import Asked, Refusal
from vedette_guard.decisions.paths import Prefixes, plain
from vedette_guard.passage import Passage
from vedette_guard.plan import Plan, Plans

PREFLIGHT = "access-control-request-method"


def place(plans: Plans, passage: Passage, asked: Asked, host: str | None) -> Refusal | None:
    """Return the refusal of a request that is at the wrong place: its headers, its host, plain HTTP."""
    plan = passage.plan
    most = plan.policy.limits.headers
    if most and asked.header_bytes() > most:
        return limits.headers_too_large(most)
    reason = plans.why_not_host(host) if host is not None else _without_host(plans)
    if reason:
        return Refusal(400, "host", reason)
    if passage.secure or not plan.policy.https.redirect or _is_exempt(asked, plan.served_plain):
        return None
    if asked.websocket:
        return Refusal(403, "https", "HTTPS only")
    return https.redirect(asked.method, host or "", plan.policy.https.port, asked.target())


def _is_exempt(asked: Asked, paths: Prefixes) -> bool:
    return asked.path in paths and plain(asked.path)


def _without_host(plans: Plans) -> str:
    """Return why a request of HTTP/1.0 is refused; servers refuse it in later versions."""
    named = plans.root.policy.hosts or plans.root.policy.https.redirect
    return "a request without a Host header" if named else ""


def content(plan: Plan, asked: Asked, host: str | None) -> Refusal | None:
    """Return the refusal of a request that a foreign page sent, or whose body is not wanted."""
    if (asked.method not in csrf.SAFE or asked.websocket) and plan.policy.csrf.on:
        reason = _why_foreign(plan, asked, host or "")
        if reason and not _is_exempt(asked, plan.csrf_exempt):
            return Refusal(403, "csrf", reason)
    length = None if asked.websocket else asked.header("content-length")
    return None if length is None else limits.why_not(plan.policy.limits, length, asked)


def _why_foreign(plan: Plan, asked: Asked, host: str) -> str:
    site, origin = asked.header("sec-fetch-site"), asked.header("origin")
    return csrf.why_not(site, origin, host, same_site=plan.policy.csrf.same_site, trusted=plan.trusted)


def is_preflight(asked: Asked) -> bool:
    """Tell whether a browser asks whether it may ask: that is not counted."""
    return (
        asked.method == "OPTIONS"
        and asked.header(PREFLIGHT) is not None
        and asked.header("origin") is not None
    )
