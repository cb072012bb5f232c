"""Servers. One is made switched off, gets all it needs, is seen behind its firewalls, and only then boots: there is no open moment."""

from collections.abc import Mapping

import msgspec

from vedette.instruments.hetzner import addresses, rdns
from vedette.instruments.hetzner.awaiting import came
from vedette.instruments.hetzner.plain import Json, Raw, differs, marked
from vedette.instruments.hetzner.pointing import Pointing
from vedette.instruments.hetzner.powering import off_for, switch_on
from vedette.instruments.hetzner.types import Asks, CloudError, Keep, Names
from vedette.wire import jsons
from vedette.wire.infra import MADE_FROM, Thing, fingerprint

_LOOKS = 60  # at a firewall that is on its way
_VERSIONS = ("ipv4", "ipv6")


class _Server(Pointing):
    kind, path, many, one = "server", "/servers", "servers", "server"

    def thing(self, raw: Raw, names: Names) -> Thing | None:
        """Return it; the fingerprint of its cloud-init is a field (`made_from`), no label."""
        labels = jsons.record(raw, "labels")
        made = super().thing(
            {**raw, "labels": {key: value for key, value in labels.items() if key != MADE_FROM}}, names
        )
        if made is None or MADE_FROM not in labels:
            return made
        return msgspec.structs.replace(made, fields={**made.fields, "made_from": str(labels[MADE_FROM])})

    def fields(self, raw: Raw, names: Names) -> Json:
        """Its keys and cloud-init are never told; an image that was removed is not either."""
        public = jsons.record(raw, "public_net")
        image = _image(raw)
        return {
            "type": jsons.text(raw, "server_type", "name"), **({"image": image} if image else {}),
            "location": jsons.text(raw, "location", "name") or jsons.text(raw, "datacenter", "location", "name"),
            "placement": jsons.text(raw, "placement_group", "name"),
            "networks": sorted(
                ({"network": names.name("network", jsons.number(each, "network")), "ip": jsons.text(each, "ip")}
                 for each in jsons.records(raw, "private_net")), key=lambda one: one["network"],
            ),
            "backups": bool(jsons.text(raw, "backup_window")), "status": jsons.text(raw, "status"),
            "created": jsons.text(raw, "created"), **_public(public, names),
        }  # fmt: skip

    def body(self, thing: Thing, names: Names) -> Json:
        fields = thing.fields
        placement, keys = jsons.text(fields, "placement"), jsons.texts(fields, "keys")
        firewalls = names.ids("firewall", jsons.texts(fields, "firewalls"))
        return {
            "server_type": jsons.text(fields, "type"), "image": _image_id(jsons.text(fields, "image"), names),
            "location": jsons.text(fields, "location") or None, "start_after_create": False,
            "labels": {**marked(thing, names), **_made_from(fields)},
            "ssh_keys": [names.id("key", each) for each in keys] or None,
            "networks": [names.id("network", jsons.text(each, "network")) for each in jsons.records(fields, "networks")] or None,
            "firewalls": [{"firewall": each} for each in firewalls] or None,
            "placement_group": names.id("placement", placement) if placement else None,
            "user_data": jsons.text(fields, "cloud_init") or None, "public_net": addresses.wanted(fields, names),
        }  # fmt: skip

    def made(self, cloud: Asks, number: int, thing: Thing, names: Names) -> None:
        fields = thing.fields
        self._place_in(cloud, number, jsons.records(fields, "networks"), names)
        if jsons.flag(fields, "backups"):
            self.act(cloud, number, "enable_backup")
        self.point(cloud, number, None, thing)
        self.finish(cloud, number, thing, names)

    def finish(self, cloud: Asks, number: int, thing: Thing, names: Names) -> None:
        """Give it what is kept from the one before, and boot it, once all its firewalls are seen on it."""
        addresses.give_back(cloud, number, jsons.record(thing.fields, "kept"), names)
        self._await_firewalls(cloud, number, jsons.texts(thing.fields, "guards"), names)
        switch_on(cloud, number)

    def guard(self, cloud: Asks, number: int, *, before: bool, after: bool) -> None:
        if before != after:
            self.act(cloud, number, "change_protection", {"delete": after, "rebuild": after})

    def labels(self, before: Thing, after: Thing, names: Names) -> Json:
        kept = jsons.text(before.fields, "made_from")
        return {**marked(after, names), **({MADE_FROM: kept} if kept else {})}

    def change(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        self._networks(cloud, before, after, names)
        if any(differs(before, after, field) for field in ("type", "placement", *addresses.FIELDS)):
            with off_for(cloud, before.id):
                self._while_off(cloud, before, after, names)
        if differs(before, after, "backups"):
            self.act(
                cloud, before.id, "enable_backup" if jsons.flag(after.fields, "backups") else "disable_backup"
            )
        self.point(cloud, before.id, before, after)

    def _while_off(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        if differs(before, after, "placement"):
            self._regroup(cloud, before, after, names)
        if differs(before, after, "type"):
            kind = jsons.text(after.fields, "type")
            self.act(cloud, before.id, "change_type", {"server_type": kind, "upgrade_disk": False})
        addresses.change(cloud, before, after, names)

    def _regroup(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        if jsons.text(before.fields, "placement"):
            self.act(cloud, before.id, "remove_from_placement_group")
        group = jsons.text(after.fields, "placement")
        if group:
            self.act(
                cloud, before.id, "add_to_placement_group", {"placement_group": names.id("placement", group)}
            )

    def _networks(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        was, shall = _ips(before), _ips(after)
        for name in sorted(was):
            if name not in shall or shall[name] not in {"", was[name]}:
                self.act(cloud, before.id, "detach_from_network", {"network": names.id("network", name)})
        for name in sorted(shall):
            if name not in was or shall[name] not in {"", was[name]}:
                self._join(cloud, before.id, names.id("network", name), shall[name])

    def _place_in(self, cloud: Asks, number: int, wanted: tuple[Raw, ...], names: Names) -> None:
        """Move a new server to the addresses it is to have in its networks."""
        if not any(jsons.text(each, "ip") for each in wanted):
            return
        has = {
            jsons.number(each, "network"): jsons.text(each, "ip")
            for each in jsons.records(self.fetch(cloud, number), "private_net")
        }
        for each in wanted:
            network, ip = names.id("network", jsons.text(each, "network")), jsons.text(each, "ip")
            if ip and has.get(network) != ip:
                if network in has:
                    self.act(cloud, number, "detach_from_network", {"network": network})
                self._join(cloud, number, network, ip)

    def _join(self, cloud: Asks, number: int, network: int, ip: str) -> None:
        body: Json = {"network": network, "ip": ip} if ip else {"network": network}
        self.act(cloud, number, "attach_to_network", body)

    def _await_firewalls(self, cloud: Asks, number: int, guards: tuple[str, ...], names: Names) -> None:
        """Wait until each firewall is applied; one that never comes leaves the server off."""
        missing = set(names.ids("firewall", guards))

        def are_on() -> bool:
            on = jsons.records(self.fetch(cloud, number), "public_net", "firewalls")
            missing.difference_update(
                jsons.number(each, "id") for each in on if jsons.text(each, "status") == "applied"
            )
            return not missing

        if missing and not came(cloud, _LOOKS, are_on):
            late = ", ".join(sorted(names.name("firewall", each) for each in missing))
            raise CloudError(
                f"The firewall {late} did not come onto the server in {_LOOKS} seconds; the server stays off. Apply again.",
                code="firewall_late",
            )

    def replace(self, cloud: Asks, before: Thing, after: Thing, names: Names, keep: Keep) -> int:
        """Make it anew with the addresses and volumes it has; `keep` is told of them before anything is removed."""
        raw = self.fetch(cloud, before.id)
        kept = addresses.kept(cloud, raw, before, after)
        keep(kept)
        addresses.hold(cloud, kept)
        if jsons.text(raw, "status") != "off":
            self.act(cloud, before.id, "poweroff")
        for volume in jsons.numbers(kept, "volumes"):
            cloud.did("POST", f"/volumes/{volume}/actions/detach")
        self.delete(cloud, before, names)
        addresses.await_free(cloud, kept)
        return self.create(
            cloud, msgspec.structs.replace(after, fields={**after.fields, "kept": kept}), names
        )


def _ips(thing: Thing) -> dict[str, str]:
    """Return its private addresses by network."""
    nets = jsons.records(thing.fields, "networks")
    return {jsons.text(each, "network"): jsons.text(each, "ip") for each in nets}


def _image(raw: Raw) -> str:
    image = jsons.record(raw, "image")
    number = jsons.number(image, "id")
    return jsons.text(image, "name") or jsons.text(image, "description") or (f"#{number}" if number else "")


def _image_id(image: str, names: Names) -> str:
    return str(names.id("snapshot", image)) if names.has("snapshot", image) else image


def _made_from(fields: Mapping[str, object]) -> Json:
    text = jsons.text(fields, "cloud_init")
    return {MADE_FROM: fingerprint(text)} if text else {}


def _public(public: Raw, names: Names) -> Json:
    """Return its public addresses; the names of those that are parts of it do not count."""
    found: Json = {}
    parts: dict[str, Raw] = {}
    for version in _VERSIONS:
        said = jsons.record(public, version)
        number = jsons.number(said, "id")
        name = names.name("primary_ip", number)
        a_thing = bool(number) and not name.startswith("#")
        found |= {
            f"public_{version}": bool(jsons.text(said, "ip")),
            f"primary_{version}": name if a_thing else "",
            version: jsons.text(said, "ip"),
        }
        parts[version] = {} if a_thing else said
    return {**found, "rdns": rdns.read(parts["ipv4"], parts["ipv6"])}


ADAPTER = _Server()
