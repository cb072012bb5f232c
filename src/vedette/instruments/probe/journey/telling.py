"""From what a journey failed with to a cause and one sentence. Decisions only.

The words of Playwright's errors are taken apart here; what is not known is told as it came, in one line.
"""

import re
from collections.abc import Mapping

from vedette.instruments.probe.journey.reporting import Ending, Failure, Report
from vedette.instruments.probe.masking import masked_url
from vedette.instruments.probe.sentences import span
from vedette.instruments.probe.types import Cause, Failed

_TIMEOUT = re.compile(r"Timeout (?P<ms>\d{1,9}(?:\.\d{1,9})?) ?ms exceeded")
_WAITING = re.compile(
    r"waiting for (?P<what>(?:locator|get_by_\w+|getBy\w+|frame_locator)\(.*\)|selector .*)$", re.MULTILINE
)
_CSS = re.compile(r"locator\((?P<quote>[\"'])(?P<css>.*)(?P=quote)\)")
_BECAUSE = re.compile(r"- +(?P<why>element is .*|.* intercepts pointer events)$", re.MULTILINE)
_VISITING = re.compile(r"navigating to \"(?P<url>[^\"]*)\"")
_NETWORK = re.compile(r"net::(?P<code>ERR_[A-Z_0-9]+)(?: at (?P<url>\S+))?")
_ACTUAL = re.compile(r"^Actual value: (?P<value>.*)$", re.MULTILINE)
_HOST = re.compile(r"[a-z]+://(?:[^/?#@]*@)?(?P<host>\[[^\]]*\]|[^:/?#]*)")
_LONGEST = 300
_NETWORKS = {
    "ERR_CERT_DATE_INVALID": (Cause.TLS_EXPIRED, "its certificate has expired or is not valid yet"),
    "ERR_CERT_COMMON_NAME_INVALID": (Cause.TLS_WRONG_NAME, "its certificate is for other names"),
    "ERR_CERT_AUTHORITY_INVALID": (Cause.TLS_UNTRUSTED, "its certificate is not trusted"),
    "ERR_SSL_PROTOCOL_ERROR": (Cause.TLS_PROTOCOL, "TLS could not be agreed on"),
    "ERR_TOO_MANY_REDIRECTS": (Cause.TOO_MANY_REDIRECTS, "its redirects go on and on"),
    "ERR_EMPTY_RESPONSE": (Cause.CLOSED_EARLY, "it closed the connection without an answer"),
    "ERR_CONNECTION_RESET": (Cause.RESET, "it cut the connection off"),
}
# What Chromium calls the answers by which the proxy says that it did not reach a host.
_OURS = frozenset({"ERR_TUNNEL_CONNECTION_FAILED", "ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH"})
_LIMITS = {
    "memory": "used more than {megabytes} MB of memory",
    "seconds": "used more than {seconds} s of processor time",
    "processes": "started too many processes",
}


def failure(report: Report, refused: Mapping[str, Failed]) -> Failed | None:
    """Return what went wrong by the script's own account, None when nothing did; `refused` are hosts that were not reached, with why."""
    if report.failed is None:
        return None
    cause, told = _cause(report.failed, refused)
    return Failed(cause, _at(report, told[:_LONGEST]))


def out_of_time(report: Report, seconds: float) -> Failed:
    """Return what went wrong when the deadline was over."""
    where = called(report, report.open_step) or "The journey"
    return Failed(Cause.TIMEOUT_IN_STEP, f"{where}, was not over when the {span(seconds)} of the check were." if report.open_step
                  else f"{where} was not over when the {span(seconds)} of the check were.")  # fmt: skip


def over_limit(report: Report, ending: Ending, megabytes: int, seconds: int) -> Failed | None:
    """Return what went wrong when the journey was ended for what it used; None when it was not."""
    told = _LIMITS.get(ending.why)
    if told is None:
        return None
    text = told.format(megabytes=megabytes, seconds=seconds)
    where = called(report, report.open_step)
    return Failed(
        Cause.OVER_LIMIT, f"{where}, {text} and was ended." if where else f"The journey {text} and was ended."
    )


