"""What browsers report by themselves: CSP violations, network errors, deprecations and their kin.

Formats: https://www.w3.org/TR/CSP3/#deprecated-serialize-violation (`application/csp-report`),
https://www.w3.org/TR/reporting-1/ (`application/reports+json`), https://www.w3.org/TR/network-error-logging/,
RFC 9163 (Expect-CT), RFC 7469 (key pinning). Browsers mix up content types and wrappers, so the body tells which it is.
"""

import re

import msgspec

from vedette.core.errors import Invalid
from vedette.wire import lenient
from vedette.wire.delivery import Note
from vedette.wire.tolerant import Json
from vedette.wire.url import masked

CSP, NETWORK = "csp-violation", "network-error"
EXPECT_CT, EXPECT_STAPLE, PINS = "expect-ct", "expect-staple", "hpkp"
LONGEST = 2_048
MOST_FIELDS = 40
_CUT = "… [cut]"
_WRAPPERS = {"csp-report": CSP, "expect-ct-report": EXPECT_CT, "expect-staple-report": EXPECT_STAPLE}
_ALIASES = {"csp": CSP, "nel": NETWORK, "feature-policy-violation": "permissions-policy-violation"}
_FIELDS = {"document_url": "document_uri", "blocked_url": "blocked_uri", "sample": "script_sample"}
_KIND = re.compile(r"[a-z][a-z0-9-]{0,39}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")
_OLDEST = 86_400.0
Body = dict[str, Json]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One report. `kind` as the Reporting API names it, `url` of the page it is about, `age` in seconds.

    `body` is flat, its names in snake_case whatever the browser wrote; addresses in it are masked, long texts cut.
    """

    kind: str
    url: str = ""
    age: float = 0.0
    agent: str = ""
    body: Body = {}
    notes: tuple[Note, ...] = ()


def read(payload: bytes) -> tuple[Report, ...]:
    """Return the reports a body holds, in order; raises `Invalid` when it holds none."""
    value, notes = lenient.decode(payload)
    listed = value if isinstance(value, list) else [value]
    found = tuple(_report(sent, notes) for sent in listed if isinstance(sent, dict) and sent)
    if not found:
        raise Invalid(
            "The body holds no report: send JSON with csp-report, or a list of objects with type and body."
        )
    return found


def _report(sent: Body, notes: tuple[Note, ...]) -> Report:
    for wrapper, kind in _WRAPPERS.items():
        body = sent.get(wrapper)
        if isinstance(body, dict):
            return _made(kind, body, {}, notes)
    body = sent.get("body")
    if isinstance(body, dict) or isinstance(sent.get("type"), str):
        return _made(_kind(sent.get("type")), body if isinstance(body, dict) else {}, sent, notes)
    return _made(PINS if "known-pins" in sent else CSP, sent, {}, notes)


def _kind(value: Json) -> str:
    name = value.lower() if isinstance(value, str) else ""
    name = _ALIASES.get(name, name)
    return name if _KIND.fullmatch(name) else "unknown"


def _made(kind: str, sent: Body, around: Body, notes: tuple[Note, ...]) -> Report:
    told = list(notes)
    where = {CSP: "csp", NETWORK: "nel"}.get(kind, "browser_report")
    body = _flat(sent, where, told)
    page = _text(around.get("url"), "request.url", told) or str(
        body.get("document_uri") or body.get("url") or ""
    )
    age = around.get("age")
    seconds = age / 1000 if isinstance(age, int | float) and not isinstance(age, bool) else 0.0
    agent = around.get("user_agent")
    return Report(
        kind=kind,
        url=page,
        age=min(max(seconds, 0.0), _OLDEST),
        agent=agent[:500] if isinstance(agent, str) else "",
        body=body,
        notes=tuple(told),
    )


def _flat(sent: Body, where: str, notes: list[Note]) -> Body:
    body: Body = {}
    for key, value in list(sent.items())[:MOST_FIELDS]:
        name = _CAMEL.sub("_", key[:60]).lower().replace("-", "_")
        name = _FIELDS.get(name, name)
        said = lenient.encode(value).decode() if isinstance(value, dict | list) else value
        body[name] = _text(said, f"{where}.{name}", notes) if isinstance(said, str) else said
    if len(sent) > MOST_FIELDS:
        notes.append(Note(where, f"{len(sent) - MOST_FIELDS} fields of the report were dropped."))
    return body


def _text(value: Json, where: str, notes: list[Note]) -> str:
    """Return a text without credentials in its address, cut when it is long; notes say so."""
    if not isinstance(value, str):
        return ""
    text = masked(value) if _URL.match(value) else value
    if text != value:
        notes.append(Note(where, "Credentials in the address were removed."))
    if len(text) > LONGEST:
        notes.append(Note(where, f"The text was cut at {LONGEST:,} of {len(text):,} characters."))
        text = text[:LONGEST] + _CUT
    return text
