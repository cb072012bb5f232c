"""One endpoint of Gatus as a monitor."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from vedette.core.errors import Invalid
from vedette.instruments.probe.assertions.reading import read as read_assertion
from vedette.instruments.probe.types import MAX_DEADLINE, Family
from vedette.monitors.ascode.written import MaintenanceText, MonitorText, ToleranceText
from vedette.monitors.importing.fields import NOTHING, RULES, Fields
from vedette.monitors.importing.formats.gatus import maintenance
from vedette.monitors.importing.phrasing import tag
from vedette.monitors.importing.port import Carried

_DAY = 86_400.0
_FAILURES, _SUCCESSES = 3, 2  # Gatus' own, where an alert does not say
_STARTTLS = {25: "smtp", 587: "smtp", 143: "imap", 110: "pop3", 21: "ftp", 5432: "postgres"}
_PLACEHOLDER = re.compile(r"\[(ENDPOINT_\w+|LOCAL_ADDRESS|RANDOM_STRING_\d+)\]")
_NETWORKS = {"ip4": Family.IPV4, "ip6": Family.IPV6}
_ANY_STATUS = "100-599"  # Gatus minds a status only where a condition speaks of it


def checked(said: Fields, windows: Sequence[MaintenanceText]) -> Carried | None:
    """Return what is checked; None where it cannot be, which is reported."""
    url, options, expect = _target(said)
    if not url:
        return None
    if url.startswith(("http:", "https:")):
        options |= _http(said)
        if not any("[STATUS]" in each for each in expect):
            options["status"] = _ANY_STATUS
    elif url.startswith(("ws:", "wss:", "grpc:", "grpcs:")):
        options |= {"headers": found} if (found := said.words("headers")) else {}
        options |= {"send": sent} if url.startswith("ws") and (sent := said.text("body")) else {}
    client = _client(said.table("client"), options, url)
    text = MonitorText(
        url=url, expect=tuple(expect), options=options,
        interval=said.within("interval", said.span("interval", 60.0), 5, _DAY),
        **client, **_common(said, windows),
    )  # fmt: skip
    said.done()
    return Carried(said.place(), text)


def pushed(said: Fields, windows: Sequence[MaintenanceText]) -> Carried | None:
    """Return a heartbeat for what is pushed; None where nothing says how often it comes, which is reported."""
    every = said.table("heartbeat").span("interval", 0.0)
    if not every:
        said.drop("Not carried: nothing says how often it is pushed; add a heartbeat with its period.")
        return None
    said.lose("Its address is a new one (`vedette monitors show`); change what pushes.", "token")
    text = MonitorText(every=every, grace=max(60.0, every / 4), **_common(said, windows))
    said.done()
    return Carried(said.place(), text)


def _common(said: Fields, windows: Sequence[MaintenanceText]) -> dict[str, Any]:
    group, name = said.text("group"), said.text("name", "Unnamed")
    own = [made for each in said.rows("maintenance-windows") if (made := maintenance.window(each))]
    labels = [tag(f"{key}:{value}") for key, value in said.words("extra-labels").items()]
    found = {
        "name": name, "slug": f"{group} {name}" if group else "", "maintenance": (*windows, *own),
        "tags": tuple(dict.fromkeys(each for each in (tag(group), *labels) if each)),
        "tolerance": _tolerance(said), "paused": None if said.truth("enabled", default=True) else True,
    }  # fmt: skip
    said.lose("Status pages are made in Vedette.", "ui")
    return found


def _tolerance(said: Fields) -> ToleranceText | None:
    alerts = [alert for alert in said.rows("alerts") if alert.truth("enabled", default=True)]
    counts = [
        (alert.number("failure-threshold", _FAILURES), alert.number("success-threshold", _SUCCESSES))
        for alert in alerts
    ]
    for alert in alerts:
        alert.drop(RULES)
    if not counts:
        return None
    failures, successes = min(counts)
    return ToleranceText(failures=min(100, max(1, int(failures))), successes=min(100, max(1, int(successes))))


def _target(said: Fields) -> tuple[str, dict[str, Any], list[str]]:
    """Return URL, options and assertions; no URL where there is no check for it."""
    url = said.text("url")
    expect = list(_conditions(said))
    asked = said.table("dns")
    name, kind = asked.text("query-name"), asked.text("query-type", "A")
    if name:
        server = url.removeprefix("dns://").partition("/")[0]
        asked.done()
        return f"dns://{server}/{name.rstrip('.')}?type={kind}", {}, expect
    scheme = url.partition(":")[0].lower()
    if scheme == "starttls":
        return _starttls(said, url), {}, expect
    if scheme == "tls" or scheme in {"http", "https", "tcp", "icmp"}:
        return url, {}, expect
    return _other(said, scheme, url), {}, expect


def _other(said: Fields, scheme: str, url: str) -> str:
    """Return the URL where Vedette has a check of that scheme that needs no more than it."""
    from vedette.instruments.probe.registry import schemes

    if scheme == "ssh":
        said.lose("Vedette does not sign in by SSH: it looks at what the server says.", "ssh")
    if scheme in schemes():
        return url
    hint = " Write an http check with `[DOMAIN_EXPIRATION] > 720h`." if scheme == "domain" else ""
    said.drop(f"Not carried: Vedette has no check for {scheme[:20]}:.{hint}")
    return ""


def _starttls(said: Fields, url: str) -> str:
    place = url.partition("://")[2].partition("/")[0]
    port = place.rpartition(":")[2]
    protocol = _STARTTLS.get(int(port)) if port.isdecimal() and len(port) < 6 else None
    if protocol is None:
        said.drop("Not carried: its port does not tell which protocol is spoken before STARTTLS.")
        return ""
    return f"{protocol}+starttls://{place}"


def _conditions(said: Fields) -> Iterable[str]:
    for n, text in enumerate(said.texts("conditions")):
        try:
            read_assertion(text)
        except Invalid as error:
            said.leave(f"Not carried: {error}", "conditions", n)
        else:
            yield text


def _http(said: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if method := said.text("method"):
        found["method"] = method.upper()
    if headers := said.words("headers"):
        found["headers"] = headers
    body = said.text("body")
    if body:
        if _PLACEHOLDER.search(body):
            said.leave("Placeholders in the body stay as they are written.", "body")
        found["body"] = json.dumps({"query": body}) if said.truth("graphql") else body
    return found


def _client(client: Fields, options: dict[str, Any], url: str) -> dict[str, Any]:
    """Return what the client says of the request, and put into options what belongs there."""
    web, secured = url.startswith(("http:", "https:")), not url.startswith(("tcp:", "icmp:", "dns:", "ssh:"))
    if secured and client.truth("insecure"):
        options["verify"] = False
    if web and client.truth("ignore-redirect"):
        options["follow"] = False
    if web and (proxy := client.text("proxy-url")):
        options["proxy"] = proxy
    found: dict[str, Any] = {
        "timeout": client.within("timeout", client.span("timeout", 10.0), 0.05, MAX_DEADLINE)
    }
    network = client.text("network", "ip")
    if network != "ip":
        found["family"] = _NETWORKS.get(network, Family.ANY).value
    if resolver := client.text("dns-resolver"):
        scheme, _, place = resolver.rpartition("://")
        if scheme == "tcp":
            client.leave("The resolver is asked by UDP first.", "dns-resolver")
        found["name_server"] = place
    client.lose(
        "Not carried: no token is fetched for a check; use `token` with one that lasts.",
        "oauth2",
        "identity-aware-proxy",
    )
    client.lose(
        "Not carried: put certificate and key (PEM) into `client_certificate` and `client_key`.", "tls"
    )
    client.lose("SSH tunnels are not used: run a check where it can reach its target.", "tunnel")
    client.done(NOTHING)
    return found
