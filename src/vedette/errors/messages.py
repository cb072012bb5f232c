"""Put a logged message together: the text that was formatted, or its template with its parameters filled in."""

import re
from collections.abc import Mapping, Sequence

LONGEST = 8_192
_PLACE = re.compile(r"%(?:\((\w{1,64})\))?[sdrfi]|\{(\w{0,64})\}")


def message_of(data: Mapping[str, object]) -> str:
    """Return the message of an event, however it was sent; empty when it has none."""
    return _said(data.get("logentry")) or _said(data.get("message"))


def template_of(data: Mapping[str, object]) -> str:
    """Return the template a message was made from, when it was sent beside its parameters; else empty."""
    for key in ("logentry", "message"):
        entry = data.get(key)
        if isinstance(entry, Mapping) and entry.get("params"):
            return written(entry.get("message"))
    return ""


def written(value: object) -> str:
    """Return a value as the text of a message: texts trimmed, numbers written out, anything else empty or JSON-like."""
    if isinstance(value, str):
        return value.strip()[:LONGEST]
    if value is None or isinstance(value, bool):
        return ""
    return str(value)[:LONGEST]


def _said(entry: object) -> str:
    if not isinstance(entry, Mapping):
        return written(entry)
    formatted = written(entry.get("formatted"))
    return formatted or filled(written(entry.get("message")), entry.get("params"))


def filled(template: str, params: object) -> str:
    """Return a template with its parameters in place; places without a parameter stay as they are.

    Understands `%s`, `%d`, `%(name)s`, `{}`, `{0}` and `{name}`; widths and precisions are left alone, for a
    width can ask for gigabytes.
    """
    if not params or ("%" not in template and "{" not in template):
        return template
    named = params if isinstance(params, Mapping) else {}
    listed = list(params) if isinstance(params, Sequence) and not isinstance(params, str) else []
    rest = iter(listed)

    def fill(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name and name in named:
            return written(named[name])
        if name:
            return written(listed[int(name)]) if name.isdigit() and int(name) < len(listed) else found[0]
        value = next(rest, None)
        return found[0] if value is None else written(value)

    return _PLACE.sub(fill, template)[:LONGEST]
