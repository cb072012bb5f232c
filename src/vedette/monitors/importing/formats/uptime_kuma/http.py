"""The web checks of Uptime Kuma: http, keyword and json-query."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from vedette.monitors.importing.fields import Fields
from vedette.monitors.importing.phrasing import host, quoted

_RANGE = re.compile(r"(\d{3})(?:\s*-\s*(\d{3}))?")
_PATH = re.compile(r"\$?\.?(\w+(?:\.\w+|\[\d+\])*)?")
_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "contains")
_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "xml": "text/xml; charset=utf-8",
}
_PROXIES = {"http": "http", "https": "https", "socks5": "socks5", "socks5h": "socks5", "socks": "socks5"}


def asked(said: Fields, proxies: Mapping[str, Fields]) -> tuple[dict[str, Any], list[str]] | None:
    """Return options and assertions; None where it cannot sign in as Uptime Kuma does, which is reported."""
    method = said.text("method", "GET").upper()
    options: dict[str, Any] = {} if method == "GET" else {"method": method}
    options |= _body(said)
    signed = _signed(said, said.text("auth_method"))
    if signed is None:
        return None
    options |= signed | _proxy(said, proxies.get(said.id("proxy_id"))) | _status(said)
    if said.truth("ignore_tls"):
        options["verify"] = False
    redirects = int(said.number("maxredirects", 10.0))
    options |= (
        {"follow": False}
        if redirects == 0
        else {}
        if redirects == 10
        else {"most_redirects": min(redirects, 50)}
    )
    said.lose("A parameter that changes each time is not added.", "cache_bust")
    if said.truth("domain_expiry_notification"):
        said.leave("Add `[DOMAIN_EXPIRATION] > 720h` to its assertions.", "domain_expiry_notification")
    if not said.truth("expiry_notification", default=True):
        said.leave("The end of a certificate is told of all the same.", "expiry_notification")
    return options, _expected(said)


def _body(said: Fields) -> dict[str, Any]:
    body, encoding = said.text("body"), said.text("http_body_encoding", "json")
    headers = _headers(said)
    if body and encoding in _TYPES and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = _TYPES[encoding]
    return ({"body": body} if body else {}) | ({"headers": headers} if headers else {})


def _headers(said: Fields) -> dict[str, str]:
    text = said.text("headers")
    if not text:
        return {}
    try:
        found = msgspec.json.decode(text, type=dict[str, str | int | float])
    except msgspec.DecodeError:
        said.leave("Not carried: these headers are no JSON object.", "headers")
        return {}
    return {name: str(value) for name, value in found.items()}


def _signed(said: Fields, method: str) -> dict[str, Any] | None:
    user, password, token = (
        said.text("basic_auth_user"),
        said.text("basic_auth_pass"),
        said.text("bearer_token"),
    )
    if method in {"ntlm", "oauth2-cc"}:
        said.drop(f"Not carried: Vedette does not sign in by {method}.")
        return None
    if method == "mtls":
        keys = (("tls_cert", "client_certificate"), ("tls_key", "client_key"), ("tls_ca", "authority"))
        return {option: text for key, option in keys if (text := said.text(key))}
    if method in {"bearer", "bearer-token"} or (token and not user):
        return {"token": token} if token else {}
    return {"user": user, "password": password} if user else {}


def _proxy(said: Fields, proxy: Fields | None) -> dict[str, Any]:
    if proxy is None:
        said.lose("Not carried: its proxy is not in the file.", "proxy_id")
        return {}
    protocol, port = str(proxy.peek("protocol")), proxy.id("port")
    if protocol not in _PROXIES or not port.isdecimal():
        said.lose(f"Not carried: {protocol[:20]} is no proxy that can be used.", "proxy_id")
        return {}
    found = {"proxy": f"{_PROXIES[protocol]}://{host(str(proxy.peek('host')), int(port[:6]))}"}
    if proxy.peek("auth") and proxy.peek("username"):
        found |= {
            "proxy_user": str(proxy.peek("username")),
            "proxy_password": str(proxy.peek("password") or ""),
        }
    return found


def _status(said: Fields) -> dict[str, Any]:
    told, listed = said.text("accepted_statuscodes_json"), said.texts("accepted_statuscodes")
    try:
        codes = msgspec.json.decode(told, type=list[str | int]) if told else listed
    except msgspec.DecodeError:
        codes = []
    ranges = [_range(str(code)) for code in codes]
    if None in ranges or (told and not codes):
        said.leave(
            "Not carried: what it accepts is no list of statuses; 200 to 299 are fine.",
            "accepted_statuscodes_json",
        )
    kept = ",".join(each for each in ranges if each)
    return {} if kept in {"", "200-299"} else {"status": kept}


def _range(text: str) -> str | None:
    found = _RANGE.fullmatch(text.strip())
    if found is None or not 100 <= int(found[1]) <= 599:
        return None
    return found[1] if not found[2] else f"{found[1]}-{min(int(found[2]), 599)}"


def _expected(said: Fields) -> list[str]:
    kind_keyword, path = said.text("keyword"), said.text("json_path")
    operator, value = said.text("json_path_operator", "=="), said.text("expected_value")
    inverted = said.truth("invert_keyword")
    if kind_keyword:
        return [f"[BODY] {'!contains' if inverted else 'contains'} {quoted(kind_keyword)}"]
    if not value:
        return []
    found = _PATH.fullmatch(path.strip() or "$")
    if found is None or operator not in _OPERATORS:
        said.leave(
            "Not carried: this is more than a path to a value; write an assertion by hand.", "json_path"
        )
        return []
    return [
        f"[BODY]{f'.{found[1]}' if found[1] else ''} {operator} {value if operator[0] in '<>' else quoted(value)}"
    ]
