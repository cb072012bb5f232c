"""Load balancers: services, targets, network. Hetzner changes one thing of them at a time, so all steps stand in a row."""

from vedette.instruments.hetzner import balancing, rdns
from vedette.instruments.hetzner.plain import Json, Raw, differs, moved
from vedette.instruments.hetzner.pointing import Pointing
from vedette.instruments.hetzner.services import read_service, write_service
from vedette.instruments.hetzner.types import Asks, Names
from vedette.wire import jsons
from vedette.wire.infra import Thing


class _LoadBalancer(Pointing):
    kind, path, many, one = "load_balancer", "/load_balancers", "load_balancers", "load_balancer"

    def fields(self, raw: Raw, names: Names) -> Json:
        private = next(iter(jsons.records(raw, "private_net")), {})
        public = jsons.record(raw, "public_net")
        services = [read_service(each, names) for each in jsons.records(raw, "services")]
        return {
            "type": jsons.text(raw, "load_balancer_type", "name"), "location": jsons.text(raw, "location", "name"),
            "algorithm": jsons.text(raw, "algorithm", "type"),
            "network": names.name("network", jsons.number(private, "network")), "ip": jsons.text(private, "ip"),
            "public": jsons.flag(public, "enabled"), "services": sorted(services, key=lambda one: jsons.number(one, "listen")),
            "targets": [_target(each, names) for each in jsons.records(raw, "targets")],
            "rdns": rdns.read(jsons.record(public, "ipv4"), jsons.record(public, "ipv6")),
            "ipv4": jsons.text(public, "ipv4", "ip"), "ipv6": jsons.text(public, "ipv6", "ip"), "health": _health(raw, names),
        }  # fmt: skip

    def body(self, thing: Thing, names: Names) -> Json:
        """Network, services and targets follow one by one: together they come into each other's way."""
        fields = thing.fields
        return {
            "load_balancer_type": jsons.text(fields, "type"), "location": jsons.text(fields, "location"),
            "algorithm": {"type": jsons.text(fields, "algorithm") or "round_robin"},
            "public_interface": fields.get("public", True) is not False,
            "network": names.id("network", jsons.text(fields, "network")) if jsons.text(fields, "network") and not jsons.text(fields, "ip") else None,
        }  # fmt: skip

    def made(self, cloud: Asks, number: int, thing: Thing, names: Names) -> None:
        fields = thing.fields
        if jsons.text(fields, "network") and jsons.text(fields, "ip"):
            self._join(cloud, number, thing, names)
        for each in jsons.records(fields, "services"):
            self.act(cloud, number, "add_service", write_service(each, names))
        for each in jsons.records(fields, "targets"):
            self.act(cloud, number, "add_target", _written(each, names, adding=True))
        self.point(cloud, number, None, thing)

    def change(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        """Targets go before the network they are reached by, and come after it."""
        old_targets, new_targets = moved(before, after, "targets")
        for each in old_targets:
            if _there(each, names):
                self.act(cloud, before.id, "remove_target", _written(each, names))
        self._connect(cloud, before, after, names)
        if differs(before, after, "type"):
            self.act(
                cloud, before.id, "change_type", {"load_balancer_type": jsons.text(after.fields, "type")}
            )
        if differs(before, after, "algorithm"):
            self.act(cloud, before.id, "change_algorithm", {"type": jsons.text(after.fields, "algorithm")})
        self._serve(cloud, before, after, names)
        for each in new_targets:
            self.act(cloud, before.id, "add_target", _written(each, names, adding=True))
        self.point(cloud, before.id, before, after)

    def _connect(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        if differs(before, after, "network") or differs(before, after, "ip"):
            old = jsons.text(before.fields, "network")
            if old:
                self.act(cloud, before.id, "detach_from_network", {"network": names.id("network", old)})
            if jsons.text(after.fields, "network"):
                self._join(cloud, before.id, after, names)
        if differs(before, after, "public"):
            verb = "enable" if jsons.flag(after.fields, "public") else "disable"
            self.act(cloud, before.id, f"{verb}_public_interface")

    def _serve(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        old, new = moved(before, after, "services")
        was = {jsons.number(each, "listen") for each in old}
        shall = {jsons.number(each, "listen") for each in new}
        for port in sorted(was - shall):
            self.act(cloud, before.id, "delete_service", {"listen_port": port})
        for each in new:
            verb = "update_service" if jsons.number(each, "listen") in was else "add_service"
            self.act(cloud, before.id, verb, write_service(each, names))

    def _join(self, cloud: Asks, number: int, thing: Thing, names: Names) -> None:
        body: Json = {"network": names.id("network", jsons.text(thing.fields, "network"))}
        if jsons.text(thing.fields, "ip"):
            body["ip"] = jsons.text(thing.fields, "ip")
        self.act(cloud, number, "attach_to_network", body)


def _health(raw: Raw, names: Names) -> dict[str, str]:
    """Return how it finds who is behind it, by the server's name or the address: the worst of its services."""
    targets = jsons.records(raw, "targets")
    return {
        names.name("server", jsons.number(each, "server", "id")) or jsons.text(each, "ip", "ip"): balancing.found(each)
        for each in (*targets, *(inner for target in targets for inner in jsons.records(target, "targets")))
        if jsons.text(each, "type") != "label_selector"
    }  # fmt: skip


def _target(raw: Raw, names: Names) -> Json:
    kind = jsons.text(raw, "type")
    of = {
        "label_selector": jsons.text(raw, "label_selector", "selector"), "ip": jsons.text(raw, "ip", "ip"),
        "server": names.name("server", jsons.number(raw, "server", "id")),
    }.get(kind, "")  # fmt: skip
    return {"type": kind, "of": of, "private": jsons.flag(raw, "use_private_ip")}


def _written(target: Raw, names: Names, *, adding: bool = False) -> Json:
    kind, of = jsons.text(target, "type"), jsons.text(target, "of")
    keys = {"label_selector": "selector", "ip": "ip"}
    inner: Json = {keys[kind]: of} if kind in keys else {"id": names.id("server", of)}
    made: Json = {"type": kind, kind: inner}
    if adding and kind != "ip":
        made["use_private_ip"] = jsons.flag(target, "private")
    return made


def _there(target: Raw, names: Names) -> bool:
    return jsons.text(target, "type") != "server" or names.has("server", jsons.text(target, "of"))


ADAPTER = _LoadBalancer()
