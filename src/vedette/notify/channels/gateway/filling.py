"""The request of a gateway from its templates: each value encoded for the place where it stands. Pure."""

import base64
import html
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

import msgspec

from vedette.notify.channels.cutting import cut
from vedette.notify.types import Notice

MOST = 306  # two SMS joined: 2 x 153 characters of GSM 03.38
_SHORT = 6  # parts of a secret shorter than this are words
NAMES = ("to", "text", "title", "link", "severity", "key", "secret", "basic", "spoken")
PLACE = re.compile(r"\{(\w+)\}")
_TYPES = {"form": "application/x-www-form-urlencoded", "json": "application/json", "text": "text/plain; charset=utf-8"}  # fmt: skip


class Asked(msgspec.Struct, frozen=True):
    """A request as it goes out."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def request(config: Mapping[str, str], notice: Notice, idempotency_key: str) -> Asked:
    """Return the request for a notice. A GET has no body."""
    values = _values(config, notice, idempotency_key)
    form = config.get("form", "form")
    body = "" if config["method"] == "GET" else _filled(config.get("body", ""), values, _ENCODERS[form])
    named = {name: _filled(value, values, _for_header) for name, value in headers(config).items()}
    typed = {} if any(name.lower() == "content-type" for name in named) else {"Content-Type": _TYPES[form]}
    return Asked(
        config["method"],
        _filled(config["url"], values, _for_url),
        {**typed, **named},
        body.encode(errors="replace"),
    )


def headers(config: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a configuration as templates, one a line; a line without a colon has no value."""
    lines = (line.partition(":") for line in config.get("headers", "").splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _, value in lines}


def hidden(config: Mapping[str, str]) -> tuple[str, ...]:
    """Return what must not stand in an error: the secret, its parts and its base64."""
    secret = config.get("secret", "")
    if not secret:
        return ()
    parts = [part for part in secret.split(":") if len(part) >= _SHORT]
    return (_basic(secret), secret, *parts)


def message(notice: Notice, most: int) -> str:
    """Return title, text and link within `most` characters: the link whole, the title before the text."""
    link = notice.link if len(notice.link) < most // 2 else ""
    room = most - (len(link) + 1 if link else 0)
    title = cut(notice.title, room)
    text = cut(notice.text, left) if notice.text and (left := room - len(title) - 1) > 20 else ""
    return "\n".join(part for part in (title, text, link) if part)


def _values(config: Mapping[str, str], notice: Notice, idempotency_key: str) -> dict[str, str]:
    most, secret = int(config.get("most") or MOST), config.get("secret", "")
    spoken = cut(". ".join(part for part in (notice.title, notice.text) if part), most)
    return {
        "to": config.get("to", ""), "text": message(notice, most), "title": cut(notice.title, most),
        "link": notice.link, "severity": notice.severity, "key": idempotency_key, "secret": secret,
        "basic": _basic(secret), "spoken": html.escape(spoken),
    }  # fmt: skip


def _filled(template: str, values: Mapping[str, str], encode: Callable[[str], str]) -> str:
    return PLACE.sub(lambda found: encode(values[found[1]]) if found[1] in values else found[0], template)


def _for_url(value: str) -> str:
    return quote(value, safe="", errors="replace")


def _for_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _for_header(value: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", " ", value).strip()


def _as_it_is(value: str) -> str:
    return value


def _basic(secret: str) -> str:
    return base64.b64encode(secret.encode()).decode()


_ENCODERS: Mapping[str, Callable[[str], str]] = {"form": _for_url, "json": _for_json, "text": _as_it_is}
