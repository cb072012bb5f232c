"""What a browser's report says to a person, and what makes two of them one problem. Pure.

Browsers name the same thing differently (`script-src-elem`, `script-src`), and the address that was blocked differs
from visit to visit: the directive without its suffix and the host decide. Of Trusted Types it is the sink, of network
errors type and server, of what is deprecated its id, of crashes the reason, of COOP and COEP the violation.
"""

from collections.abc import Callable, Mapping

import msgspec

from vedette.errors.types import Part
from vedette.wire.url import host_of, origin_of, page_of

KEYWORDS = frozenset({"inline", "eval", "wasm-eval", "self", "trusted-types-policy", "trusted-types-sink"})
SINK, POLICY = "trusted-types-sink", "trusted-types-policy"
_INLINE = frozenset({"script-src", "style-src"})
_LONGEST = 200
_UNKNOWN = "an unknown host"
Body = Mapping[str, object]
Told = tuple[str, tuple[Part, ...]]


class ReportNote(msgspec.Struct, frozen=True, kw_only=True):
    """What one report adds to the book of its project.

    `what` is a directive, a type of network error, an id, a reason; `source` an origin, a keyword (`inline`), a scheme
    with its colon (`data:`) or a server. `weight` is for how many failures it stands (1 / sampling fraction). `watched`
    says that a policy only reports it; `policy` is the one it names, empty when it names none whole.
    """

    kind: str
    what: str
    source: str
    page: str
    weight: float = 1.0
    watched: bool = False
    policy: str = ""


def message_of(data: Body) -> str:
    """Return the message of a report's event; empty when the event holds no report."""
    return _read(data)[0]


def parts_of(data: Body, version: int = 3) -> tuple[Part, ...]:
    """Return what decides to which issue a report belongs, by a version of grouping; nothing when the event holds none."""
    kind, report = report_of(data)
    if version > 2 or kind == "nel":
        return _read(data)[1]
    if kind == "csp":
        return _csp_parts(report, _directive_1(report))
    return _other_parts_1(report) if kind else ()


def report_of(data: Body) -> tuple[str, Body]:
    """Return which report an event holds (`csp`, `nel`, `browser_report`) and its body; empty when it holds none."""
    for key in _READERS:
        report = data.get(key)
        if isinstance(report, Mapping) and report:
            return key, report
    return "", {}


def _read(data: Body) -> Told:
    key, report = report_of(data)
    return _READERS[key](report) if key else ("", ())


def directive_of(report: Body) -> str:
    """Return the directive of a CSP report without its suffix: `script-src` of `script-src-elem 'self'`."""
    return _without_suffix(_named(report).lower())


def _directive_1(report: Body) -> str:
    """Return the directive as versions 1 and 2 of grouping read it: in the letters it was sent in."""
    return _without_suffix(_named(report))


def _named(report: Body) -> str:
    named = said(report, "effective_directive", "effective-directive")
    return (named or said(report, "violated_directive", "violated-directive")).partition(" ")[0]


def _without_suffix(directive: str) -> str:
    return directive.removesuffix("-elem").removesuffix("-attr")


def page_said(report: Body) -> str:
    """Return the page a report is about, without host, query and ids: `/orders/*`; empty when it names none."""
    return page_of(said(report, "document_uri", "document-uri", "url"))


def _csp(report: Body) -> Told:
    directive, blocked = directive_of(report), _blocked(report, directive_of(report))
    where = _on(page_said(report))
    parts = _csp_parts(report, directive)
    if blocked in {SINK, POLICY}:
        name = sample_of(report)
        named = (Part("sink" if blocked == SINK else "policy", name),) if name else ()
        return f"{_trusted(blocked, name)}{where}", (*parts, *named)
    verb = "would refuse" if is_watched(report) else "refused"
    return f"{directive or 'The policy'} {verb} {_what(report, directive, blocked)}{where}", parts


def _csp_parts(report: Body, directive: str) -> tuple[Part, ...]:
    blocked = _blocked(report, directive)
    return (Part("directive", directive), Part("blocked", blocked)) if directive else ()


def is_watched(report: Body) -> bool:
    """Tell whether a policy only reports this and lets it pass."""
    return said(report, "disposition") in {"report", "reporting"} or report.get("report_only") is True


def _trusted(blocked: str, name: str) -> str:
    if blocked == POLICY:
        return f"Trusted Types: the policy {name or 'without a name'} is not allowed"
    return f"Trusted Types: {name or 'a sink'} was given a plain text"


def sample_of(report: Body) -> str:
    """Return the sink, or the policy, of a Trusted Types report: the sample begins with it (`Element innerHTML|<b>…`)."""
    return said(report, "script_sample", "script-sample", "sample").partition("|")[0].strip()[:80]


def _what(report: Body, directive: str, blocked: str) -> str:
    """Return what was refused as a person says it: an origin, or what stood in the page itself."""
    if blocked == "inline":
        return {"script-src": "an inline script", "style-src": "an inline style"}.get(
            directive, "what is inline"
        )
    words = {"eval": "eval of a text", "wasm-eval": "WebAssembly", "self": "the page's own origin"}
    origin = origin_of(said(report, "blocked_uri", "blocked-uri"))
    return words.get(blocked) or origin or blocked


def _blocked(report: Body, directive: str) -> str:
    """Return what was blocked: a host, `self` for the page's own, a keyword, or a scheme with its colon."""
    blocked = said(report, "blocked_uri", "blocked-uri")
    if not blocked:
        return "inline" if directive in _INLINE else "self"
    if blocked in KEYWORDS:
        return blocked
    host = host_of(blocked)
    if not host:
        return blocked.partition(":")[0].lower() + ":"
    return "self" if host == host_of(said(report, "document_uri", "document-uri")) else host


