"""Which reports of browsers are worth an event, and the event that comes of one. Pure.

Most of what a page's policy reports was not done by the page: extensions and software on the visitor's computer put
scripts into it, and anybody may copy a page with its policy. Such reports are counted with the reason and let go.
"""

from enum import StrEnum

import msgspec

from vedette.intake import cors
from vedette.wire import lenient
from vedette.wire.reports import CSP, NETWORK, Body, Report
from vedette.wire.url import host_of, origin_of, query_pairs

MOST_REPORTS = 100


class Left(StrEnum):
    """Why a report was left out; the value is the outcome it is counted under."""

    EXTENSION = "extension"
    INJECTED = "injected"
    FOREIGN = "foreign_origin"
    SUCCESS = "success"
    TOO_MANY = "dropped"


_SCHEMES = (
    "chrome", "chrome-extension", "moz-extension", "ms-browser-extension", "safari-extension", "safari-web-extension",
    "webkit-masked-url", "resource", "user-script", "about", "chromenull", "chromeinvoke",
    "mx", "mbinit", "symres", "mxaddon-pkg", "safari-resource",
)  # fmt: skip
# Hosts that adware, "shopping helpers", virus scanners and translating proxies put into other people's pages.
_INJECTED = (
    "superfish.com", "datafastguru.info", "tlscdn.com", "nikkomsgchannel", "best-deals-products.com", "jsgnr.com",
    "securesurf.biz", "promclickapp.biz", "cdncache-a.akamaihd.net", "cdncache3-a.akamaihd.net", "adnotbad.com",
    "kaspersky-labs.com", "translate.googleusercontent.com", "pstatic.davebestdeals.com",
    "istatic.datafastguru.info", "d3lvr7yuk4uaui.cloudfront.net", "rules.similardeals.net", "xls.searchfun.in",
)  # fmt: skip
_INJECTING_FIELDS = ("blocked_uri", "source_file", "document_uri")
_WARNINGS = frozenset(
    {"deprecation", "intervention", "permissions-policy-violation", "document-policy-violation"}
)
_WATCHED = frozenset(
    {CSP, "coop", "coep", "integrity-violation"}
)  # kinds that are an error where they are in force


class Sifted(msgspec.Struct, frozen=True):
    """The reports that become events, and how many were left out for which reason."""

    kept: tuple[Report, ...]
    left: dict[Left, int]


def sift(reports: tuple[Report, ...], origins: tuple[str, ...]) -> Sifted:
    """Return what is kept of a request's reports; `origins` are those the key may be used from."""
    kept: list[Report] = []
    left: dict[Left, int] = {}
    for place, report in enumerate(reports):
        why = Left.TOO_MANY if place >= MOST_REPORTS else why_left(report, origins)
        if why is None:
            kept.append(report)
        else:
            left[why] = left.get(why, 0) + 1
    return Sifted(tuple(kept), left)


def why_left(report: Report, origins: tuple[str, ...]) -> Left | None:
    """Return why a report is not worth an event; None when it is."""
    if report.kind == NETWORK and report.body.get("type") == "ok":
        return Left.SUCCESS
    named = [str(report.body.get(field) or "") for field in _INJECTING_FIELDS]
    if any(_scheme(one) in _SCHEMES for one in (report.url, *named)):
        return Left.EXTENSION
    if any(_is_injected(host_of(one)) for one in named):
        return Left.INJECTED
    return None if _is_ours(report, origins) else Left.FOREIGN


def _scheme(address: str) -> str:
    """Return an address's scheme; some browsers report nothing else of it, without the colon."""
    scheme, colon, _ = address.partition(":")
    return scheme.lower() if colon or address.isascii() else ""


def _is_injected(host: str) -> bool:
    return any(host == one or host.endswith("." + one) for one in _INJECTED)


def _is_ours(report: Report, origins: tuple[str, ...]) -> bool:
    """Say whether the page is one the key may be used from; a report that names no page cannot be held against it."""
    origin = origin_of(report.url)
    return not origin or cors.allows(origins, origin)


def event_of(report: Report, agent: str, query: str, now: float) -> bytes:
    """Return the payload of a report's event; `agent` and `query` are those of the request that brought it.

    `?sentry_release=` and `?sentry_environment=` name what a browser cannot.
    """
    named = dict(query_pairs(query))
    event: Body = {
        "platform": "javascript", "logger": "csp" if report.kind == CSP else report.kind,
        "level": level_of(report), "timestamp": now - report.age,
        "request": _request(report, agent), "tags": {"report": report.kind},
        "release": named.get("sentry_release"), "environment": named.get("sentry_environment"),
        **_told(report),
    }  # fmt: skip
    return lenient.encode({key: value for key, value in event.items() if value is not None})


def level_of(report: Report) -> str:
    """Return how bad a report is: what a policy only watches, and what will matter one day, is a warning."""
    only_told = (
        report.body.get("disposition") in {"report", "reporting"} or report.body.get("report_only") is True
    )
    return "warning" if (only_told and report.kind in _WATCHED) or report.kind in _WARNINGS else "error"


def _request(report: Report, agent: str) -> Body:
    headers: list[object] = [["User-Agent", report.agent or agent]] if report.agent or agent else []
    referrer = report.body.get("referrer")
    if isinstance(referrer, str) and referrer:
        headers.append(["Referer", referrer])
    return {"url": report.url, "headers": headers}  # type: ignore[dict-item]  # lists of texts are JSON


def _told(report: Report) -> Body:
    if report.kind == CSP:
        return {"csp": {**report.body, "document_uri": report.url}}
    if report.kind == NETWORK:
        return {"nel": {**report.body, "url": report.url}}
    body = dict(report.body)
    violation = body.pop("type", None)  # COOP and COEP say by `type` what was violated
    found = {**body, "type": report.kind, "url": report.url}
    return {"browser_report": {**found, "violation": violation} if violation else found}
