"""What a module of blackbox_exporter asks, as a check asks it."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from vedette.instruments.probe.types import Family
from vedette.monitors.importing.fields import Fields
from vedette.monitors.importing.formats.blackbox import http
from vedette.monitors.importing.phrasing import contains

_STARTTLS = {"220": "smtp", "ehlo": "smtp", "capability": "imap", "imap": "imap", "stls": "pop3"}
_FAMILIES = {"ip4": Family.IPV4, "ip6": Family.IPV6}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How targets of a module become URLs, and what is asked and expected of them. No deadline: 0."""

    url: Callable[[str], str]
    options: Mapping[str, Any] = {}
    expect: tuple[str, ...] = ()
    family: Family = Family.ANY
    deadline: float = 0.0


def read(module: Fields) -> Asked | None:
    """Return what a module asks; None where Vedette has no check for it, which is reported."""
    prober, deadline = module.text("prober"), module.span("timeout", 0.0)
    readers = {"http": _http, "tcp": _tcp, "icmp": _icmp, "dns": _dns, "grpc": _grpc, "websocket": _websocket}
    if prober not in readers:
        module.drop(f"Not carried: Vedette has no check for the prober {prober[:20]}.")
        return None
    said = module.table(prober)
    family = _family(said)
    found = readers[prober](said)
    said.done()
    module.done("It belongs to another prober than the module's.")
    return None if found is None else msgspec.structs.replace(found, family=family, deadline=deadline)


def _family(said: Fields) -> Family:
    preferred, fallback = said.text("preferred_ip_protocol"), said.truth("ip_protocol_fallback", default=True)
    if preferred and fallback:
        said.leave("IPv6 and IPv4 are tried in turns, whichever is preferred.", "preferred_ip_protocol")
    said.lose("The address that is asked from is the machine's.", "source_ip_address")
    return Family.ANY if fallback else _FAMILIES.get(preferred, Family.IPV6)


def _http(said: Fields) -> Asked:
    options, expect = http.asked(said)
    return Asked(url=_web, options=options, expect=tuple(expect))


def _web(target: str) -> str:
    return target if target.startswith(("http://", "https://")) else f"http://{target}"


def _icmp(said: Fields) -> Asked:
    said.lose("Pings have their usual size and reach.", "dont_fragment", "payload_size", "ttl")
    return Asked(url="icmp://{}".format, options={"count": 1, "loss": 0})


def _grpc(said: Fields) -> Asked:
    scheme, service = "grpcs" if said.truth("tls") else "grpc", said.text("service")
    options = http.trust(said.table("tls_config")) | ({"service": service} if service else {})
    return Asked(url=f"{scheme}://{{}}".format, options=options)


def _websocket(said: Fields) -> Asked:
    client = said.table("http_config")
    options, _ = http.asked(client)
    client.done()
    headers = {**options.get("headers", {}), **http.headers(said.table("headers")), **_signed(options)}
    for step in said.rows("query_response"):
        step.drop(
            "Not carried: one text is sent and one answer looked at; write `send` and `answer` by hand."
        )
    kept = {name: value for name, value in options.items() if name == "verify"}
    return Asked(url=_socket, options=kept | ({"headers": headers} if headers else {}))


def _socket(target: str) -> str:
    return target if target.startswith(("ws://", "wss://")) else f"ws://{target}"


def _signed(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the header by which a WebSocket signs in, for it has no options of its own for that."""
    if token := options.get("token"):
        return {"Authorization": f"Bearer {token}"}
    if user := options.get("user"):
        held = base64.b64encode(f"{user}:{options.get('password', '')}".encode("utf-8", "replace")).decode()
        return {"Authorization": f"Basic {held}"}
    return {}


def _tcp(said: Fields) -> Asked:
    secure = said.truth("tls")
    options = http.trust(said.table("tls_config")) if secure or "tls_config" in said else {}
    steps = said.rows("query_response")
    scheme = "tls" if secure else "tcp"
    expect: list[str] = []
    if any(step.truth("starttls") for step in steps):
        return Asked(url=_starttls(steps, said), options=options)
    if steps and not secure:
        extra, expect = _talk(steps)
        options |= extra
    else:
        for step in steps:
            step.drop("Not carried: nothing is said after the TLS handshake.")
    return Asked(url=f"{scheme}://{{}}".format, options=options, expect=tuple(expect))


def _talk(steps: list[Fields]) -> tuple[dict[str, Any], list[str]]:
    """Return what one exchange of a conversation says: what is sent first, and what the first answer holds."""
    options: dict[str, Any] = {}
    expect: list[str] = []
    for step in steps:
        pattern, exact, sent = step.text("expect"), step.text("expect_bytes"), step.text("send")
        told = (
            contains("[BODY]", pattern)
            if pattern
            else contains("[BODY]", "".join(f"\\{c}" if not c.isalnum() else c for c in exact))
            if exact
            else None
        )
        if told and not expect:
            options["banner"] = True
            expect.append(told)
        elif pattern or exact:
            step.leave("Not carried: only the first answer is looked at, for a text that is in it.", "expect")
        if sent and not expect and "send" not in options:
            options["send"] = sent.removesuffix("\r").removesuffix("\n") + "\r\n"
        elif sent:
            step.leave("Not carried: one text is sent, before the first answer.", "send")
        step.done()
    return options, expect


def _starttls(steps: list[Fields], said: Fields) -> Callable[[str], str]:
    words = " ".join(f"{step.text('expect')} {step.text('send')}" for step in steps).lower()
    protocol = next((kind for word, kind in _STARTTLS.items() if word in words), "")
    exact = any(step.peek("expect_bytes") for step in steps)
    for step in steps:
        step.skip("send", "expect", "expect_bytes")
        step.done()
    if exact and not protocol:
        protocol = "postgres"
    if not protocol:
        said.leave(
            "Not carried: the conversation does not tell which protocol is spoken before STARTTLS.",
            "query_response",
        )
        return lambda _: ""
    return f"{protocol}+starttls://{{}}".format


def _dns(said: Fields) -> Asked:
    name, kind = said.text("query_name").rstrip("."), said.text("query_type", "ANY")
    codes = said.texts("valid_rcodes")
    if kind == "ANY":
        said.leave("ANY is asked no more; it is A now.", "query_type")
        kind = "A"
    if said.text("transport_protocol", "udp") != "udp":
        said.leave("Servers are asked by UDP, by TCP where an answer is too long.", "transport_protocol")
    for part in ("validate_answer_rrs", "validate_authority_rrs", "validate_additional_rrs"):
        said.lose("Not carried: write expected records into `values`.", part)
    said.lose(
        "Not carried: servers are asked plainly, with recursion, for the class IN.",
        "dns_over_tls",
        "tls_config",
        "query_class",
        "recursion_desired",
    )
    expect = f"[DNS_RCODE] == any({', '.join(codes)})" if codes and codes != ["NOERROR"] else ""
    return Asked(url=lambda target: f"dns://{target}/{name}?type={kind}", expect=(expect,) if expect else ())
