"""The policy's headers in nginx: a header of the application decides by `map`, as `add_header` only ever adds."""

from __future__ import annotations

from collections.abc import Mapping

from vedette_guard.proxies.headers import CORS, SCHEMES, Beside, Key, Wanted, spelled, wanted
from vedette_guard.proxies.nginx_text import Text, quote
from vedette_guard.proxies.places import Place, origin, pcre


def lines(text: Text, where: tuple[Place, ...]) -> list[str]:
    """Return the directives of a server; maps go into `text`."""
    found = []
    for number, header in enumerate(wanted(where)):
        found += _header(text, header, f"guard_header{number}")
    return found + _cors(text, where)


def _header(text: Text, header: Wanted, variable: str) -> list[str]:
    value = _value(text, header.values, f"{variable}_wanted")
    sent = f"$upstream_http_{header.name.replace('-', '_')}"
    name = spelled(header.name)
    if header.beside is Beside.JOIN:
        return [f"add_header {name} {value} always;"]
    if header.beside is Beside.REPLACE:
        shown = text.map(value, variable, [('""', sent)], value) if value.startswith("$") else value
        return [f"proxy_hide_header {name};", f"add_header {name} {shown} always;"]
    if header.framed:
        return [f"add_header {name} {_framed(text, header, variable, sent, value)} always;"]
    return [f"add_header {name} {text.map(sent, variable, [(quote(''), value)], quote(''))} always;"]


def _framed(text: Text, header: Wanted, variable: str, sent: str, value: str) -> str:
    rows = [
        (quote(rf"~*^\|\s*{option}\s*\z"), _value(text, values, f"{variable}_{option.lower()}"))
        for option, values in header.framed.items()
    ]
    key = f'"{sent}|$upstream_http_x_frame_options"'
    return text.map(key, variable, [*rows, (quote(r"~^\|"), value)], quote(""))


def _value(text: Text, table: Mapping[Key, str], variable: str) -> str:
    """Return the word that means a header's value: a text, or a variable where it is not the same everywhere."""
    distinct = set(table.values())
    if len(distinct) == 1:
        return text.literal(distinct.pop())
    usual = table[SCHEMES[0], ""]
    rows = [
        (quote(f"{scheme}:{place}"), text.literal(value))
        for (scheme, place), value in table.items()
        if value != usual
    ]
    return text.map('"$scheme:$guard_place"', variable, rows, text.literal(usual))


def _cors(text: Text, where: tuple[Place, ...]) -> list[str]:
    """Return the directives that let the pages of allowed origins read answers, where the application is silent."""
    rows = [row for place in where for row in _origins(place)]
    if not rows:
        return []
    text.map('"$guard_place:$http_origin"', "guard_origin", rows, quote(""))
    text.map(
        "$upstream_http_access_control_allow_origin", "guard_reader", [('""', "$guard_origin")], quote("")
    )
    lending = [(quote(p.name), quote("true")) for p in where if p.plan.policy.cors.credentials]
    text.map("$guard_place", "guard_lending", lending, quote(""))
    text.map("$guard_reader", "guard_credentials", [('""', '""')], "$guard_lending")
    sent = zip(sorted(CORS, reverse=True), ("$guard_reader", "$guard_credentials"), strict=True)
    return [f"add_header {spelled(name)} {value} always;" for name, value in sent]


def _origins(place: Place) -> list[tuple[str, str]]:
    plan = place.plan
    if "*" in plan.origins:
        return [(quote(f"~^{place.name}:."), quote("*"))]
    return [
        (quote(f"~*^{place.name}:{origin(text, pcre)}\\z"), "$http_origin")
        for text in sorted(plan.origins)
        if text
    ]
