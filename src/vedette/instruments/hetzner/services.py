"""Services of a load balancer: how they are read and written. Pure."""

from vedette.instruments.hetzner.types import Names
from vedette.wire import jsons

Json = dict[str, object]


def read_service(raw: jsons.Record, names: Names) -> Json:
    """Return a service in our words; what a protocol has not is empty."""
    http = jsons.record(raw, "http")
    return {
        "protocol": jsons.text(raw, "protocol"), "listen": jsons.number(raw, "listen_port"),
        "to": jsons.number(raw, "destination_port"), "proxyprotocol": jsons.flag(raw, "proxyprotocol"),
        "certificates": sorted(names.name("certificate", each) for each in jsons.numbers(http, "certificates")),
        "redirect": jsons.flag(http, "redirect_http"), "sticky": jsons.flag(http, "sticky_sessions"),
        "cookie": jsons.text(http, "cookie_name"), "cookie_lifetime": jsons.number(http, "cookie_lifetime"),
        "health": _read_health(jsons.record(raw, "health_check")),
    }  # fmt: skip


def write_service(service: jsons.Record, names: Names) -> Json:
    """Return a service as Hetzner takes it."""
    made: Json = {
        "protocol": jsons.text(service, "protocol"), "listen_port": jsons.number(service, "listen"),
        "destination_port": jsons.number(service, "to"), "proxyprotocol": jsons.flag(service, "proxyprotocol"),
        "health_check": _written_health(jsons.record(service, "health")),
    }  # fmt: skip
    if jsons.text(service, "protocol") != "tcp":
        made["http"] = _written_http(service, names)
    return made


def _read_health(raw: jsons.Record) -> Json:
    http = jsons.record(raw, "http")
    return {
        "protocol": jsons.text(raw, "protocol"), "port": jsons.number(raw, "port"), "interval": jsons.number(raw, "interval"),
        "timeout": jsons.number(raw, "timeout"), "retries": jsons.number(raw, "retries"), "path": jsons.text(http, "path"),
        "domain": jsons.text(http, "domain"), "response": jsons.text(http, "response"),
        "status": sorted(jsons.texts(http, "status_codes")), "tls": jsons.flag(http, "tls"),
    }  # fmt: skip


def _written_health(health: jsons.Record) -> Json:
    made: Json = {key: jsons.number(health, key) for key in ("port", "interval", "timeout", "retries")}
    made["protocol"] = jsons.text(health, "protocol")
    if made["protocol"] == "http":
        http: Json = {key: jsons.text(health, key) for key in ("path", "domain", "response")}
        http |= {"tls": jsons.flag(health, "tls"), "status_codes": list(jsons.texts(health, "status"))}
        made["http"] = {key: value for key, value in http.items() if value or key in {"path", "tls"}}
    return made


def _written_http(service: jsons.Record, names: Names) -> Json:
    made: Json = {"sticky_sessions": jsons.flag(service, "sticky")}
    if jsons.flag(service, "sticky"):
        for key, name in (("cookie", "cookie_name"), ("cookie_lifetime", "cookie_lifetime")):
            if service.get(key):
                made[name] = service[key]
    if jsons.text(service, "protocol") == "https":
        made["redirect_http"] = jsons.flag(service, "redirect")
        made["certificates"] = names.ids("certificate", jsons.texts(service, "certificates"))
    return made
