"""Load balancers: their services and targets. Pure."""

import ipaddress
from collections.abc import Iterator

from vedette.deploy import selectors
from vedette.deploy.desired.collecting import Entry
from vedette.deploy.desired.making.around import Around, Made, labelled, many, rdns, somewhere, unknown
from vedette.deploy.desired.written import HealthText, LoadBalancerText, ServiceText
from vedette.deploy.suggesting import no_such
from vedette.wire.ascode.reading import Fault
from vedette.wire.infra import Thing

_HTTP_PORT = 80


def load_balancers(around: Around) -> Made:
    """Yield load balancers."""
    for entry in around.said.load_balancers.values():
        text, names = entry.text, rdns(entry, entry.text.rdns, "ipv4", "ipv6")
        faults = [*_faults(entry, around), *([names] if isinstance(names, Fault) else [])]
        private = bool(text.network) if text.private_targets is None else text.private_targets
        yield from faults or (
            Thing(
                kind="load_balancer", name=entry.name, labels=text.labels, place=entry.place, protected=text.protect,
                fields={
                    "type": text.type, "location": around.location(text.location), "algorithm": text.algorithm,
                    "network": text.network, "ip": text.ip, "public": text.public,
                    "services": [service(each) for each in sorted(text.services, key=lambda one: one.listen)],
                    "targets": sorted(_targets(text, around, private=private), key=str), "rdns": names, "protect": text.protect,
                },
            ),
        )  # fmt: skip


def protocol_of(text: ServiceText) -> str:
    """Return the protocol of a service that does not say it: HTTPS with a certificate, HTTP on port 80 or with a path, else TCP."""
    if text.protocol:
        return text.protocol
    if text.certificate:
        return "https"
    return "http" if text.listen == _HTTP_PORT or text.health.path else "tcp"


def service(text: ServiceText) -> dict[str, object]:
    """Return a service with everything that its text leaves open."""
    protocol = protocol_of(text)
    return {
        "protocol": protocol, "listen": text.listen, "to": text.to, "proxyprotocol": text.proxyprotocol,
        "certificates": sorted(many(text.certificate)), "redirect": text.redirect, "sticky": text.sticky,
        "cookie": (text.cookie or "HCLBSTICKY") if text.sticky else "",
        "cookie_lifetime": (text.cookie_lifetime or 300) if text.sticky else 0,
        "health": _health(text.health, protocol, text.to),
    }  # fmt: skip


def _health(text: HealthText, protocol: str, to: int) -> dict[str, object]:
    asks = text.protocol or ("tcp" if protocol == "tcp" and not text.path else "http")
    is_http = asks == "http"
    return {
        "protocol": asks, "port": text.port or to, "interval": text.interval, "timeout": text.timeout, "retries": text.retries,
        "path": (text.path or "/") if is_http else "", "domain": text.domain if is_http else "",
        "response": text.response if is_http else "", "status": sorted(text.status) if is_http else [], "tls": text.tls and is_http,
    }  # fmt: skip


def _targets(text: LoadBalancerText, around: Around, *, private: bool) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for each in dict.fromkeys(many(text.targets)):
        if _is_address(each):
            found.append({"type": "ip", "of": each, "private": False})
        elif each in around.servers or each in around.every_server():
            found += [
                {"type": "server", "of": name, "private": private}
                for name in around.servers.get(each, (each,))
            ]
        else:
            found.append({"type": "label_selector", "of": each, "private": private})
    return found


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _faults(entry: Entry[LoadBalancerText], around: Around) -> Iterator[Fault]:
    text = entry.text
    yield from labelled(entry, text.labels)
    yield from somewhere(entry, around.location(text.location), around)
    yield from unknown(entry, "type", text.type, around.catalogue.load_balancers, "Hetzner")
    if text.network:
        yield from unknown(entry, "network", text.network, around.said.networks, "[networks]")
    elif text.private_targets or text.ip or not text.public:
        yield entry.fault('Private addresses need a network: network = "main".')
    for number, one in enumerate(text.services):
        yield from _service_faults(entry, one, number, around)
    yield from _target_faults(entry, around)


def _service_faults(
    entry: Entry[LoadBalancerText], one: ServiceText, number: int, around: Around
) -> Iterator[Fault]:
    protocol, taken = protocol_of(one), {each.listen for each in entry.text.services[:number]}
    taken |= {_HTTP_PORT for each in entry.text.services[:number] if each.redirect}
    if one.listen in taken:
        yield entry.fault(f"Two services listen on port {one.listen}.", "services", number)
    for each in many(one.certificate):
        if each not in around.said.certificates:
            yield entry.fault(
                no_such(each, around.said.certificates, "[certificates]"), "services", number, "certificate"
            )
    if protocol == "https" and not one.certificate:
        yield entry.fault("HTTPS needs a certificate.", "services", number)
    if protocol != "https" and (one.certificate or one.redirect):
        yield entry.fault("Certificates and redirects belong to HTTPS.", "services", number)
    if one.health.timeout > one.health.interval:
        yield entry.fault(
            "The `timeout` of a health check is no longer than its `interval`.", "services", number
        )


def _target_faults(entry: Entry[LoadBalancerText], around: Around) -> Iterator[Fault]:
    named = {*around.servers, *around.every_server(), *around.said.unsound}
    for each in many(entry.text.targets):
        if _is_address(each) or each in named:
            continue
        if selectors.wrong(each) or (not set(each) & set("=!( ") and not around.is_taken(each)):
            yield entry.fault(no_such(each, named, "[servers]"), "targets")
        elif not around.is_taken(each):
            yield entry.fault(f"No server has the labels {each}.", "targets")
        else:
            yield from _apart(entry, around.fitting(each), around)


def _apart(entry: Entry[LoadBalancerText], taken: tuple[str, ...], around: Around) -> Iterator[Fault]:
    """Yield targets that a load balancer could not reach by its network."""
    text = entry.text
    if not text.network or text.private_targets is False:
        return
    for table, names in around.servers.items():
        if set(names) & set(taken) and text.network not in many(around.said.servers[table].text.network):
            yield entry.fault(f"[servers.{table}] is not in the network {text.network}.", "targets")
