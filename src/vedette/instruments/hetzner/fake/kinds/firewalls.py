"""Firewalls: rules, and where they apply, directly and by labels."""

import ipaddress
import re
from typing import Literal

import msgspec

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake.calls import Refused, Reply, Shape, failed, invalid
from vedette.instruments.hetzner.fake.following import members
from vedette.instruments.hetzner.fake.labels import matches
from vedette.instruments.hetzner.fake.state import Action, Application, Firewall, Resource, State
from vedette.instruments.hetzner.fake.table import Route, Table
from vedette.instruments.hetzner.fake.visit import Visit, found

_RULES, _PER_SERVER = 50, 5
_PEERS = 100  # networks of a rule at most
_DESCRIPTION = 255
_PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


class _Rule(msgspec.Struct, kw_only=True):
    direction: Literal["in", "out"]
    protocol: Literal["tcp", "udp", "icmp", "esp", "gre"]
    port: str | None = None
    source_ips: list[str] = []
    destination_ips: list[str] = []
    description: str | None = None


class _Server(msgspec.Struct, kw_only=True):
    id: int


class _Selector(msgspec.Struct, kw_only=True):
    selector: str


class _Place(msgspec.Struct, kw_only=True):
    type: Literal["server", "label_selector"]
    server: _Server | None = None
    label_selector: _Selector | None = None


class _New(msgspec.Struct, kw_only=True):
    name: str
    labels: dict[str, str] = {}
    rules: list[_Rule] = []
    apply_to: list[_Place] = []


class _Ruled(msgspec.Struct, kw_only=True):
    rules: list[_Rule]


class _Applied(msgspec.Struct, kw_only=True):
    apply_to: list[_Place]


class _Removed(msgspec.Struct, kw_only=True):
    remove_from: list[_Place]


def _show(visit: Visit, firewall: Firewall) -> Shape:
    return {
        "id": firewall.id,
        "name": firewall.name,
        "labels": firewall.labels,
        "created": iso(firewall.created),
        "rules": firewall.rules,
        "applied_to": [_application(visit, one) for one in firewall.applications if one.since <= visit.now],
    }


def _application(visit: Visit, one: Application) -> Shape:
    if one.selector is None:
        return {"type": "server", "server": {"id": one.server}}
    return {
        "type": "label_selector",
        "label_selector": {"selector": one.selector},
        "applied_to_resources": [
            {"type": "server", "server": {"id": number}} for number in members(one.followed, visit.now)
        ],
    }


TABLE = Table(singular="firewall", plural="firewalls", rows=lambda state: state.firewalls, show=_show)


def _ruled(rules: list[_Rule]) -> list[Shape]:
    if len(rules) > _RULES:
        raise invalid("rules", f"at most {_RULES} rules are possible")
    return [_rule(f"rules[{at}]", rule) for at, rule in enumerate(rules)]


def _rule(at: str, rule: _Rule) -> Shape:
    ported = rule.protocol in {"tcp", "udp"}
    if ported is not bool(rule.port):
        raise invalid(f"{at}.port", "is needed for tcp and udp, and for these alone")
    if len(rule.description or "") > _DESCRIPTION:
        raise invalid(f"{at}.description", f"must have at most {_DESCRIPTION} characters")
    side = "source_ips" if rule.direction == "in" else "destination_ips"
    sides = {"source_ips": rule.source_ips, "destination_ips": rule.destination_ips}
    if not sides[side] or len(sides[side]) > _PEERS:
        raise invalid(f"{at}.{side}", f"must have 1 to {_PEERS} networks")
    return {
        "direction": rule.direction,
        "protocol": rule.protocol,
        "port": _port(f"{at}.port", rule.port) if rule.port else None,
        "description": rule.description,
        **{name: [_peer(f"{at}.{name}", one) for one in peers] for name, peers in sides.items()},
    }


def _port(at: str, text: str) -> str:
    if text == "any":
        return "1-65535"
    found_ = _PORT.fullmatch(text)
    ends = [int(one) for one in found_.groups() if one] if found_ else []
    if not ends or ends != sorted(ends) or not 1 <= ends[0] <= ends[-1] <= 65535:
        raise invalid(at, f"'{text}' is neither a port nor a range of ports")
    return text


def _peer(at: str, text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False)) if "/" in text else _refuse(at, text)
    except ValueError:
        return _refuse(at, text)


def _refuse(at: str, text: str) -> str:
    raise invalid(at, f"'{text}' is not a network in CIDR notation")


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    TABLE.check(visit, asked.name, asked.labels)
    rules = _ruled(asked.rules)
    firewall = Firewall(
        id=visit.state.new_id(), name=asked.name, created=visit.now, labels=asked.labels, rules=rules
    )
    for place in asked.apply_to:
        _applicable(visit, firewall, place)
    TABLE.added(visit, firewall)
    actions = [_apply_one(visit, firewall, place) for place in asked.apply_to]
    body: Shape = {"firewall": _show(visit, firewall), "actions": [visit.shown(one) for one in actions]}
    return Reply(status=201, body=body)


