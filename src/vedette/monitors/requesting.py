"""What a monitor asks the probe of its kind: read, put together with its secrets, taken apart again, and refused. Pure.

A secret of text is sealed as it is, any other option (headers) as JSON.
"""

import difflib
import re
from collections.abc import Mapping, Sequence

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Invalid
from vedette.instruments.probe.journey.options import KIND as JOURNEY
from vedette.instruments.probe.masking import masked_url
from vedette.instruments.probe.types import Probe, Request
from vedette.monitors.types import HEARTBEAT, Monitor, MonitorDraft

_FIELDS = frozenset({"url", "deadline", "expect", "family", "name_server", "pins"})
_LONGEST = 300
_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://\S+"
)  # a text that is one; those that hold one (scripts, bodies) stay


def require_kind(actor: Actor, kind: str) -> None:
    """Pass when the actor may say what is checked by a kind: a journey runs a script; raises `Unauthenticated` or `Forbidden`."""
    require(actor, Verb.JOURNEY_WRITE if kind == JOURNEY else Verb.MONITOR_WRITE)


def require_change(actor: Actor, before: Monitor, after: MonitorDraft) -> None:
    """Pass when the actor may change a monitor so: of a journey what is asked is changed by those who may write scripts."""
    asked = before.kind == JOURNEY and (
        after.secrets is not None or read(before.config.request) != read(after.config.request)
    )
    require_kind(actor, before.kind if asked else "")


def shown(request: msgspec.Raw) -> dict[str, object]:
    """Return what is asked as those see it who may not change it: credentials in its URLs, also of its steps, are dots."""
    found: dict[str, object] = msgspec.json.decode(request)
    return {name: _shown(value) for name, value in found.items()}


def _shown(value: object) -> object:
    if isinstance(value, str):
        return masked_url(value, ()) if _URL.fullmatch(value) else value
    if isinstance(value, Mapping):
        return {name: _shown(each) for name, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, list) else value


def request_of(monitor: Monitor, secrets: Mapping[str, str]) -> Request:
    """Return what is asked for a monitor, with its secrets in their places; raises `Invalid` for what cannot be read."""
    return joined(monitor.kind, read(monitor.config.request), secrets)


def problem(kind: str, request: msgspec.Raw, secrets: Mapping[str, str]) -> dict[str, str]:
    """Return why a request can never work, by field (`request.url`, `request.options.method`); empty when it can.

    `secrets` are those the monitor will have. Loads the probes.
    """
    from vedette.instruments.probe import running

    try:
        asked = read(request)
        if wrong := _unreadable(asked.expect):
            return {"request.expect": wrong}
        found = running.check(joined(kind, asked, secrets))
    except Invalid as error:
        return {_field(name): str(error)[:_LONGEST] for name in list(error.fields)[:1] or ["request"]}
    if found.kind != kind:
        return {
            "request.url": f"{asked.url[:80]} is checked by {found.kind}, and this monitor's kind is {kind}."
        }
    return {}


def read(request: msgspec.Raw) -> Request:
    """Return what JSON says of a request; raises `Invalid` that names the place of what is wrong."""
    try:
        named = msgspec.json.decode(request, type=dict[str, msgspec.Raw])
        _refuse_unknown(named, Request.__struct_fields__)
        return msgspec.json.decode(request, type=Request)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The request cannot be used: {error}", {"request": str(error)}) from None


def joined(kind: str, request: Request, secrets: Mapping[str, str]) -> Request:
    """Return a request with the secrets among its options; raises `Invalid` for one that is not of its probe."""
    probe = probe_of(kind)
    stray = next((name for name in secrets if name not in probe.secrets), None)
    if stray is not None:
        known = ", ".join(probe.secrets) or "none"
        raise Invalid(f"{kind} has no secret {stray[:40]}; there are {known}.", {"secrets": "unknown"})
    if not secrets:
        return request
    opened = {name: _opened(probe, name, text) for name, text in secrets.items()}
    return msgspec.structs.replace(request, options={**request.options, **opened})


def split(kind: str, request: Request) -> tuple[Request, dict[str, str]]:
    """Return a request without what of its options is secret, and these, as they are sealed."""
    probe = probe_of(kind)
    held = {name: request.options[name] for name in probe.secrets if name in request.options}
    if not held:
        return request, {}
    left = {name: value for name, value in request.options.items() if name not in held}
    return msgspec.structs.replace(request, options=left), {
        name: _closed(value) for name, value in held.items()
    }


def refuse_elsewhere(before: Request, after: Request) -> None:
    """Raise `Invalid` when a request leads elsewhere than `before` did: secrets that are kept are for that place alone."""
    if _leads(before) != _leads(after):
        text = "It leads to another host: enter its secrets again, or forget those that are kept."
        raise Invalid(text, {"request.url": text})


def _leads(request: Request) -> tuple[object, ...]:
    """Return all that decides whom a request speaks to; of a suite any step and variable, of a journey its script may lead elsewhere."""
    options = [request.options.get(name) or None for name in ("steps", "variables", "proxy", "script")]
    return _place(request.url), request.pins, request.name_server, msgspec.json.encode(options)


def _place(url: str) -> str:
    """Return scheme, host and port of a target."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}"


def written(request: Request) -> msgspec.Raw:
    """Return a request as a monitor's config holds it: JSON of what differs from the usual."""
    usual = Request(url="")
    told = {
        name: value
        for name, value in msgspec.structs.asdict(request).items()
        if value != getattr(usual, name)
    }
    return msgspec.Raw(msgspec.json.encode(told))


def probe_of(kind: str) -> Probe:
    """Return the probe of a kind of monitors; raises `Invalid` with the kinds there are."""
    from vedette.instruments.probe.registry import kinds

    found = kinds().get(kind)
    if found is not None:
        return found
    near = difflib.get_close_matches(kind, [HEARTBEAT, *kinds()], 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join([HEARTBEAT, *kinds()])}."
    raise Invalid(f"There is no kind {kind[:20]} of monitors; {hint}", {"kind": "unknown"})


def _unreadable(expect: Sequence[str]) -> str:
    """Return what is wrong with the first assertion that cannot be read, and which one it is; empty when all can."""
    from vedette.instruments.probe.assertions.reading import read as read_assertion

    for number, text in enumerate(expect, 1):
        try:
            read_assertion(text)
        except Invalid as error:
            return f"Assertion {number}: {error}"[:_LONGEST]
    return ""


def _refuse_unknown(named: Mapping[str, msgspec.Raw], fields: tuple[str, ...]) -> None:
    unknown = next((name for name in named if name not in fields), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, fields, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(fields)}."
        raise Invalid(f"A request has no {unknown[:40]}; {hint}", {"request": "unknown field"})


def _field(name: str) -> str:
    if name in {"kind", "request", "secrets"}:
        return name
    return f"request.{name}" if name in _FIELDS else f"request.options.{name}"


def _opened(probe: Probe, name: str, text: str) -> object:
    kinds = {field.name: field.type for field in msgspec.structs.fields(probe.options)}
    if kinds.get(name) is str:
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        raise Invalid(f"The secret {name} is written as JSON.", {"secrets": f"{name} is no JSON"}) from None


def _closed(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
