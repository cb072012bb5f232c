"""Content Security Policy (CSP level 3) as text, in pieces between which a nonce goes."""

from __future__ import annotations

import re

from vedette_guard.policy import Directives, Headers
from vedette_guard.shapes import fail, unknown

NONCE = "'nonce'"
NONE = "'none'"
KEYWORDS = (
    "self", "none", "unsafe-inline", "unsafe-eval", "wasm-unsafe-eval", "unsafe-hashes", "strict-dynamic",
    "report-sample", "inline-speculation-rules", "nonce", "script", "allow-duplicates",
)  # fmt: skip
DIRECTIVES = frozenset(
    {
        "base-uri", "block-all-mixed-content", "child-src", "connect-src", "default-src", "fenced-frame-src", "font-src",
        "form-action", "frame-ancestors", "frame-src", "img-src", "manifest-src", "media-src", "object-src",
        "require-trusted-types-for", "sandbox", "script-src", "script-src-attr", "script-src-elem", "style-src",
        "style-src-attr", "style-src-elem", "trusted-types", "upgrade-insecure-requests", "worker-src",
    }
)  # fmt: skip
ELSEWHERE = {"frame-ancestors": "headers.frames", "report-uri": "reports.url", "report-to": "reports.url"}
_BARE = (
    "sandbox",
    "trusted-types",
    "upgrade-insecure-requests",
    "block-all-mixed-content",
)  # words without quotes


def check(key: str, directive: str, sources: tuple[str, ...]) -> None:
    """Raise PolicyError for a directive there is not, and for sources that cannot be meant."""
    if directive in ELSEWHERE and not key.endswith(".frames"):
        fail(key, sources, f"`{ELSEWHERE[directive]}`, which writes {directive}")
    if directive not in DIRECTIVES:
        unknown(key.rpartition(".")[0], directive, DIRECTIVES)
    for source in sources:
        _check_source(key, directive, source)
    if NONE in sources and len(sources) > 1:
        fail(key, sources, "'none' alone, or the others without it")


def _check_source(key: str, directive: str, source: str) -> None:
    if source.lower() in KEYWORDS and directive not in _BARE:
        fail(key, source, f"\"'{source.lower()}'\", in single quotes; without them it is the host {source}")
    if not re.fullmatch(r"[!-+\--:<-~]+", source):
        fail(key, source, "one source an entry, of visible characters without ; and ,")


def enforced(headers: Headers) -> Directives:
    """Return the directives that are in force: the policy's, who may frame, and Trusted Types."""
    frames = {"frame-ancestors": headers.frames} if headers.frames else {}
    return {**({} if headers.report_only else _wanted(headers)), **frames}


def reported(headers: Headers) -> Directives:
    """Return the directives that only report."""
    trusted = _TRUSTED if headers.trusted_types == "report" else {}
    return {**(_wanted(headers) if headers.report_only else {}), **headers.csp_report_only, **trusted}


def _wanted(headers: Headers) -> Directives:
    return {**headers.csp, **(_TRUSTED if headers.trusted_types == "enforce" else {})}


_TRUSTED: Directives = {"require-trusted-types-for": ("'script'",)}


def pieces(directives: Directives, end: str = "") -> tuple[str, ...]:
    """Return the policy's text, cut where a nonce goes; one piece when none does; none for no directives."""
    text = "; ".join(
        [*(" ".join((name, *sources)) for name, sources in directives.items()), *([end] if end else [])]
    )
    return tuple(text.replace(NONCE, f"'nonce-{NONCE}'").split(NONCE)) if directives else ()


def without_nonce(directives: Directives) -> Directives:
    """Return the directives for an answer whose page asked for no nonce."""
    return {
        name: tuple(source for source in sources if source != NONCE) or ((NONE,) if sources else ())
        for name, sources in directives.items()
    }
