"""Volumes: disks that outlive their server."""

from vedette.instruments.hetzner.plain import Json, Plain, Raw, differs
from vedette.instruments.hetzner.types import Asks, Names
from vedette.wire import jsons
from vedette.wire.infra import Thing


class _Volume(Plain):
    kind, path, many, one = "volume", "/volumes", "volumes", "volume"

    def fields(self, raw: Raw, names: Names) -> Json:
        """How it was mounted and encrypted is not told."""
        return {
            "size": jsons.number(raw, "size"), "location": jsons.text(raw, "location", "name"),
            "server": names.name("server", jsons.number(raw, "server")), "format": jsons.text(raw, "format"),
            "device": jsons.text(raw, "linux_device"),
        }  # fmt: skip

    def body(self, thing: Thing, names: Names) -> Json:
        """One that is to be encrypted stays without a file system: LUKS comes below it."""
        fields = thing.fields
        server = jsons.text(fields, "server")
        made: Json = {"size": jsons.number(fields, "size")}
        if jsons.text(fields, "format") and not jsons.flag(fields, "encrypt"):
            made["format"] = jsons.text(fields, "format")
        if not server:
            return {**made, "location": jsons.text(fields, "location")}
        mount = {"automount": True} if jsons.flag(fields, "automount") and "format" in made else {}
        return {**made, "server": names.id("server", server), **mount}

    def change(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        if differs(before, after, "size"):
            self.act(cloud, before.id, "resize", {"size": jsons.number(after.fields, "size")})
        if not differs(before, after, "server"):
            return
        if jsons.text(before.fields, "server"):
            self.act(cloud, before.id, "detach")
        server = jsons.text(after.fields, "server")
        if server:
            self.act(cloud, before.id, "attach", {"server": names.id("server", server)})

    def delete(self, cloud: Asks, thing: Thing, names: Names) -> None:
        """One that is attached leaves its server first, if that is still there."""
        if jsons.number(self.fetch(cloud, thing.id), "server"):
            self.act(cloud, thing.id, "detach")
        super().delete(cloud, thing, names)


ADAPTER = _Volume()
