"""What a browser's report says to a person, and what makes two of them one problem. Pure.

Browsers name the same thing differently (`script-src-elem`, `script-src`), and the address that was blocked differs
from visit to visit: the directive without its suffix and the host decide.
"""

from collections.abc import Mapping

from vedette.errors.types import Part
from vedette.wire.url import host_of

_KEYWORDS = frozenset({"inline", "eval", "wasm-eval", "self", "trusted-types-policy", "trusted-types-sink"})
_INLINE = frozenset({"script-src", "style-src"})
_LONGEST = 200
Told = tuple[str, tuple[Part, ...]]


def message_of(data: Mapping[str, object]) -> str:
    """Return the message of a report's event; empty when the event holds no report."""
    return _read(data)[0]


def parts_of(data: Mapping[str, object]) -> tuple[Part, ...]:
    """Return what decides to which issue a report belongs; nothing when the event holds none."""
    return _read(data)[1]


def _read(data: Mapping[str, object]) -> Told:
    for key, read in (("csp", _csp), ("nel", _network), ("browser_report", _other)):
        report = data.get(key)
        if isinstance(report, Mapping) and report:
            return read(report)
    return "", ()


def _csp(report: Mapping[str, object]) -> Told:
    directive = _said(report, "effective_directive", "effective-directive") or _said(
        report, "violated_directive", "violated-directive"
    )
    directive = directive.partition(" ")[0].removesuffix("-elem").removesuffix("-attr")
    blocked = _blocked(report, directive)
    what = directive.removesuffix("-src").replace("img", "image") or "resource"
    if blocked in _KEYWORDS - {"self"}:
        told = f"Blocked {blocked} '{what}'"
    else:
        told = f"Blocked '{what}' from '{blocked}'"
    parts = (Part("directive", directive), Part("blocked", blocked)) if directive else ()
    return told, parts


def _blocked(report: Mapping[str, object], directive: str) -> str:
    """Return what was blocked: a host, `self` for the page's own, a keyword, or a scheme with its colon."""
    said = _said(report, "blocked_uri", "blocked-uri")
    if not said:
        return "inline" if directive in _INLINE else "self"
    if said in _KEYWORDS:
        return said
    host = host_of(said)
    if not host:
        return said.partition(":")[0].lower() + ":"
    return "self" if host == host_of(_said(report, "document_uri", "document-uri")) else host


def _network(report: Mapping[str, object]) -> Told:
    kind, host = _said(report, "type") or "unknown", host_of(_said(report, "url")) or "an unknown host"
    status = report.get("status_code")
    what = f"{kind} {status}" if kind == "http.error" and isinstance(status, int) else kind
    return f"Network error '{what}' at '{host}'", (Part("network error", what), Part("host", host))


def _other(report: Mapping[str, object]) -> Told:
    kind = _said(report, "type") or "unknown"
    host = host_of(_said(report, "url")) or _said(report, "hostname") or "an unknown host"
    named = _said(report, "id", "policy_id", "feature_id")
    parts = (Part("report", kind), *((Part("id", named),) if named else ()), Part("host", host))
    return _sentence(kind, host, named, report), parts


def _sentence(kind: str, host: str, named: str, report: Mapping[str, object]) -> str:
    message = _said(report, "message")
    sentences = {
        "deprecation": f"Deprecated: {message or named or 'a feature of the browser'}",
        "intervention": f"The browser intervened: {message or named or 'for an unknown reason'}",
        "crash": f"The tab crashed ({_said(report, 'reason') or 'for an unknown reason'}) at '{host}'",
        "permissions-policy-violation": f"The permissions policy blocked '{named or 'a feature'}' at '{host}'",
        "expect-ct": f"Certificate transparency failed for '{host}'",
        "expect-staple": f"OCSP stapling failed for '{host}'",
        "hpkp": f"Key pinning failed for '{host}'",
    }
    return sentences.get(kind, f"The browser reported '{kind}' at '{host}'")


def _said(report: Mapping[str, object], *names: str) -> str:
    """Return the first of these fields that holds a text."""
    for name in names:
        value = report.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()[:_LONGEST]
    return ""
