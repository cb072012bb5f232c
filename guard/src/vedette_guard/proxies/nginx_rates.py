"""Rates as `limit_req` counts them: a leaky bucket of whole requests a second or a minute, told by 429 alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from vedette_guard.decisions.rates import Metre
from vedette_guard.durations import certain
from vedette_guard.policy import Rate
from vedette_guard.proxies.nginx_text import Text, quote
from vedette_guard.proxies.places import literal, pcre, under

ADDRESS = "$guard_address"
MOST = 1_000_000  # requests a second, and in a burst
_WORD = re.compile(r"[A-Za-z0-9_]+")
_HEADER = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True)
class Limited:
    """The directives of a server, and a sentence for what is counted otherwise than the policy says."""

    lines: list[str]
    missing: list[str]


def limited(text: Text, metres: tuple[Metre, ...]) -> Limited:
    """Return how the rates are counted; keys and zones go into `text`."""
    found = Limited([], [])
    if metres:
        # An IPv6 network of /64 is one client: the first half of the sixteen bytes.
        network = (quote("~(?s)^(?<guard_net>.{8}).{8}\\z"), "$guard_net")
        text.map("$binary_remote_addr", "guard_address", [network], "$binary_remote_addr")
    for number, metre in enumerate(metres):
        _limit(text, metre.rate, number, found)
    if found.lines:
        found.lines.append("limit_req_status 429;")
        found.missing.append(
            "rates: the fields RateLimit and Retry-After; and what is refused before is not counted"
        )
    return found


def _limit(text: Text, rate: Rate, number: int, found: Limited) -> None:
    speed, note = pace(rate)
    if note:
        found.missing.append(f"rates.{rate.name}: {note}")
    if not speed:
        return
    key = _key(text, rate, number, found.missing.append)
    burst = min((rate.burst or rate.limit) - 1, MOST)
    text.lines.append(
        f"limit_req_zone {_counted(text, rate, number, key)} zone=guard_rate{number}:10m rate={speed};"
    )
    found.lines.append(f"limit_req zone=guard_rate{number}{f' burst={burst} nodelay' if burst else ''};")


def pace(rate: Rate) -> tuple[str, str]:
    """Return a rate as nginx writes it, never faster than the policy's, and a sentence where it is not the same.

    Empty for one that is slower than nginx counts, or faster than it needs to be counted.
    """
    window = certain(rate.per)
    for unit, seconds in (("s", 1), ("m", 60)):
        whole, rest = divmod(rate.limit * seconds, window)
        if whole > MOST:
            return "", f"{rate.limit} in {rate.per} is more than nginx counts"
        if whole and (not rest or unit == "m"):
            slower = f"counted as {whole} a minute, a little slower" if rest else ""
            return f"{whole}r/{unit}", slower
    return "", f"{rate.limit} in {rate.per} is slower than the one request a minute that nginx can count"


def _key(text: Text, rate: Rate, number: int, tell: Callable[[str], None]) -> str:
    """Return the variable of what is counted apart; what a request does not have is counted by its address."""
    return "".join(_part(by, rate, text, number, tell) for by in rate.by)


def _part(by: str, rate: Rate, text: Text, number: int, tell: Callable[[str], None]) -> str:
    kind, _, name = by.partition(":")
    variable = f"guard_by{number}_{rate.by.index(by)}"
    if kind == "header" and _HEADER.fullmatch(name):
        sent = f"$http_{name.lower().replace('-', '_')}"
    elif kind == "cookie" and _WORD.fullmatch(name):
        sent = f"$cookie_{name}"
    elif kind == "key":
        sent = text.map(
            "$http_x_api_key", f"{variable}_sent", [('""', "$http_authorization")], "$http_x_api_key"
        )
    elif kind == "route":
        return _route(text, rate, variable)
    else:
        if kind != "address":
            tell(f"rates.{rate.name}: by {by}, which is counted by address")
        return ADDRESS
    return text.map(sent, variable, [('""', ADDRESS)], f'"{by.partition(":")[0]}:{sent}"')


def _route(text: Text, rate: Rate, variable: str) -> str:
    paths = sorted(set(rate.paths), key=len, reverse=True)
    rows = [
        (quote("~" + under(path, pcre)), quote(f"r{n}:")) for n, path in enumerate(paths) if "\0" not in path
    ]
    return text.map("$uri", variable, rows, quote("r:"))


def _counted(text: Text, rate: Rate, number: int, key: str) -> str:
    """Return the variable that is empty for requests that are not counted: preflights, and others than the rate's."""
    methods = "|".join(literal(method, pcre) for method in sorted(set(rate.methods)))
    before = f"({methods})" if methods else "[^ ]+"
    paths = [under(path, pcre)[1:] for path in rate.paths if "\0" not in path] if rate.paths else [""]
    rows = [(quote(f"~^{before} {path}"), f'"{key}"') for path in paths]
    counted = text.map('"$request_method $uri"', f"guard_key{number}", rows, quote(""))
    if rate.methods and "OPTIONS" not in rate.methods:
        return counted
    asked = '"$request_method:$http_origin:$http_access_control_request_method"'
    return text.map(asked, f"guard_counted{number}", [(quote(r"~^OPTIONS:.+:[^:]+\z"), quote(""))], counted)
