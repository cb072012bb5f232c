"""Labels and selectors of labels, as the API's reference describes them."""

import re
from collections.abc import Mapping

from vedette.instruments.hetzner.fake.calls import Refused, invalid

_NAME = r"[a-z0-9A-Z](?:[a-z0-9A-Z._-]{0,61}[a-z0-9A-Z])?"
_DNS = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
_KEY = re.compile(rf"(?:(?P<prefix>{_DNS})/)?{_NAME}")
_VALUE = re.compile(rf"(?:{_NAME})?")
_K = r"(?P<key>[\w./-]+)"
_SET = re.compile(rf"{_K}\s+(?P<sign>in|notin)\s*\((?P<values>[^()]*)\)")
_EQUAL = re.compile(rf"{_K}\s*(?P<sign>==|=|!=)\s*(?P<value>[\w.-]*)")
_THERE = re.compile(rf"(?P<sign>!?)\s*{_K}")
_PREFIX = 253


def check(labels: Mapping[str, str]) -> None:
    """Raise `Refused` where a key or a value is none."""
    for key, value in labels.items():
        found = _KEY.fullmatch(key)
        prefix = (found and found["prefix"]) or ""
        if not found or len(prefix) > _PREFIX or prefix == "hetzner.cloud":
            raise invalid("labels", f"label key '{key}' is not correctly formatted")
        if not _VALUE.fullmatch(value):
            raise invalid("labels", f"label value '{value}' is not correctly formatted")


def matches(selector: str, labels: Mapping[str, str]) -> bool:
    """Tell whether labels fit a selector: `env=production,type notin (db),!old`. Raises `Refused` for what is none."""
    fits = [
        _fits(part.strip(), labels) for part in _parts(selector)
    ]  # each is read, so that none that is wrong passes
    return all(fits)


def _parts(selector: str) -> list[str]:
    return re.split(r",(?![^(]*\))", selector)


def _fits(part: str, labels: Mapping[str, str]) -> bool:
    if found := _SET.fullmatch(part):
        values = {value.strip() for value in found["values"].split(",")}
        return (labels.get(found["key"]) in values) is (found["sign"] == "in")
    if found := _EQUAL.fullmatch(part):
        return (labels.get(found["key"]) == found["value"]) is (found["sign"] != "!=")
    if found := _THERE.fullmatch(part):
        return (found["key"] in labels) is not bool(found["sign"])
    raise Refused(400, "invalid_input", f"label selector is not valid near '{part}'")
