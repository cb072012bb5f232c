"""Floating IPs: addresses that move between servers while these run. The servers have to take them up themselves."""

from vedette.instruments.hetzner import rdns
from vedette.instruments.hetzner.plain import Json, Raw, differs
from vedette.instruments.hetzner.pointing import Pointing
from vedette.instruments.hetzner.types import Asks, Names
from vedette.wire import jsons
from vedette.wire.infra import Thing


class _FloatingIp(Pointing):
    kind, path, many, one = "floating_ip", "/floating_ips", "floating_ips", "floating_ip"

    def fields(self, raw: Raw, names: Names) -> Json:
        return {
            "type": jsons.text(raw, "type"), "location": jsons.text(raw, "home_location", "name"),
            "server": names.name("server", jsons.number(raw, "server")), "rdns": rdns.pointers(raw), "address": jsons.text(raw, "ip"),
        }  # fmt: skip

    def body(self, thing: Thing, names: Names) -> Json:  # noqa: ARG002
        """Where it is made is not where its server stands: that may be anywhere, and comes afterwards."""
        return {
            "type": jsons.text(thing.fields, "type"),
            "home_location": jsons.text(thing.fields, "location"),
        }

    def made(self, cloud: Asks, number: int, thing: Thing, names: Names) -> None:
        self._lead(cloud, number, thing, names)
        self.point(cloud, number, None, thing)

    def change(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        if differs(before, after, "server"):
            self._free(cloud, before.id)
            self._lead(cloud, before.id, after, names)
        self.point(cloud, before.id, before, after)

    def delete(self, cloud: Asks, thing: Thing, names: Names) -> None:
        """One that leads to a server is taken from it first."""
        self._free(cloud, thing.id)
        super().delete(cloud, thing, names)

    def addresses(self, raw: Raw) -> tuple[str, str]:
        """It has one, of either family."""
        return jsons.text(raw, "ip"), jsons.text(raw, "ip")

    def _lead(self, cloud: Asks, number: int, thing: Thing, names: Names) -> None:
        server = jsons.text(thing.fields, "server")
        if server:
            self.act(cloud, number, "assign", {"server": names.id("server", server)})

    def _free(self, cloud: Asks, number: int) -> None:
        if jsons.number(self.fetch(cloud, number), "server"):
            self.act(cloud, number, "unassign")


ADAPTER = _FloatingIp()
