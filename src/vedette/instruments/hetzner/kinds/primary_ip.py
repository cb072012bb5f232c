"""Primary IPs: addresses that outlive their server. One that goes with its server is a part of it, unless a file of ours made it."""

from vedette.instruments.hetzner import rdns
from vedette.instruments.hetzner.plain import Json, Raw, differs
from vedette.instruments.hetzner.pointing import Pointing
from vedette.instruments.hetzner.powering import off_for
from vedette.instruments.hetzner.types import Asks, Names
from vedette.wire import jsons
from vedette.wire.infra import OURS, Thing


class _PrimaryIp(Pointing):
    kind, path, many, one = "primary_ip", "/primary_ips", "primary_ips", "primary_ip"

    def thing(self, raw: Raw, names: Names) -> Thing | None:
        a_part = (
            jsons.flag(raw, "auto_delete")
            and jsons.number(raw, "assignee_id")
            and OURS not in jsons.record(raw, "labels")
        )
        return None if a_part else super().thing(raw, names)

    def fields(self, raw: Raw, names: Names) -> Json:
        return {
            "type": jsons.text(raw, "type"),
            "location": jsons.text(raw, "location", "name") or jsons.text(raw, "datacenter", "location", "name"),
            "server": names.name("server", jsons.number(raw, "assignee_id")),
            "auto_delete": jsons.flag(raw, "auto_delete"), "rdns": rdns.pointers(raw), "address": jsons.text(raw, "ip"),
        }  # fmt: skip

    def body(self, thing: Thing, names: Names) -> Json:  # noqa: ARG002
        """A server that is there gets it afterwards; one that is not takes it when it is made."""
        return {
            "type": jsons.text(thing.fields, "type") or "ipv4", "assignee_type": "server",
            "auto_delete": jsons.flag(thing.fields, "auto_delete"),
            "location": jsons.text(thing.fields, "location"),
        }  # fmt: skip

    def made(self, cloud: Asks, number: int, thing: Thing, names: Names) -> None:
        server = jsons.text(thing.fields, "server")
        if server and names.has("server", server):
            _assign(cloud, number, names.id("server", server))
        self.point(cloud, number, None, thing)

    def change(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        if differs(before, after, "auto_delete"):
            cloud.did(
                "PUT", f"{self.path}/{before.id}", {"auto_delete": jsons.flag(after.fields, "auto_delete")}
            )
        if differs(before, after, "server"):
            self._move(cloud, before, after, names)
        self.point(cloud, before.id, before, after)

    def delete(self, cloud: Asks, thing: Thing, names: Names) -> None:
        """One that a server holds leaves it first."""
        holder = jsons.number(self.fetch(cloud, thing.id), "assignee_id")
        if holder:
            with off_for(cloud, holder):
                self.act(cloud, thing.id, "unassign")
        super().delete(cloud, thing, names)

    def _move(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        old, new = jsons.text(before.fields, "server"), jsons.text(after.fields, "server")
        if old and names.has("server", old):
            with off_for(cloud, names.id("server", old)):
                self.act(cloud, before.id, "unassign")
        if new and names.has("server", new):
            _assign(cloud, before.id, names.id("server", new))

    def addresses(self, raw: Raw) -> tuple[str, str]:
        """It has one, of either family."""
        return jsons.text(raw, "ip"), jsons.text(raw, "ip")


def _assign(cloud: Asks, number: int, server: int) -> None:
    """Hetzner moves a primary IP only while its server is off."""
    with off_for(cloud, server):
        cloud.did(
            "POST",
            f"/primary_ips/{number}/actions/assign",
            {"assignee_id": server, "assignee_type": "server"},
        )


ADAPTER = _PrimaryIp()
