"""Whether the templates of a gateway make a request: tried with a sample before they are kept. Pure."""

import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from vedette.core.errors import Invalid
from vedette.notify.channels.gateway import filling
from vedette.notify.channels.posting import check_url
from vedette.notify.types import Notice

METHODS = ("POST", "PUT", "GET")
FORMS = ("form", "json", "text")
_LONGEST = 10_000
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_SAMPLE = Notice(title='A "title"\\', text="Text\n{}&", severity="high", link="https://v.example/", at=0.0)


def check(config: Mapping[str, str]) -> None:
    """Raise `Invalid` naming the first field that is wrong, and what is."""
    for field, wrong in (
        ("method", "" if config.get("method") in METHODS else f"One of {', '.join(METHODS)}."),
        ("form", "" if config.get("form") in FORMS else f"One of {', '.join(FORMS)}."),
        ("most", _wrong_number(config.get("most", ""))),
        *((field, _unknown(config.get(field, ""))) for field in ("url", "headers", "body")),
        ("url", _wrong_host(config.get("url", ""))),
        ("headers", _wrong_headers(config)),
    ):
        _blame(field, wrong)
    check_url(filling.PLACE.sub("x", config.get("url", "")), "url")
    if config["form"] == "json" and config["method"] != "GET":
        _blame("body", _wrong_json(config))


def _blame(field: str, wrong: str) -> None:
    if wrong:
        raise Invalid(wrong, {field: wrong})


def _unknown(template: str) -> str:
    unknown = [name for name in filling.PLACE.findall(template) if name not in filling.NAMES]
    known = ", ".join(f"{{{name}}}" for name in filling.NAMES)
    return f"There is no {{{unknown[0]}}}; known: {known}." if unknown else ""


def _wrong_number(text: str) -> str:
    fits = not text or (text.isascii() and text.isdigit() and 40 <= int(text[:9]) <= _LONGEST)
    return "" if fits else f"A number from 40 to {_LONGEST}."


def _wrong_host(url: str) -> str:
    """Say so when a placeholder stands where the host is named: no value may choose whom to ask."""
    place, marked = "vedetteplaceholder", url.lower()
    try:
        parts = urlsplit(filling.PLACE.sub(place, marked))
    except ValueError:
        return "This is no URL."
    return "Placeholders stand after the host only." if place in parts.netloc + parts.scheme else ""


def _wrong_headers(config: Mapping[str, str]) -> str:
    for name, value in filling.headers(config).items():
        if not _NAME.fullmatch(name) or not value or not value.isascii():
            return f"“{name}” is no header: write Name: value, one a line, in ASCII."
        if name.lower() in _OURS:
            return f"{name} is set by Vedette."
    return ""


def _wrong_json(config: Mapping[str, str]) -> str:
    asked = filling.request(config, _SAMPLE, "key")
    try:
        json.loads(asked.body)
    except ValueError as error:
        return f"Filled in, this is no JSON: {error}. Put placeholders into quotes."
    return ""
