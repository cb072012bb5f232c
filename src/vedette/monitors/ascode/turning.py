"""A monitor from what a file says of it, and what a file says of a monitor. Pure."""

import uuid
from typing import Any

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.probe.types import Family, Request
from vedette.monitors import drafting, requesting
from vedette.monitors.ascode import secreting, timing, written
from vedette.monitors.ascode.entry import Entry
from vedette.monitors.ascode.secreting import Opener
from vedette.monitors.ascode.written import MonitorText
from vedette.monitors.types import HEARTBEAT, Config, MonitorDraft, Rhythm

_OF_CHECKS = ("url", "expect", "name_server", "pins", "options", "locations")
_PLACES = {
    "request.deadline": "timeout",
    "request": "url",
    "secrets": "options",
    "rhythm": "grace",
    "key": "address",
}


def entry_of(text: MonitorText, opener: Opener | None, source: str = "") -> Entry:
    """Return the monitor that a file asks for, secrets opened; raises `Invalid` by key of the file.

    Without an opener its secrets stand among its options.
    """
    rhythm = timing.rhythm(text)
    draft = _heartbeat(text, rhythm) if rhythm or text.kind == HEARTBEAT else _checked(text, opener)
    own = _own(text)
    config = msgspec.structs.replace(draft.config, **own)
    slug = text.slug or drafting.slug_of(text.name.strip(), ())
    draft = msgspec.structs.replace(draft, config=config, slug=slug, source=source, key=_key(text.address))
    return Entry(draft=draft, project=text.project, parents=text.parents, paused=text.paused)


def text_of(entry: Entry) -> tuple[MonitorText, dict[str, str]]:
    """Return what a file says of a monitor, and the variables its secrets are taken from with their values."""
    draft, config = entry.draft, entry.draft.config
    keys: dict[str, Any] = {}  # Any: keys of MonitorText
    variables: dict[str, str] = {}
    if draft.kind == HEARTBEAT:
        keys = timing.rhythm_keys(config.rhythm) if config.rhythm else {"kind": HEARTBEAT}
    else:
        keys, variables = _asked(entry)
    return MonitorText(
        name=draft.name, slug=draft.slug, project=entry.project, paused=entry.paused, parents=entry.parents,
        address=str(uuid.UUID(draft.key)) if draft.key and draft.kind == HEARTBEAT else "",
        interval=config.interval if config.interval == Config().interval else written.span(config.interval),
        tags=config.tags, slow=config.slow, agree=config.agree, locations=config.locations, canary=config.canary,
        tolerance=None if config.tolerance is None else timing.tolerance_text(config.tolerance),
        objective=None if config.objective is None else timing.objective_text(config.objective),
        maintenance=tuple(timing.maintenance_text(window) for window in config.maintenance), **keys,
    ), variables  # fmt: skip


def place_of(field: str) -> tuple[str | int, ...]:
    """Return the keys of a file that say what is called `request.options.method` or `rhythm` elsewhere."""
    if field.startswith("request.options."):
        return ("options", field.removeprefix("request.options."))
    if field.startswith("maintenance."):
        return ("maintenance", int(field.removeprefix("maintenance.")))
    return (_PLACES.get(field, field.removeprefix("request.")),)


def _heartbeat(text: MonitorText, rhythm: Rhythm | None) -> MonitorDraft:
    stray = next((name for name in _OF_CHECKS if getattr(text, name)), None)
    if stray is not None:
        raise Invalid(f"A heartbeat is not checked: {stray} has no meaning for it.", {stray: "of checks"})
    if text.kind not in {"", HEARTBEAT}:
        raise Invalid(f"What has a schedule is a {HEARTBEAT}.", {"kind": "not what is described"})
    return MonitorDraft(name=text.name, kind=HEARTBEAT, config=Config(rhythm=rhythm), secrets={})


def _checked(text: MonitorText, opener: Opener | None) -> MonitorDraft:
    if not text.url:
        told = (
            'Say what is checked (url = "https://…"), or when a heartbeat is due (every, cron, on_calendar).'
        )
        raise Invalid(told, {"url": told})
    kind = text.kind or _kind(text.url)
    options = secreting.opened(text.options, _secret(kind), opener) if opener else dict(text.options)
    request = Request(
        url=text.url, deadline=_seconds(text, "timeout"), expect=text.expect, family=_family(text.family),
        name_server=text.name_server, pins=text.pins, options=options,
    )  # fmt: skip
    request, secrets = requesting.split(kind, request)
    return MonitorDraft(
        name=text.name, kind=kind, config=Config(request=requesting.written(request)), secrets=secrets
    )


def _own(text: MonitorText) -> dict[str, Any]:
    return {
        "interval": _seconds(text, "interval"), "tags": text.tags, "slow": text.slow, "agree": text.agree, "locations": text.locations,
        "canary": text.canary, "tolerance": timing.tolerance(text.tolerance) if text.tolerance else None,
        "objective": timing.objective(text.objective) if text.objective else None,
        "maintenance": timing.maintenances(text.maintenance),
    }  # fmt: skip


def _asked(entry: Entry) -> tuple[dict[str, Any], dict[str, str]]:
    draft = entry.draft
    request = requesting.read(draft.config.request)
    secrets = draft.secrets or {}
    held = requesting.joined(draft.kind, Request(url=request.url), secrets).options
    told, variables = secreting.closed(held, entry.place)
    keys: dict[str, Any] = {
        "url": request.url, "expect": request.expect, "family": request.family.value, "pins": request.pins,
        "name_server": request.name_server, "options": {**request.options, **told},
        "timeout": request.deadline if request.deadline == Request(url="").deadline else written.span(request.deadline),
    }  # fmt: skip
    return keys, variables


def _kind(url: str) -> str:
    from vedette.instruments.probe.registry import probe_of

    return probe_of(url).kind


def _secret(kind: str) -> dict[str, bool]:
    """Return the options of a kind that hold secrets, and whether each is a text."""
    probe = requesting.probe_of(kind)
    types = {field.name: field.type for field in msgspec.structs.fields(probe.options)}
    return {name: types.get(name) is str for name in probe.secrets}


def _family(text: str) -> Family:
    try:
        return Family(text)
    except ValueError:
        raise Invalid(
            f"family is one of {', '.join(Family)}, not {text[:40]!r}.", {"family": "unknown"}
        ) from None


def _key(address: str) -> str:
    try:
        return uuid.UUID(address).hex if address else ""
    except ValueError:
        raise Invalid(f"{address[:60]!r} is no UUID.", {"address": "no UUID"}) from None


def _seconds(text: MonitorText, field: str) -> float:
    try:
        return written.seconds(getattr(text, field))
    except Invalid as error:
        raise Invalid(str(error), {field: str(error)}) from None