def _network(report: Body) -> Told:
    host = host_of(said(report, "url")) or _UNKNOWN
    what = network_type(report)
    return f"{_failed(report, what, host)}: {what}", (Part("network error", what), Part("host", host))


def network_type(report: Body) -> str:
    """Return the type of a network error, of `http.error` with its status: `dns.name_not_resolved`, `http.error 502`."""
    kind, status = said(report, "type") or "unknown", report.get("status_code")
    return f"{kind} {status}" if kind == "http.error" and isinstance(status, int) else kind


def _failed(report: Body, what: str, host: str) -> str:
    """Return which phase failed (https://www.w3.org/TR/network-error-logging/#predefined-network-error-types)."""
    kind = what.partition(" ")[0]
    first = kind.partition(".")[0]
    phases = {"dns": "dns", "connection": "connection", "application": "http"}
    first = first if first in _FAILURES else phases.get(said(report, "phase"), "")
    return f"{_FAILURES.get(first, 'A request failed at')} {host}"


_FAILURES = {
    "dns": "DNS failed for", "tcp": "No connection to", "tls": "TLS failed for", "http": "HTTP failed at",
    "h2": "HTTP failed at", "h3": "HTTP failed at", "connection": "No connection to", "abandoned": "Requests were given up at",
}  # fmt: skip


def _other(report: Body) -> Told:
    kind = said(report, "type") or "unknown"
    about = _KINDS.get(kind)
    return about(report) if about else _unnamed(kind, report)


def _unnamed(kind: str, report: Body) -> Told:
    host = host_of(said(report, "url")) or said(report, "hostname") or _UNKNOWN
    sentences = {
        "expect-ct": f"Certificate transparency failed for {host}",
        "expect-staple": f"OCSP stapling failed for {host}",
        "hpkp": f"Key pinning failed for {host}",
    }
    told = sentences.get(kind, f"The browser reported {kind} at {host}")
    return told, _other_parts_1({**report, "type": kind})


def _other_parts_1(report: Body) -> tuple[Part, ...]:
    kind, named = said(report, "type") or "unknown", said(report, "id", "policy_id", "feature_id")
    host = host_of(said(report, "url")) or said(report, "hostname") or _UNKNOWN
    return (Part("report", kind), *((Part("id", named),) if named else ()), Part("host", host))


def _deprecation(report: Body) -> Told:
    named, message = said(report, "id"), said(report, "message")
    told = message or named or "a feature of the browser"
    return f"Deprecated: {told}", (Part("report", "deprecation"), Part("id", named or message))


def _intervention(report: Body) -> Told:
    named, message = said(report, "id"), said(report, "message")
    told = message or named or "for an unknown reason"
    return f"The browser intervened: {told}", (Part("report", "intervention"), Part("id", named or message))


def _crash(report: Body) -> Told:
    reason = said(report, "reason") or "unknown"
    words = {"oom": "it ran out of memory (oom)", "unresponsive": "it did not answer any more (unresponsive)"}
    told = words.get(reason, "for an unknown reason" if reason == "unknown" else reason)
    return f"The page crashed{_on(page_said(report))}: {told}", (
        Part("report", "crash"),
        Part("reason", reason),
    )


def _opener(report: Body) -> Told:
    violation = said(report, "violation") or "unknown"
    verb = "would cut" if is_watched(report) else "cut"
    told = f"COOP {verb} the page off{_on(page_said(report))}: {violation}"
    return told, (Part("report", "coop"), Part("violation", violation))


def _embedder(report: Body) -> Told:
    violation, blocked = said(report, "violation") or "unknown", said(report, "blocked_uri")
    verb = "would refuse" if is_watched(report) else "refused"
    what = origin_of(blocked) or said(report, "destination") or "a resource"
    parts = (Part("report", "coep"), Part("violation", violation), Part("blocked", host_of(blocked)))
    return f"COEP {verb} {what}{_on(page_said(report))}: {violation}", parts


def _feature(report: Body) -> Told:
    named = said(report, "policy_id", "feature_id", "id") or "a feature"
    kind = said(report, "type")
    policy = "Document policy" if kind == "document-policy-violation" else "Permissions policy"
    verb = "would refuse" if is_watched(report) else "refused"
    return f"{policy} {verb} {named}{_on(page_said(report))}", (Part("report", kind), Part("id", named))


def _integrity(report: Body) -> Told:
    blocked = said(report, "blocked_uri")
    verb = "would refuse" if is_watched(report) else "refused"
    told = f"Integrity policy {verb} {origin_of(blocked) or 'a resource'} without integrity{_on(page_said(report))}"
    return told, (Part("report", "integrity-violation"), Part("blocked", host_of(blocked)))


def _on(page: str) -> str:
    return f" on {page}" if page else ""


def said(report: Body, *names: str) -> str:
    """Return the first of these fields that holds a text."""
    for name in names:
        value = report.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()[:_LONGEST]
    return ""


_READERS: Mapping[str, Callable[[Body], Told]] = {"csp": _csp, "nel": _network, "browser_report": _other}
_KINDS: Mapping[str, Callable[[Body], Told]] = {
    "deprecation": _deprecation, "intervention": _intervention, "crash": _crash, "coop": _opener, "coep": _embedder,
    "permissions-policy-violation": _feature, "document-policy-violation": _feature, "integrity-violation": _integrity,
}  # fmt: skip
KINDS = frozenset(_KINDS)
