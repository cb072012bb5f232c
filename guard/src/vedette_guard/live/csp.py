"""A Content Security Policy that was sent, against the one that a policy asks for, directive by directive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vedette_guard import csp
from vedette_guard.live.seen import Finding, kept, other, wrong
from vedette_guard.policy import Headers

PART = "csp"
Sources = frozenset[str]
_BY_DEFAULT = frozenset(name for name in csp.DIRECTIVES if name.endswith(("-src", "-src-attr", "-src-elem")))
_HASH = re.compile(r"'sha(256|384|512)-.*'")
# Directives whose absence weakens nothing that another one does not say: they loosen or report.
_REPORTING = ("report-uri", "report-to")


def parse(text: str) -> dict[str, Sources]:
    """Return the directives of a policy as browsers read it (CSP level 3, section 2.2.1): of two, the first counts."""
    found: dict[str, Sources] = {}
    for directive in text.split(";"):
        name, *sources = directive.split() or [""]
        if name and name.isascii():
            found.setdefault(name.lower(), normal(sources))
    return found


def normal(sources: list[str] | tuple[str, ...]) -> Sources:
    """Return sources in one spelling: any nonce is `'nonce'`, and `'none'` is nothing."""
    keys = (
        source.lower() if source.startswith("'") and not _HASH.fullmatch(source) else source
        for source in sources
    )
    said = ("'nonce'" if key.startswith("'nonce-") else key for key in keys)
    return frozenset(key for key in said if key != csp.NONE)


def compare(sent: list[str], headers: Headers) -> Iterator[Finding]:
    """Yield what is wrong and what is otherwise; `sent` are the values of Content-Security-Policy."""
    wanted = {name: normal(sources) for name, sources in csp.enforced(headers).items()}
    if not sent and wanted:
        yield wrong(PART, "no Content-Security-Policy is sent")
        return
    if len(sent) > 1:
        yield other(
            PART, f"{len(sent)} policies are sent; browsers enforce all of them, the first is compared"
        )
    seen = {name: found for name, found in parse(sent[0] if sent else "").items() if name not in _REPORTING}
    found = [finding for name, sources in wanted.items() for finding in _directive(name, sources, seen)]
    found += [
        other(PART, f"{name} is sent, which the policy does not have") for name in seen if name not in wanted
    ]
    yield from found or [kept(PART, "the Content-Security-Policy is that of the policy")]


def _directive(name: str, wanted: Sources, seen: Mapping[str, Sources]) -> Iterator[Finding]:
    sources = seen.get(name, seen.get("default-src") if name in _BY_DEFAULT else None)
    if sources is None:
        yield wrong(PART, f"{name} is missing")
        return
    more, less = sorted(sources - wanted), sorted(wanted - sources - {"'nonce'"})
    if more and name not in ("sandbox", "require-trusted-types-for"):
        yield wrong(PART, f"{name} also allows {' '.join(more)}")
    if less and name in ("sandbox", "require-trusted-types-for"):
        yield wrong(PART, f"{name} lacks {' '.join(less)}")
    elif less:
        yield other(PART, f"{name} does not allow {' '.join(less)}, which the policy does")
