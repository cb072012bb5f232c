"""Content Security Policy taken apart and judged (CSP Level 3). Decisions only.

What is judged follows "CSP Is Dead, Long Live CSP!" (Weichselbaum and others, CCS 2016): a policy whose script sources hold a
host that serves anybody's JavaScript (JSONP, old AngularJS) protects from nothing.
"""

import re
from collections.abc import Iterator, Mapping

Policy = Mapping[str, tuple[str, ...]]
_NONCE = re.compile(r"(?i)'(?:nonce|sha256|sha384|sha512)-[^']+'")

# Hosts that serve JSONP with a callback of the caller's, or libraries that evaluate what stands in the page.
BYPASSES = frozenset({
    "ajax.googleapis.com", "cdnjs.cloudflare.com", "cdn.jsdelivr.net", "unpkg.com", "code.angularjs.org",
    "accounts.google.com", "www.google.com", "www.googleapis.com", "storage.googleapis.com", "www.googletagmanager.com",
    "translate.googleapis.com", "maps.googleapis.com", "clients1.google.com", "suggestqueries.google.com",
    "api.twitter.com", "graph.facebook.com", "api.flickr.com", "en.wikipedia.org", "api.mixpanel.com",
    "yandex.st", "yastatic.net", "cdn.bootcss.com", "raw.githack.com", "rawgit.com", "cdn.rawgit.com", "jsfiddle.net",
    "cdn.shopify.com", "s3.amazonaws.com", "d3js.org", "vk.com", "www.youtube.com", "googleads.g.doubleclick.net",
})  # fmt: skip


def read(text: str) -> Policy:
    """Return the directives of a policy; of a name that comes twice the first counts."""
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        name, *sources = part.split()[:200] or [""]
        if name and name.lower() not in found:
            found[name.lower()] = tuple(sources)
    return found


def sources(policy: Policy, name: str) -> tuple[str, ...] | None:
    """Return what a fetch directive allows, by its fallback; None when nothing limits it."""
    found = policy.get(name)
    return policy.get("default-src") if found is None else found


def is_trusted(allowed: tuple[str, ...]) -> bool:
    """Tell whether scripts are allowed by nonce or hash, which makes `'unsafe-inline'` void."""
    return any(_NONCE.fullmatch(source) for source in allowed)


def weaknesses(policy: Policy) -> Iterator[tuple[str, str]]:
    """Return check and evidence of what a policy leaves open."""
    scripts = sources(policy, "script-src")
    if scripts is None:
        yield "csp-no-script-limit", "neither script-src nor default-src"
    else:
        yield from _of_scripts(tuple(map(str.lower, scripts)), scripts)
    objects = sources(policy, "object-src")
    if objects is None or tuple(map(str.lower, objects)) not in {("'none'",), ("'self'",), ()}:
        yield "csp-objects-open", "object-src is not limited"
    if "base-uri" not in policy:
        yield "csp-no-base-uri", "base-uri is missing, and no default-src stands in for it"
    if "form-action" not in policy:
        yield "csp-no-form-action", "form-action is missing, and no default-src stands in for it"
    if "*" in policy.get("frame-ancestors", ()):
        yield "csp-framed-by-all", "frame-ancestors *"


def _of_scripts(low: tuple[str, ...], plain: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    trusted = is_trusted(plain)
    if "'unsafe-inline'" in low and not trusted and "'strict-dynamic'" not in low:
        yield "csp-unsafe-inline", "script-src 'unsafe-inline'"
    if "'unsafe-eval'" in low:
        yield "csp-unsafe-eval", "script-src 'unsafe-eval'"
    if "'strict-dynamic'" in low and trusted:
        return  # hosts and schemes are void
    wide = [
        each for each in low if each in {"*", "http:", "https:", "data:", "blob:", "http://*", "https://*"}
    ]
    if wide:
        yield "csp-wide-source", f"script-src {' '.join(wide)}"
    plain_http = [each for each in low if each.startswith("http://") and each not in wide]
    if plain_http:
        yield "csp-plain-source", f"script-src {' '.join(plain_http)}"
    known = [each for each in low if _host(each) in BYPASSES or _covers(_host(each))]
    if known:
        yield "csp-known-bypass", f"script-src {' '.join(known)}"


def _host(source: str) -> str:
    return source.partition("://")[2].partition("/")[0] if "://" in source else source.partition("/")[0]


def _covers(host: str) -> bool:
    return host.startswith("*.") and any(each.endswith(host[1:]) for each in BYPASSES)
