"""The Observatory's test of the content policy. Decisions only; the source is that of `table.json`."""

from collections.abc import Iterator
from typing import NamedTuple

from vedette.instruments.scan.site import csp
from vedette.instruments.scan.site.types import Site

_BROAD = frozenset({"*", "http:", "https:", "ftp:", "http://*", "http://*.*", "https://*", "https://*.*"})
_INLINE = frozenset({"'unsafe-inline'", "data:"})
_PASSIVE = frozenset({"img-src", "media-src"})
_NOT_IN_META = frozenset({"frame-ancestors", "report-uri", "sandbox"})
_MAY_REPEAT = frozenset({"report-uri", "report-to"})
_PREFIX = "csp-implemented-with-"
_RANKS = (  # from the best to the worst
    f"{_PREFIX}no-unsafe-default-src-none", f"{_PREFIX}no-unsafe", "csp-implemented-but-duplicate-directives",
    f"{_PREFIX}unsafe-inline-in-style-src-only", f"{_PREFIX}insecure-scheme-in-passive-content-only",
    f"{_PREFIX}unsafe-eval", f"{_PREFIX}insecure-scheme", f"{_PREFIX}unsafe-inline", "csp-header-invalid",
)  # fmt: skip
_PASSED = frozenset(_RANKS[:5])


class _Policy(NamedTuple):
    directives: csp.Policy
    repeated: frozenset[str]


def outcome(site: Site) -> str:
    """Return the outcome: of several policies, all of which must allow, the best one's; a broken one breaks all."""
    found = list(_policies(site))
    if not found:
        only = site.start.first("content-security-policy-report-only").strip()
        return f"csp-not-implemented{'-but-reporting-enabled' if only else ''}"
    outcomes = [_judged(each, secure=site.secure) for each in found]
    return max(outcomes, key=_RANKS.index) if _RANKS[-1] in outcomes else min(outcomes, key=_RANKS.index)


def _policies(site: Site) -> Iterator[_Policy]:
    for text in site.start.all("content-security-policy"):
        yield from map(_read, text.split(","))
    for text in site.documents[0].meta("http-equiv", "content-security-policy"):
        for each in map(_read, text.split(",")):
            kept = {name: value for name, value in each.directives.items() if name not in _NOT_IN_META}
            if kept:
                yield _Policy(kept, each.repeated)


def _read(text: str) -> _Policy:
    names = [part.split()[0].lower() for part in text.split(";") if part.strip()]
    repeated = frozenset(name for name in names if names.count(name) > 1) if len(names) < 200 else frozenset()
    return _Policy(csp.read(text), repeated)


def _judged(policy: _Policy, *, secure: bool) -> str:
    scripts = _sources(policy.directives, "script-src")
    trusted = csp.is_trusted(tuple(scripts))
    if (
        not policy.directives
        or policy.repeated - _MAY_REPEAT
        or ("'strict-dynamic'" in scripts and not trusted)
    ):
        return "csp-header-invalid"
    if trusted and "'strict-dynamic'" in scripts:
        scripts = frozenset(each for each in scripts if not _is_void(each))
    found = _PREFIX + _worst(policy.directives, scripts, secure=secure)
    return "csp-implemented-but-duplicate-directives" if policy.repeated and found in _PASSED else found


def _worst(directives: csp.Policy, scripts: frozenset[str], *, secure: bool) -> str:
    styles = _sources(directives, "style-src")
    active = scripts.union(
        *(_sources(directives, name) for name in directives if name not in {*_PASSIVE, "script-src"})
    )
    passive = frozenset().union(*(_sources(directives, name) for name in _PASSIVE))
    if scripts & (_BROAD | _INLINE) or _sources(directives, "object-src") & _BROAD:
        return "unsafe-inline"
    if secure and any(map(_is_plain, active)):
        return "insecure-scheme"
    if "'unsafe-eval'" in scripts | styles:
        return "unsafe-eval"
    if secure and any(map(_is_plain, passive)):
        return "insecure-scheme-in-passive-content-only"
    if styles & (_BROAD | _INLINE):
        return "unsafe-inline-in-style-src-only"
    none = _sources(directives, "default-src") == {"'none'"}
    return "no-unsafe-default-src-none" if none else "no-unsafe"


def _sources(directives: csp.Policy, name: str) -> frozenset[str]:
    """Return what a directive allows in lower case: everything without one, nothing when it is empty."""
    found = directives.get(name) if name in directives else csp.sources(directives, name)
    if found is None:
        return frozenset({"*"})
    low = frozenset(map(str.lower, found)) or frozenset({"'none'"})
    return low - {"'unsafe-inline'"} if csp.is_trusted(tuple(low)) else low


def _is_plain(source: str) -> bool:
    return source.startswith(("http:", "ftp:"))


def _is_void(source: str) -> bool:
    """Tell whether `'strict-dynamic'` makes a source void: hosts with a scheme, `'self'`, everything."""
    return source == "'self'" or source.startswith(tuple(_BROAD))
