"""Label selectors as Hetzner takes them: `role=web,env!=dev`, `role in (web,api)`, `role`, `!role`. Pure."""

import re
from collections.abc import Callable, Mapping

from vedette.core.errors import Invalid

_KEY = r"(?:[A-Za-z0-9.\-]{1,253}/)?[A-Za-z0-9](?:[A-Za-z0-9._\-]{0,61}[A-Za-z0-9])?"
_VALUE = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._\-]{0,61}[A-Za-z0-9])?)?"
_EQUAL = re.compile(rf"({_KEY})\s*(==|=|!=)\s*({_VALUE})")
_AMONG = re.compile(rf"({_KEY})\s+(in|notin)\s*\(([^()]*)\)")
_THERE = re.compile(rf"(!?)\s*({_KEY})")
_SPLIT = re.compile(r",(?![^()]*\))")
KEY, VALUE = re.compile(_KEY), re.compile(_VALUE)
_Test = Callable[[Mapping[str, str]], bool]


def matches(selector: str, labels: Mapping[str, str]) -> bool:
    """Tell whether labels fit a selector; raises `Invalid` where it is none."""
    return all(_test(part.strip())(labels) for part in _SPLIT.split(selector))


def takes(selector: str, labels: Mapping[str, str]) -> bool:
    """Tell whether labels fit a selector; what is none takes nothing."""
    try:
        return matches(selector, labels)
    except Invalid:
        return False


def wrong(selector: str) -> str:
    """Return why a text is no selector, or nothing."""
    try:
        matches(selector, {})
    except Invalid as error:
        return str(error)
    return ""


def _test(part: str) -> _Test:
    if found := _EQUAL.fullmatch(part):
        key, sign, value = found.groups()
        return lambda labels: (labels.get(key) == value) is (sign != "!=")
    if found := _AMONG.fullmatch(part):
        key, word, listed = found.groups()
        values = {each.strip() for each in listed.split(",")}
        return lambda labels: (labels.get(key) in values) is (word == "in")
    if found := _THERE.fullmatch(part):
        absent, key = found.groups()
        return lambda labels: (key in labels) is not bool(absent)
    raise Invalid(
        f"{part!r} is no label selector; write role=web, role!=web, role in (web,api), role or !role."
    )
