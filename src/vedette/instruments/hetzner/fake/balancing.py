"""What load balancers accept: services with their health checks, and targets."""

import ipaddress
from typing import Literal

import msgspec

from vedette.instruments.hetzner.fake.addressing import joined
from vedette.instruments.hetzner.fake.calls import Refused, Shape, failed, invalid
from vedette.instruments.hetzner.fake.catalogue import catalogue
from vedette.instruments.hetzner.fake.labels import matches
from vedette.instruments.hetzner.fake.state import LoadBalancer, State, Target
from vedette.instruments.hetzner.fake.visit import found

_Protocol = Literal["tcp", "http", "https"]
_USUAL_PORT = {"http": 80, "https": 443}


class HealthPath(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked of a target over HTTP."""

    domain: str | None = None
    path: str | None = None
    response: str | None = None
    status_codes: list[str] | None = None
    tls: bool | None = None


class Health(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How the health of targets is told: every `interval` seconds, given up after `timeout`."""

    protocol: Literal["tcp", "http"] | None = None
    port: int | None = None
    interval: int | None = None
    timeout: int | None = None
    retries: int | None = None
    http: HealthPath | None = None


class Web(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What only HTTP has."""

    certificates: list[int] | None = None
    cookie_name: str | None = None
    cookie_lifetime: int | None = None
    redirect_http: bool | None = None
    sticky_sessions: bool | None = None
    timeout_idle: int | None = None


class Service(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A port that is listened on; what is not said is left as it is, or as it usually is."""

    protocol: _Protocol | None = None
    listen_port: int | None = None
    destination_port: int | None = None
    proxyprotocol: bool | None = None
    health_check: Health | None = None
    http: Web | None = None


class _Server(msgspec.Struct, kw_only=True):
    id: int


class _Selector(msgspec.Struct, kw_only=True):
    selector: str


class _Address(msgspec.Struct, kw_only=True):
    ip: str


class Place(msgspec.Struct, kw_only=True):
    """A target as it is asked for."""

    type: Literal["server", "label_selector", "ip"]
    server: _Server | None = None
    label_selector: _Selector | None = None
    ip: _Address | None = None
    use_private_ip: bool = False

    def key(self) -> tuple[int | None, str | None, str | None]:
        """Return what it is: a server, a selector or an address. Raises `Refused`."""
        if self.type == "server" and self.server:
            return self.server.id, None, None
        if self.type == "label_selector" and self.label_selector:
            return None, self.label_selector.selector, None
        if self.type == "ip" and self.ip:
            return None, None, self.ip.ip
        raise invalid(self.type, "is required")


def check_service(state: State, one: LoadBalancer, asked: Service) -> Shape:
    """Return a new service in full. Raises `Refused`."""
    if asked.protocol is None:
        raise invalid("protocol", "is required")
    if len(one.services) >= catalogue().load_balancer_types[one.type].services:
        raise Refused(403, "resource_limit_exceeded", "the load balancer has all the services of its type")
    usual = _USUAL_PORT.get(asked.protocol)
    listens = usual if asked.listen_port is None else asked.listen_port
    leads = (80 if usual else None) if asked.destination_port is None else asked.destination_port
    for name, port in (("listen_port", listens), ("destination_port", leads)):
        if port is None or not 1 <= port <= 65535:
            raise invalid(name, "must be a port")
    checked = {
        "protocol": "http" if usual else "tcp",
        "port": leads,
        "interval": 15,
        "timeout": 10,
        "retries": 3,
    }
    base: Shape = {
        "protocol": asked.protocol,
        "listen_port": listens,
        "destination_port": leads,
        "proxyprotocol": False,
        "health_check": checked,
    }
    return completed(state, one, merged(base, msgspec.to_builtins(asked)))


def merged(base: Shape, asked: Shape) -> Shape:
    """Return a service with what is asked for laid over it, one level after another."""
    result = dict(base)
    for name, value in asked.items():
        had = result.get(name)
        result[name] = merged(had, value) if isinstance(had, dict) and isinstance(value, dict) else value
    return result


def completed(state: State, one: LoadBalancer, service: Shape) -> Shape:
    """Return a service with what its protocols need; raises `Refused` where it cannot be."""
    _require_port(one, service)
    _require_health(service)
    health, http = service["health_check"], service.get("http")
    if isinstance(health, dict) and health["protocol"] == "http":
        given = health.get("http") or {}
        health["http"] = {
            "domain": "",
            "path": "/",
            "response": "",
            "status_codes": ["2??", "3??"],
            "tls": False,
            **given,
        }
    if service["protocol"] == "tcp":
        service.pop("http", None)
        return service
    asked = http if isinstance(http, dict) else {}
    web = {
        "certificates": [],
        "cookie_name": "HCLBSTICKY",
        "cookie_lifetime": 300,
        "redirect_http": False,
        "sticky_sessions": False,
        "timeout_idle": 60,
        **asked,
    }
    _require_certificates(state, service, web)
    return {**service, "http": web}


def _require_port(one: LoadBalancer, service: Shape) -> None:
    used = [other["listen_port"] for other in one.services if other is not service]
    http = service.get("http")
    redirects = isinstance(http, dict) and http.get("redirect_http")
    if service["listen_port"] in used or (redirects and 80 in used):
        raise failed("source_port_already_used", f"port {service['listen_port']} is already in use")


def _require_health(service: Shape) -> None:
    health = service["health_check"]
    if not isinstance(health, dict):
        return
    for name, least, most in (("interval", 3, 60), ("timeout", 1, 60), ("retries", 0, 5), ("port", 1, 65535)):
        if not least <= int(health[name]) <= most:
            raise invalid(f"health_check.{name}", f"must be from {least} to {most}")
    if int(health["timeout"]) > int(health["interval"]):
        raise invalid("health_check.timeout", "must not be longer than the interval")


def _require_certificates(state: State, service: Shape, web: Shape) -> None:
    numbers = web["certificates"]
    secure = service["protocol"] == "https"
    if secure and not numbers:
        raise invalid("http.certificates", "is required for https")
    if web["redirect_http"] and not secure:
        raise invalid("http.redirect_http", "is for https alone")
    for number in numbers if isinstance(numbers, list) else []:
        found(state.certificates, "certificate", number)


def check_target(state: State, one: LoadBalancer, place: Place) -> None:
    """Raise `Refused` unless a load balancer may send requests to a place."""
    server, selector, ip = place.key()
    if any((other.server, other.selector, other.ip) == place.key() for other in one.targets):
        raise failed("target_already_defined", "the load balancer has this target")
    if len(one.targets) >= catalogue().load_balancer_types[one.type].targets:
        raise Refused(403, "resource_limit_exceeded", "the load balancer has all the targets of its type")
    if place.use_private_ip and not one.private:
        raise failed("load_balancer_not_attached_to_network", "load balancer is not attached to a network")
    if not place.use_private_ip and not one.public and ip is None:
        raise failed("load_balancer_public_interface_disabled", "the public interface is disabled")
    if server is not None:
        _require_reachable(state, one, server, private=place.use_private_ip)
    if selector is not None:
        matches(selector, {})
    if ip is not None:
        _require_foreign(state, ip)


def _require_reachable(state: State, one: LoadBalancer, number: int, *, private: bool) -> None:
    server = found(state.servers, "server", number)
    if private and not any(joined(server.private, net.network) for net in one.private):
        raise failed(
            "server_not_attached_to_network", "server is not attached to the network of the load balancer"
        )
    if not private and server.ipv4 is None:
        raise failed("missing_ipv4", "server has no public IPv4 address")


def _require_foreign(state: State, ip: str) -> None:
    try:
        ipaddress.IPv4Address(ip)
    except ValueError as error:
        raise invalid("ip", f"'{ip}' is not an IPv4 address") from error
    if any(address.ip == ip for address in state.primary_ips.values()):
        raise failed("cloud_resource_ip_not_allowed", "the IP belongs to a cloud resource")


def target_of(place: Place, since: float) -> Target:
    """Return what is kept of a target."""
    server, selector, ip = place.key()
    return Target(server=server, selector=selector, ip=ip, private=place.use_private_ip, since=since)