def broken(report: Report, ending: Ending, printed: str) -> Failed:
    """Return what went wrong when the journey ended and did not say how."""
    last = next((line.strip() for line in reversed(printed.splitlines()) if line.strip()), "")
    if not report.began:
        return Failed(
            Cause.NO_PERMISSION,
            f"The browser could not be started: {last[:_LONGEST] or f'status {ending.status}'}.",
        )
    where = called(report, report.open_step)
    said = f"ended before it was over (status {ending.status})" + (f": {last[:_LONGEST]}" if last else "")
    return Failed(Cause.SCRIPT_FAILED, f"{where}, {said}." if where else f"The script {said}.")


def called(report: Report, number: int) -> str:
    """Return what a step is called in sentences: `Step 2, “pay”`; empty for none."""
    return f"Step {number}, “{report.steps[number - 1].name}”" if number else ""


def _at(report: Report, told: str) -> str:
    where = called(report, report.failed_step)
    end = "" if told.endswith((".", "…")) else "."
    return f"{where}, failed: {told}{end}" if where else f"The script failed: {told}{end}"


def _cause(found: Failure, refused: Mapping[str, Failed]) -> tuple[Cause, str]:
    if found.kind == "Refused":
        return Cause.BAD_REDIRECT, f"it came to {found.message}, and a journey opens http and https alone"
    network = _NETWORK.search(found.message)
    if network:
        return _of_network(network["code"], network["url"] or "", refused)
    timeout = _TIMEOUT.search(found.message)
    if timeout and found.kind == "TimeoutError":
        return _of_timeout(found.message, span(float(timeout["ms"]) / 1000), refused)
    if found.kind == "AssertionError":
        return Cause.STEP_FAILED, _of_assertion(found)
    first = found.message.partition("\n")[0].strip()
    named = "" if found.kind == "Error" else f"{found.kind}: "
    return Cause.SCRIPT_FAILED, f"{_line(found)}{named}{first or found.source}"


def _of_network(code: str, url: str, refused: Mapping[str, Failed]) -> tuple[Cause, str]:
    """Return what the proxy knows of a host, which is more than the browser's code says."""
    known = refused.get(_host(url))
    if known is None and code in _OURS and refused:  # a redirect led there: the browser names where it began
        known = list(refused.values())[-1]
    if known is not None:
        return known.cause, str(known)
    cause, why = _NETWORKS.get(code, (Cause.STEP_FAILED, code))
    return cause, f"{masked_url(url, ()) or 'the page'} could not be opened: {why}"


def _of_timeout(message: str, within: str, refused: Mapping[str, Failed]) -> tuple[Cause, str]:
    visiting = _VISITING.search(message)
    if visiting:
        known = refused.get(_host(visiting["url"]))
        if known is not None:
            return known.cause, str(known)
        return Cause.TIMEOUT_IN_TRANSFER, f"{masked_url(visiting['url'], ())} was not loaded within {within}"
    waiting = _WAITING.search(message)
    if waiting is None:
        first = message.partition("\n")[0].partition(":")[0]
        return Cause.STEP_FAILED, f"{first or 'what was waited for'} was not over within {within}"
    name = _named(waiting["what"])
    because = list(_BECAUSE.finditer(message))
    if "locator resolved to" in message or because:
        why = because[-1]["why"].strip() if because else "it did not become what was waited for"
        return Cause.STEP_FAILED, f"the element {name} could not be used within {within}: {why}"
    return Cause.NO_ELEMENT, f"no element {name} within {within}"


def _of_assertion(found: Failure) -> str:
    if not found.message.strip():
        return f"{_line(found)}{found.source.strip()} does not hold"
    first = found.message.partition("\n")[0].strip()
    actual = _ACTUAL.search(found.message)
    return f"{first[:1].lower()}{first[1:]}, and it was {actual['value'].strip()}" if actual else first


def _named(what: str) -> str:
    """Return an element as the script wrote it: its selector alone where it has one."""
    css = _CSS.fullmatch(what)
    return css["css"].replace('\\"', '"') if css else what


def _line(found: Failure) -> str:
    return f"line {found.line}: " if found.line else ""


def _host(url: str) -> str:
    found = _HOST.match(url)
    return found["host"].strip("[]").lower() if found else ""
