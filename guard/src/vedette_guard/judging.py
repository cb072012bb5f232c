"""One request against one plan: the first reason to refuse it, in the order in which looking is cheap."""

from __future__ import annotations

from vedette_guard.decisions import csrf, https, limits
from vedette_guard.decisions.asked import Asked, Refusal
from vedette_guard.plan import Plan, Plans

PREFLIGHT = "access-control-request-method"


def place(plans: Plans, asked: Asked, host: str | None, *, secure: bool, exempt: bool) -> Refusal | None:
    """Return the refusal of a request that is at the wrong place: its headers, its host, plain HTTP.

    `exempt` tells whether exemptions by path count for this path.
    """
    plan = plans.of(asked.path) if exempt else plans.root
    large = limits.headers_too_large(plan.policy.limits, asked)
    if large is not None:
        return large
    reason = _host_fault(plans, host)
    if reason:
        return Refusal(400, "host", reason)
    if secure or not plan.policy.https.redirect or (exempt and asked.path in plan.served_plain):
        return None
    if asked.websocket:
        return Refusal(403, "https", "HTTPS only")
    return https.redirect(asked.method, host or "", plan.policy.https.port, asked.target())


def _host_fault(plans: Plans, host: str | None) -> str:
    if host is None:  # HTTP/1.0; servers refuse it in later versions
        named = plans.root.policy.hosts or plans.root.policy.https.redirect
        return "a request without a Host header" if named else ""
    return plans.why_not_host(host)


def content(plan: Plan, asked: Asked, host: str | None, *, exempt: bool) -> Refusal | None:
    """Return the refusal of a request that a foreign page sent, or whose body is not wanted."""
    rules = plan.policy.csrf
    if rules.on and (asked.websocket or asked.method not in csrf.SAFE):
        reason = csrf.why_not(
            asked.header("sec-fetch-site"), asked.header("origin"), host or "",
            same_site=rules.same_site, trusted=plan.trusted,
        )  # fmt: skip
        if reason and not (exempt and asked.path in plan.csrf_exempt):
            return Refusal(403, "csrf", reason)
    return None if asked.websocket else limits.why_not(plan.policy.limits, asked)


def is_preflight(asked: Asked) -> bool:
    """Tell whether a browser asks whether it may ask: that is not counted."""
    return (
        asked.method == "OPTIONS"
        and asked.header(PREFLIGHT) is not None
        and asked.header("origin") is not None
    )
