"""Networks, with their subnets and routes."""

from vedette.instruments.hetzner.plain import Json, Plain, Raw, differs, moved
from vedette.instruments.hetzner.types import Asks, Names
from vedette.wire import jsons
from vedette.wire.infra import Thing


class _Network(Plain):
    kind, path, many, one = "network", "/networks", "networks", "network"

    def fields(self, raw: Raw, names: Names) -> Json:  # noqa: ARG002
        subnets = [
            {"range": jsons.text(each, "ip_range"), "type": jsons.text(each, "type"),
             "zone": jsons.text(each, "network_zone"), "vswitch": jsons.number(each, "vswitch_id")}
            for each in jsons.records(raw, "subnets")
        ]  # fmt: skip
        routes = [
            {"to": jsons.text(each, "destination"), "via": jsons.text(each, "gateway")}
            for each in jsons.records(raw, "routes")
        ]
        return {
            "range": jsons.text(raw, "ip_range"), "subnets": sorted(subnets, key=lambda one: str(one["range"])),
            "routes": sorted(routes, key=lambda one: one["to"]), "to_vswitch": jsons.flag(raw, "expose_routes_to_vswitch"),
        }  # fmt: skip

    def body(self, thing: Thing, names: Names) -> Json:  # noqa: ARG002
        fields = thing.fields
        return {
            "ip_range": jsons.text(fields, "range"),
            "subnets": [_subnet(each) for each in jsons.records(fields, "subnets")],
            "routes": [_route(each) for each in jsons.records(fields, "routes")],
            "expose_routes_to_vswitch": jsons.flag(fields, "to_vswitch"),
        }

    def change(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:  # noqa: ARG002
        """Routes go first and come last: a subnet in use of a route cannot go."""
        old_routes, new_routes = moved(before, after, "routes")
        old_subnets, new_subnets = moved(before, after, "subnets")
        for each in old_routes:
            self.act(cloud, before.id, "delete_route", _route(each))
        for each in old_subnets:
            self.act(cloud, before.id, "delete_subnet", {"ip_range": jsons.text(each, "range")})
        if differs(before, after, "range"):
            self.act(cloud, before.id, "change_ip_range", {"ip_range": jsons.text(after.fields, "range")})
        for each in new_subnets:
            self.act(cloud, before.id, "add_subnet", _subnet(each))
        for each in new_routes:
            self.act(cloud, before.id, "add_route", _route(each))
        if differs(before, after, "to_vswitch"):
            shall = jsons.flag(after.fields, "to_vswitch")
            cloud.did("PUT", f"{self.path}/{before.id}", {"expose_routes_to_vswitch": shall})


def _subnet(each: Raw) -> Json:
    made: Json = {
        "type": jsons.text(each, "type") or "cloud", "ip_range": jsons.text(each, "range"),
        "network_zone": jsons.text(each, "zone") or "eu-central",
    }  # fmt: skip
    if jsons.number(each, "vswitch"):
        made["vswitch_id"] = jsons.number(each, "vswitch")
    return made


def _route(each: Raw) -> Json:
    return {"destination": jsons.text(each, "to"), "gateway": jsons.text(each, "via")}


ADAPTER = _Network()