def _applicable(visit: Visit, firewall: Firewall, place: _Place) -> None:
    """Raise `Refused` unless a firewall may be applied to a place where it is not."""
    server, selector = _of(place)
    if any((one.server or 0, one.selector) == (server, selector) for one in firewall.applications):
        raise failed("firewall_already_applied", "firewall is already applied to the resource")
    if selector is not None:
        matches(selector, {})
    elif server not in visit.state.servers:
        raise Refused(404, "firewall_resource_not_found", f"server {server} not found")
    else:
        _require_public(visit, server)


def _require_public(visit: Visit, number: int) -> None:
    server = found(visit.state.servers, "server", number)
    if server.ipv4 is None and server.ipv6 is None:
        raise failed("incompatible_network_type", "the server has no public interface")
    on = sum(any(one.server == number for one in fw.applications) for fw in visit.state.firewalls.values())
    if on >= _PER_SERVER:
        raise failed("resource_limit_exceeded", f"at most {_PER_SERVER} firewalls apply to a server")


def _of(place: _Place) -> tuple[int, str | None]:
    if place.type == "server" and place.server:
        return place.server.id, None
    if place.type == "label_selector" and place.label_selector and place.label_selector.selector.strip():
        return 0, place.label_selector.selector
    raise invalid(place.type, "is required")


def _apply_one(visit: Visit, firewall: Firewall, place: _Place) -> Action:
    server, selector = _of(place)
    resources = [Resource("firewall", firewall.id), *([Resource("server", server)] if server else [])]
    return visit.start("apply_firewall", *resources, server=server, selector=selector)


def _set(visit: Visit) -> Reply:
    firewall = TABLE.act(visit)
    rules = _ruled(visit.read(_Ruled).rules)
    resource = visit.free("firewall", firewall.id)
    first = visit.start("set_firewall_rules", resource, rules=rules)
    servers = _reached(visit, firewall)
    again = [visit.start("apply_firewall", resource, Resource("server", one), after=first) for one in servers]
    return visit.acts([first, *again])


def _reached(visit: Visit, firewall: Firewall) -> list[int]:
    direct = {one.server for one in firewall.applications if one.server}
    labelled = {number for one in firewall.applications for number in members(one.followed, visit.now)}
    return sorted(direct | labelled)


def _apply(visit: Visit) -> Reply:
    firewall, asked = TABLE.act(visit), visit.read(_Applied)
    for place in asked.apply_to:
        _applicable(visit, firewall, place)
    return visit.acts([_apply_one(visit, firewall, place) for place in asked.apply_to])


def _take(visit: Visit) -> Reply:
    firewall, asked = TABLE.act(visit), visit.read(_Removed)
    for place in asked.remove_from:
        _require_applied(visit, firewall, *_of(place))
    return visit.acts([_take_one(visit, firewall, place) for place in asked.remove_from])


def _require_applied(visit: Visit, firewall: Firewall, server: int, selector: str | None) -> None:
    if any((one.server or 0, one.selector) == (server, selector) for one in firewall.applications):
        return
    if selector is None and any(server in one.followed.joined for one in firewall.applications):
        raise failed(
            "firewall_managed_by_label_selector", "firewall is applied via a label selector; remove that"
        )
    if selector is None and server not in visit.state.servers:
        raise Refused(404, "firewall_resource_not_found", f"server {server} not found")
    raise failed("firewall_already_removed", "firewall is not applied to the resource")


def _take_one(visit: Visit, firewall: Firewall, place: _Place) -> Action:
    server, selector = _of(place)
    resources = [Resource("firewall", firewall.id), *([Resource("server", server)] if server else [])]
    return visit.start("remove_firewall", *resources, server=server, selector=selector)


def _remove(visit: Visit) -> Reply:
    firewall = TABLE.removable(visit)
    if firewall.applications:
        raise failed("resource_in_use", "firewall is still applied to a resource")
    del visit.state.firewalls[firewall.id]
    return Reply(status=204)


def _rules_set(state: State, action: Action) -> None:
    state.firewalls[action.owner.id].rules = msgspec.convert(action.args["rules"], list[dict[str, object]])


def _applied(state: State, action: Action) -> None:
    firewall, args = state.firewalls.get(action.owner.id), action.args
    if firewall is None or "selector" not in args:
        return  # rules that were set reach a server
    new = Application(since=action.ends)
    if args["selector"]:
        new.selector = str(args["selector"])
    else:
        new.server = int(str(args["server"]))
    if new.server is None or new.server in state.servers:
        firewall.applications.append(new)


def _taken(state: State, action: Action) -> None:
    firewall, args = state.firewalls[action.owner.id], action.args
    gone = (args["server"], args["selector"])
    firewall.applications = [one for one in firewall.applications if (one.server or 0, one.selector) != gone]


ROUTES: list[Route] = TABLE.routes(
    ("POST", "/firewalls", _create),
    ("POST", "actions/set_rules", _set),
    ("POST", "actions/apply_to_resources", _apply),
    ("POST", "actions/remove_from_resources", _take),
    removing=_remove,
)
EFFECTS = {
    "firewall.set_firewall_rules": _rules_set,
    "firewall.apply_firewall": _applied,
    "firewall.remove_firewall": _taken,
}
