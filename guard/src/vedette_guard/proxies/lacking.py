"""What no proxy can carry, in sentences; each proxy adds its own."""

from __future__ import annotations

from collections.abc import Iterator

from vedette_guard.policy import PathPolicy, Policy
from vedette_guard.proxies.places import Place
from vedette_guard.proxies.site import one_line

INSIDE = {
    "json_depth": "depth of JSON",
    "parts": "parts of forms",
    "part_headers": "headers of parts",
    "preamble": "preamble of forms",
}


def anywhere(policy: Policy, where: tuple[Place, ...]) -> list[str]:
    """Return a sentence for each part of a policy that only an application's own guard can do."""
    return list(dict.fromkeys((*_nonces(where), *_bodies(where), *_cookies(policy), *_answers(where))))


def _nonces(where: tuple[Place, ...]) -> Iterator[str]:
    if any(place.plan.has_nonce for place in where):
        yield "headers.csp: 'nonce', as only the application knows what it wrote; the policy is sent without it"


def _bodies(where: tuple[Place, ...]) -> Iterator[str]:
    kept = [
        words for name, words in INSIDE.items() if any(getattr(p.plan.policy.limits, name) for p in where)
    ]
    if kept:
        yield f"limits: {', '.join(kept)}, as proxies do not read bodies"


def _cookies(policy: Policy) -> Iterator[str]:
    if policy.cookies.host_prefix:
        yield f"cookies.host_prefix: {one_line(', '.join(policy.cookies.host_prefix))}"


def _answers(where: tuple[Place, ...]) -> Iterator[str]:
    if any(place.plan.policy.answers == "problem" for place in where):
        yield "answers: the proxy's own pages instead of problems (RFC 9457)"


def of_paths(policy: Policy, *sections: str) -> Iterator[str]:
    """Yield a sentence for each section that a path has otherwise and that counts for all paths here."""
    for path, below in policy.paths.items():
        for name in sections:
            section = getattr(below, name)
            if section is not None and section != getattr(policy, name):
                yield f'paths."{one_line(path)}".{name}: that of all paths counts'


def of_lists(policy: Policy, below: dict[str, PathPolicy]) -> Iterator[str]:
    """Yield a sentence for each path whose `ours` or `remove` are others."""
    for path, part in below.items():
        for name in ("ours", "remove"):
            if part.headers is not None and getattr(part.headers, name) != getattr(policy.headers, name):
                yield f'paths."{one_line(path)}".headers.{name}: that of all paths counts'
