"""The headers of one answer over HTTPS, against those that a policy asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vedette_guard.decisions import cookies as cookie_rules
from vedette_guard.live import csp
from vedette_guard.live.seen import Answer, Finding, kept, other, wrong
from vedette_guard.plan import CSP, HSTS, Plan
from vedette_guard.policy import Cookies

_ELSEWHERE = {CSP, HSTS, "vary"}
_PARTS = {"x-frame-options": "framing", "x-content-type-options": "nosniff"}
# The strictest first.
_STRICTER = {
    "x-frame-options": ("deny", "sameorigin"),
    "referrer-policy": (
        "no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin", "origin",
        "origin-when-cross-origin", "no-referrer-when-downgrade", "unsafe-url",
    ),
    "cross-origin-opener-policy": ("same-origin", "same-origin-allow-popups", "unsafe-none"),
    "cross-origin-resource-policy": ("same-origin", "same-site", "cross-origin"),
    "cross-origin-embedder-policy": ("require-corp", "credentialless", "unsafe-none"),
}  # fmt: skip


def compare(answer: Answer, plan: Plan) -> Iterator[Finding]:
    """Yield what is found in an answer."""
    wanted = dict(plan.dressings.secure_text.pairs)
    yield from _hsts(answer.all(HSTS), wanted.get(HSTS, ""))
    yield from csp.compare(answer.all(CSP), plan.policy.headers)
    for name, value in wanted.items():
        if name not in _ELSEWHERE:
            yield _header(name, value, answer)
    for name in plan.policy.headers.remove:
        if answer.all(name.lower()):
            yield wrong("headers", f"{name} is sent: {answer.joined(name.lower())}")
    yield from _cookies(answer.all("set-cookie"), plan.policy.cookies)


def _header(name: str, value: str, answer: Answer) -> Finding:
    sent = answer.joined(name)
    part = _PARTS.get(name, "headers")
    if not sent:
        return wrong(part, f"{name} is not sent; the policy says {value}")
    if _spelled(value) == _spelled(sent) or (name in ("report-to", "reporting-endpoints") and value in sent):
        return kept(part, f"{name} is {value}")
    said = other if _is_stricter(name, sent, value) else wrong
    return said(part, f"{name} is {sent}; the policy says {value}")


def _is_stricter(name: str, sent: str, value: str) -> bool:
    """Tell whether a header says more than the policy's; where that cannot be told, it does not."""
    if name == "permissions-policy":
        return _members(value) <= _members(sent)
    ranks = _STRICTER.get(name, ())
    return (
        sent.lower() in ranks
        and value.lower() in ranks
        and ranks.index(sent.lower()) < ranks.index(value.lower())
    )


def _members(value: str) -> set[str]:
    return {_spelled(member) for member in value.split(",")}


def _spelled(value: str) -> str:
    return re.sub(r"\s+", "", value).lower()


def _hsts(sent: list[str], wanted: str) -> Iterator[Finding]:
    """Yield the finding about HSTS: browsers read the first header only (RFC 6797, section 8.1)."""
    if not sent:
        yield (
            wrong("hsts", f"no HSTS is told; the policy says {wanted}")
            if wanted
            else kept("hsts", "HSTS is off, as in the policy")
        )
        return
    seen, ours = _read_hsts(sent[0]), _read_hsts(wanted)
    if seen[0] < ours[0]:
        yield wrong("hsts", f"HSTS lasts {seen[0]} seconds; the policy says {ours[0]}")
    for word in sorted(ours[1] - seen[1]):
        yield wrong("hsts", f"HSTS lacks {word}")
    if seen[0] > ours[0] or seen[1] - ours[1]:
        yield other("hsts", f"HSTS is stricter than the policy: {sent[0]}")
    elif seen == ours:
        yield kept("hsts", f"HSTS is {wanted}")


def _read_hsts(text: str) -> tuple[int, frozenset[str]]:
    words = {word.strip().lower() for word in text.split(";")}
    age = next((word.partition("=")[2].strip('" ') for word in words if word.startswith("max-age=")), "")
    return int(age) if age.isdecimal() and len(age) < 19 else 0, frozenset(
        words & {"includesubdomains", "preload"}
    )


def _cookies(sent: list[str], cookies: Cookies) -> Iterator[Finding]:
    dressed = cookie_rules.outgoing(cookies, https=True)
    for cookie in sent:
        before, after = (_attributes(text) for text in (cookie, dressed(cookie)))
        lacking = [word for word in after[1] if word not in before[1]]
        if after[0] != before[0]:
            yield wrong("cookies", f"the cookie {before[0]} is not named {after[0]}")
        if lacking:
            yield wrong("cookies", f"the cookie {before[0]} lacks {', '.join(lacking)}")
        elif after[0] == before[0]:
            yield kept("cookies", f"the cookie {before[0]} is as the policy asks")


def _attributes(cookie: str) -> tuple[str, list[str]]:
    pair, *rest = cookie.split(";")
    return pair.partition("=")[0].strip(), [word.strip() for word in rest]
