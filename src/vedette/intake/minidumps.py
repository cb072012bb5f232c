"""The event a minidump stands for: what crash reporters send beside it, and what its own head says. Pure."""

from collections.abc import Mapping

from vedette.wire import lenient
from vedette.wire.attachment import nested
from vedette.wire.minidump import Crash
from vedette.wire.tolerant import Json

DUMP = "upload_file_minidump"
KIND = "event.minidump"
_SENTRY = "sentry"
_EXTRA = "crash reporter"


def event_of(fields: Mapping[str, str], crash: Crash | None) -> tuple[dict[str, Json], str]:
    """Return the event and the id the form asks for (empty when it names none).

    Crashpad and Breakpad send the event as JSON in `sentry`, in pieces (`sentry__1`, …), or as `sentry[release]=…`;
    whatever else they send stands under "crash reporter".
    """
    event = _sent(fields)
    others: dict[str, Json] = {name: value for name, value in fields.items() if not name.startswith(_SENTRY)}
    if others:
        contexts = event.get("contexts")
        event["contexts"] = {**(contexts if isinstance(contexts, dict) else {}), _EXTRA: others}
    event.setdefault("platform", "native")
    event.setdefault("level", "fatal")
    if not event.get("exception"):
        event["exception"] = {"values": [_exception(crash)]}
    _add_system(event, crash)
    event_id = event.pop("event_id", "")
    return event, event_id if isinstance(event_id, str) else ""


def _sent(fields: Mapping[str, str]) -> dict[str, Json]:
    whole = fields.get(_SENTRY, "")
    pieces = [name for name in fields if name.startswith("sentry__") and name[8:].isdecimal()]
    whole = whole or "".join(fields[name] for name in sorted(pieces, key=lambda name: int(name[8:])))
    value = lenient.decode(whole.encode())[0] if whole else {}
    flat = nested({name: text for name, text in fields.items() if name.startswith("sentry[")})
    return {**(value if isinstance(value, dict) else {}), **flat}  # type: ignore[dict-item]  # texts and dicts are JSON


def _exception(crash: Crash | None) -> Json:
    reason = crash.reason if crash else ""
    value = f"at 0x{crash.address:x}" if crash and crash.address else ""
    mechanism: dict[str, Json] = {"type": "minidump", "handled": False}
    return {"type": reason or "Native crash", "value": value, "mechanism": mechanism}


def _add_system(event: dict[str, Json], crash: Crash | None) -> None:
    """Fill in the system the dump names where the form names none."""
    contexts = event.get("contexts")
    known = dict(contexts) if isinstance(contexts, dict) else {}
    if crash and crash.system and "os" not in known:
        known["os"] = {"type": "os", "name": crash.system, "version": crash.version}
    if crash and crash.cpu and "device" not in known:
        known["device"] = {"type": "device", "arch": crash.cpu}
    if known:
        event["contexts"] = known
