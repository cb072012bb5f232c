"""What a report's event adds to the book of its project. Pure."""

from collections.abc import Mapping

from vedette.errors import reports
from vedette.errors.reported.types import CSP, NETWORK
from vedette.errors.reports import ReportNote
from vedette.wire.url import host_of, origin_of, without_queries

_WHAT, _SOURCE = 120, 200
_LONGEST_POLICY = 2_048  # what is longer was cut on its way in, and is none
_MOST_WEIGHT = 10_000.0
_INLINE = frozenset({"script-src", "style-src"})


def note(data: Mapping[str, object]) -> ReportNote | None:
    """Return what an event's report adds; None for an event that holds none."""
    key, report = reports.report_of(data)
    if not key:
        return None
    if key == "csp":
        return _csp(report)
    return _network(report) if key == "nel" else _other(report)


def _csp(report: reports.Body) -> ReportNote:
    directive = reports.directive_of(report)
    policy = report.get("original_policy") or report.get("original-policy")
    whole = isinstance(policy, str) and len(policy) <= _LONGEST_POLICY
    return ReportNote(
        kind=CSP, what=directive[:_WHAT], source=_source(report, directive)[:_SOURCE], page=reports.page_said(report),
        watched=reports.is_watched(report), policy=policy if whole and isinstance(policy, str) else "",
    )  # fmt: skip


def _source(report: reports.Body, directive: str) -> str:
    """Return what a policy would name: an origin, `self`, a scheme with its colon, or a keyword."""
    blocked = reports.said(report, "blocked_uri", "blocked-uri")
    if not blocked:
        return "inline" if directive in _INLINE else "self"
    if blocked in {reports.SINK, reports.POLICY}:
        return f"{blocked} {reports.sample_of(report)}".strip()
    if blocked in reports.KEYWORDS:
        return blocked
    if not host_of(blocked):
        return blocked.partition(":")[0].lower() + ":"
    page = origin_of(reports.said(report, "document_uri", "document-uri"))
    return "self" if origin_of(blocked) == page else origin_of(blocked)


def _network(report: reports.Body) -> ReportNote:
    fraction = report.get("sampling_fraction")
    known = isinstance(fraction, int | float) and not isinstance(fraction, bool) and 0 < fraction <= 1
    weight = min(1 / fraction, _MOST_WEIGHT) if known and isinstance(fraction, int | float) else 1.0
    return ReportNote(
        kind=NETWORK, what=reports.network_type(report)[:_WHAT], source=host_of(reports.said(report, "url"))[:_SOURCE],
        page=reports.page_said(report), weight=weight,
    )  # fmt: skip


def _other(report: reports.Body) -> ReportNote:
    sent = reports.said(report, "type")
    kind = sent if sent in reports.KINDS else "unknown"  # a sender makes up no lines beyond a day's
    named = without_queries(
        reports.said(report, "violation", "policy_id", "feature_id", "id", "reason", "message")
    )
    source = origin_of(reports.said(report, "blocked_uri")) or reports.said(report, "hostname")
    return ReportNote(
        kind=kind, what=named[:_WHAT], source=source[:_SOURCE], page=reports.page_said(report),
        watched=reports.is_watched(report),
    )  # fmt: skip
