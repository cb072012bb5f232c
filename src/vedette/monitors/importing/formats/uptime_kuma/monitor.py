"""One monitor of Uptime Kuma as one of ours."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from vedette.instruments.probe.types import MAX_DEADLINE
from vedette.monitors.ascode.written import MaintenanceText, MonitorText, ToleranceText
from vedette.monitors.importing.fields import RULES, Fields
from vedette.monitors.importing.formats.uptime_kuma import http
from vedette.monitors.importing.phrasing import host, tag
from vedette.monitors.importing.port import Carried

_DAY = 86_400.0
_SHOWN = (
    "id", "user_id", "weight", "created_date", "path", "path_name", "children_ids", "force_inactive", "maintenance",
    "include_sensitive_data", "screenshot", "save_response", "save_error_response", "response_max_length",
    "dns_last_result", "color", "manual_status", "screenshot_delay",
)  # fmt: skip
# What belongs to one type of monitor and stands, with its default, in the rows of all of them.
_OF_TYPES = (
    "accepted_statuscodes", "accepted_statuscodes_json", "auth_domain", "auth_method", "auth_workstation",
    "basic_auth_pass", "basic_auth_user", "bearer_token", "body", "cache_bust", "conditions",
    "database_connection_string", "database_query", "dns_resolve_server", "dns_resolve_type", "docker_container",
    "docker_host", "expected_tls_alert", "expected_value", "game", "gamedig_given_port_only", "gamedig_token",
    "grpc_body", "grpc_enable_tls", "grpc_metadata", "grpc_method", "grpc_protobuf", "grpc_service_name", "grpc_url",
    "headers", "hostname", "http_body_encoding", "ignore_tls", "invert_keyword", "ip_family", "json_path",
    "json_path_operator", "kafka_producer_allow_auto_topic_creation", "kafka_producer_brokers",
    "kafka_producer_message", "kafka_producer_sasl_options", "kafka_producer_ssl", "kafka_producer_topic", "keyword",
    "location", "maxredirects", "method", "mqtt_check_type", "mqtt_password", "mqtt_success_message", "mqtt_topic",
    "mqtt_username", "mqtt_websocket_path", "ntp_root_dispersion_threshold", "ntp_stratum_threshold",
    "ntp_time_offset_threshold", "oauth_audience", "oauth_auth_method", "oauth_client_id", "oauth_client_secret",
    "oauth_scopes", "oauth_token_url", "packet_size", "ping_count", "ping_numeric", "ping_per_request_timeout", "port",
    "protocol", "proxy_id", "push_token", "rabbitmq_nodes", "rabbitmq_password", "rabbitmq_username",
    "radius_called_station_id", "radius_calling_station_id", "radius_password", "radius_secret", "radius_username",
    "remote_browser", "retry_only_on_status_code_failure", "smtp_security", "snmp_oid", "snmp_v3_username",
    "snmp_version", "subtype", "system_service_name", "timeout", "tls_ca", "tls_cert", "tls_key", "url",
    "ws_ignore_sec_websocket_accept_header", "ws_subprotocol", "expiry_notification", "domain_expiry_notification",
)  # fmt: skip
_FAMILIES = {"ipv4": "ipv4", "ipv6": "ipv6", "4": "ipv4", "6": "ipv6"}


class Around(msgspec.Struct, frozen=True):
    """What goes with monitors, by their ids: tags, the names of groups, proxies, maintenances."""

    tags: Mapping[str, Sequence[str]]
    names: Mapping[str, str]
    proxies: Mapping[str, Fields]
    windows: Mapping[str, Sequence[MaintenanceText]]


class Target(msgspec.Struct, frozen=True):
    """What a type of monitor looks at: an URL, options, assertions, further keys of a file."""

    url: str
    options: Mapping[str, Any] = {}
    expect: Sequence[str] = ()
    keys: Mapping[str, Any] = {}


def read(said: Fields, around: Around) -> Carried | None:
    """Return a monitor; None where Vedette has no check for its type, which is reported."""
    kind = said.text("type", "http")
    if kind == "group":
        said.drop("A group: the monitors in it have its name as a tag.")
        return None
    if kind != "port" and said.truth("upside_down"):
        said.drop("Not carried: it is up when nothing answers (upside down); write `[CONNECTED] == false`.")
        return None
    tags = _tags(said, around)
    windows, name = around.windows.get(said.id("id"), ()), said.text("name", "Unnamed")
    every = said.number("interval", 60.0)
    common = {"name": name, "tags": tags, "maintenance": tuple(windows), "paused": None if said.truth("active", default=True) else True}  # fmt: skip
    text = _pushed(said, every, common) if kind == "push" else _checked(said, kind, every, around, common)
    if text is None:
        return None
    said.skip(*_SHOWN, *_OF_TYPES)
    said.lose(RULES, "notification_idlist")
    said.lose("How often people are told again, routes say (docs/routing.md).", "resend_interval")
    said.lose("Vedette keeps no description.", "description")
    said.lose("An address of its own for status pages is not kept.", "custom_url")
    said.done()
    return Carried(said.place(), text)


def _pushed(said: Fields, every: float, common: Mapping[str, Any]) -> MonitorText:
    retries, retry = said.number("maxretries"), said.number("retry_interval")
    grace = max(10.0, retries * (retry or every))
    said.lose("Its address is a new one (`vedette monitors show`); change what pushes.", "push_token")
    return MonitorText(every=said.within("interval", every, 10, 366 * _DAY), grace=grace, **common)


def _checked(
    said: Fields, kind: str, every: float, around: Around, common: Mapping[str, Any]
) -> MonitorText | None:
    reader = _READERS.get(kind)
    target = reader(said, around) if reader else None
    if target is None:
        if reader is None:
            said.drop(
                f"Not carried: Vedette has no check like {kind[:30]}, or none that can be asked the same."
            )
        return None
    said.lose(
        "Not carried: write conditions as assertions.",
        *(["conditions"] if said.peek("conditions") != "[]" else []),
    )
    timeout = said.number("timeout") or every * 0.8
    retry = said.number("retry_interval") or every
    tolerance = ToleranceText(
        failures=int(min(100, max(0, said.number("maxretries")) + 1)),
        retry=said.within("retry_interval", retry, 1, 3_600),
    )
    return MonitorText(
        url=target.url, options=target.options, expect=tuple(target.expect), tolerance=tolerance,
        interval=said.within("interval", every, 5, _DAY), timeout=said.within("timeout", timeout, 0.05, MAX_DEADLINE),
        family=_FAMILIES.get(said.text("ip_family"), "any"), **target.keys, **common,
    )  # fmt: skip


def _tags(said: Fields, around: Around) -> tuple[str, ...]:
    rows = [
        ":".join(part for part in (row.text("name"), row.text("value")) if part) for row in said.rows("tags")
    ]
    group = around.names.get(said.id("parent"), "")
    said.skip("parent")
    own = [*around.tags.get(said.id("id"), ()), *rows, group]
    return tuple(dict.fromkeys(made for each in own if (made := tag(each))))


def _http(said: Fields, around: Around) -> Target | None:
    found = http.asked(said, around.proxies)
    return None if found is None else Target(said.text("url"), *found)


def _port(said: Fields, around: Around) -> Target | None:  # noqa: ARG001
    expect = ["[CONNECTED] == false"] if said.truth("upside_down") else []
    return Target(f"tcp://{host(said.text('hostname'), int(said.number('port')))}", {}, expect)


def _ping(said: Fields, around: Around) -> Target | None:  # noqa: ARG001
    if said.number("packet_size", 56.0) != 56:
        said.leave("Pings have their usual size.", "packet_size")
    count = int(said.number("ping_count"))
    return Target(f"icmp://{host(said.text('hostname'))}", {"count": count} if count > 1 else {})


def _dns(said: Fields, around: Around) -> Target | None:  # noqa: ARG001
    name, kind = said.text("hostname").rstrip("."), said.text("dns_resolve_type", "A")
    servers = [each.strip() for each in said.text("dns_resolve_server").split(",") if each.strip()]
    port = int(said.number("port", 53.0))
    if len(servers) > 1:
        said.leave(f"The first of {len(servers)} resolvers is asked.", "dns_resolve_server")
    server = f"{host(servers[0], port if port != 53 else 0)}/" if servers else ""
    return Target(f"dns://{server}{name}?type={kind}")


def _websocket(said: Fields, around: Around) -> Target | None:  # noqa: ARG001
    options = {"protocol": protocol} if (protocol := said.text("ws_subprotocol")) else {}
    if said.truth("ws_ignore_sec_websocket_accept_header"):
        said.leave("The answer to a handshake is always checked.", "ws_ignore_sec_websocket_accept_header")
    return Target(said.text("url"), options)


def _mail(said: Fields, around: Around) -> Target | None:  # noqa: ARG001
    security = said.text("smtp_security")
    options = {"tls": True} if security == "secure" else {"starttls": True} if security == "starttls" else {}
    return Target(f"smtp://{host(said.text('hostname'), int(said.number('port', 25.0)))}", options)


_READERS: Mapping[str, Callable[[Fields, Around], Target | None]] = {
    "http": _http,
    "keyword": _http,
    "json-query": _http,
    "port": _port,
    "ping": _ping,
    "dns": _dns,
    "websocket-upgrade": _websocket,
    "smtp": _mail,
}
