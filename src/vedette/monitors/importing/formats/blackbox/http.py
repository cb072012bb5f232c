"""The http part of a module: options and assertions."""

from collections.abc import Mapping
from typing import Any

from vedette.monitors.importing.fields import Fields
from vedette.monitors.importing.phrasing import contains, quoted, size

_VERSIONS = {"HTTP/1.1": "1.1", "HTTP/2": "2", "HTTP/2.0": "2", "HTTP/3": "3", "HTTP/3.0": "3"}
_PATTERN = "Not carried: assertions look for texts, not for regular expressions; write one by hand."
_FILE = "Not carried: put what the file holds into the monitor by hand."


def asked(said: Fields) -> tuple[dict[str, Any], list[str]]:
    """Return options and assertions of an http module; what has no counterpart is reported."""
    options = _request(said) | trust(said.table("tls_config")) | _versions(said)
    follow = said.truth("follow_redirects", default=not said.truth("no_follow_redirects"))
    if not follow:
        options["follow"] = False
    if codes := said.texts("valid_status_codes"):
        options["status"] = ",".join(codes)
    if limit := said.text("body_size_limit"):
        options["max_bytes"] = size(limit) or 4 << 20
    expect = _bodies(said) + _headers(said)
    said.lose("Not carried: whether it is encrypted, the URL says.", "fail_if_ssl", "fail_if_not_ssl")
    said.lose(
        "Not carried: write it as assertions on parts of [BODY].",
        "fail_if_body_json_matches_cel",
        "fail_if_body_json_not_matches_cel",
    )
    said.lose("Not carried: no token is fetched for a check; use `token` with one that lasts.", "oauth2")
    said.lose("Bodies are unpacked as the answer says.", "compression")
    said.lose(_FILE, "body_file")
    said.lose(
        "Not carried: a proxy is named, with user and password.",
        "no_proxy",
        "proxy_from_environment",
        "proxy_connect_header",
        "skip_resolve_phase_with_proxy",
    )
    return options, expect


def _request(said: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, option in (("method", "method"), ("body", "body"), ("proxy_url", "proxy")):
        if text := said.text(key):
            found[option] = text
    found_headers = {**headers(said.table("headers")), **headers(said.table("http_headers"))}
    basic, bearer = said.table("basic_auth"), said.table("authorization")
    if user := basic.text("username"):
        found |= {"user": user, "password": basic.text("password")}
    kind, token = bearer.text("type", "Bearer"), bearer.text("credentials")
    if token and kind.lower() == "bearer":
        found["token"] = token
    elif token:
        found_headers["Authorization"] = f"{kind} {token}"
    for each in (basic, bearer):
        each.done(_FILE)
    return found | ({"headers": found_headers} if found_headers else {})


def headers(said: Fields) -> dict[str, str]:
    """Return headers, each a text or the last of its `values` and `secrets`."""
    found: dict[str, str] = {}
    for name in said.names():
        if not isinstance(said.peek(name), Mapping):
            found[name] = said.text(name)
            continue
        each = said.table(name)
        if values := each.texts("values") + each.texts("secrets"):
            found[name] = values[-1]
        each.lose(_FILE, "files")
        each.done()
    return found


def trust(said: Fields) -> dict[str, Any]:
    """Return whom to trust, of `tls_config`."""
    insecure = said.truth("insecure_skip_verify")
    said.lose(_FILE, "ca_file", "cert_file", "key_file")
    said.lose("Not carried: the name of the URL is checked.", "server_name")
    said.lose("Not carried: TLS is agreed on as the system has it.", "min_version", "max_version")
    said.done()
    return {"verify": False} if insecure else {}


def _versions(said: Fields) -> dict[str, Any]:
    if said.truth("enable_http3"):
        said.skip("enable_http2", "valid_http_versions")
        return {"version": "3"}
    if not said.truth("enable_http2", default=True):
        said.skip("valid_http_versions")
        return {"version": "1.1"}
    allowed = {_VERSIONS.get(each, each) for each in said.texts("valid_http_versions")}
    if len(allowed) == 1 and allowed <= {"1.1", "2", "3"}:
        return {"version": allowed.pop()}
    if allowed and not {"1.1", "2"} <= allowed:
        said.leave(
            "Not carried: one version is demanded, or what the server offers is taken.", "valid_http_versions"
        )
    return {}


def _bodies(said: Fields) -> list[str]:
    found = []
    for key, wanted in (("fail_if_body_matches_regexp", False), ("fail_if_body_not_matches_regexp", True)):
        for n, pattern in enumerate(said.texts(key)):
            told = contains("[BODY]", pattern, wanted=wanted)
            if told is None:
                said.leave(_PATTERN, key, n)
            else:
                found.append(told)
    return found


def _headers(said: Fields) -> list[str]:
    found = []
    for key, wanted in (("fail_if_header_matches", False), ("fail_if_header_not_matches", True)):
        for rule in said.rows(key):
            name, pattern, lenient = rule.text("header"), rule.text("regexp"), rule.truth("allow_missing")
            told = _header(name, pattern, wanted=wanted, lenient=lenient)
            if told is None:
                rule.leave(_PATTERN)
            else:
                found.append(told)
            rule.done()
    return found


def _header(name: str, pattern: str, *, wanted: bool, lenient: bool) -> str | None:
    """Return the assertion on a header. A header that is missing contains nothing: fine where it must not match alone."""
    subject = f"[HEADER][{quoted(name)}]"
    if pattern in {".*", ".+", "^.*$"} and lenient is not wanted:
        return f"has({subject}) == {'true' if wanted else 'false'}"
    if wanted == lenient:  # missing is fine where it must match, or a fault where it must not
        return None
    return contains(subject, pattern, wanted=wanted)
