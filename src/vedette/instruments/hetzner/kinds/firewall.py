"""Firewalls: their rules, and on which servers they are, by label or directly."""

from collections.abc import Mapping

from vedette.instruments.hetzner.plain import Json, Plain, Raw, differs, renamed
from vedette.instruments.hetzner.types import Asks, CloudError, Names
from vedette.wire import jsons
from vedette.wire.infra import Thing

_ALREADY = "firewall_already_applied"


class _Firewall(Plain):
    kind, path, many, one = "firewall", "/firewalls", "firewalls", "firewall"
    protects = False

    def fields(self, raw: Raw, names: Names) -> Json:
        on = jsons.records(raw, "applied_to")
        selectors = {jsons.text(each, "label_selector", "selector") for each in on}
        servers = {
            names.name("server", jsons.number(each, "server", "id"))
            for each in on
            if jsons.text(each, "type") == "server"
        }
        return {
            "rules": [_rule(each) for each in jsons.records(raw, "rules")],
            "on": sorted(selectors - {""}), "servers": sorted(servers - {""}),
        }  # fmt: skip

    def body(self, thing: Thing, names: Names) -> Json:
        """It is on servers that are there; one that is made later takes it along."""
        return {
            "rules": [_written(each) for each in jsons.records(thing.fields, "rules")],
            "apply_to": _places(thing.fields, names),
        }

    def change(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        """It comes onto servers before it leaves others, so that none is without for a moment; rules change at once."""
        if differs(before, after, "rules"):
            rules = [_written(each) for each in jsons.records(after.fields, "rules")]
            self.act(cloud, before.id, "set_rules", {"rules": rules})
        old_labels, new_labels = renamed(before, after, "on")
        old_servers, new_servers = renamed(before, after, "servers")
        come = _places({"on": new_labels, "servers": new_servers}, names)
        go = _places({"on": old_labels, "servers": old_servers}, names)
        for each in come:
            self._come(cloud, before.id, each)
        if go:
            self.act(cloud, before.id, "remove_from_resources", {"remove_from": go})

    def _come(self, cloud: Asks, number: int, place: Json) -> None:
        """Put it onto something; where it is on its way already (a stopped apply began it), what is read back decides."""
        try:
            self.act(cloud, number, "apply_to_resources", {"apply_to": [place]})
        except CloudError as error:
            if error.code != _ALREADY:
                raise

    def delete(self, cloud: Asks, thing: Thing, names: Names) -> None:
        """Hetzner removes none that is in use: it leaves its servers first."""
        go = _places(thing.fields, names)
        if go:
            self.act(cloud, thing.id, "remove_from_resources", {"remove_from": go})
        super().delete(cloud, thing, names)


def _rule(raw: Raw) -> Json:
    inward = jsons.text(raw, "direction") != "out"
    return {
        "direction": "in" if inward else "out", "protocol": jsons.text(raw, "protocol"), "port": jsons.text(raw, "port"),
        "peers": sorted(jsons.texts(raw, "source_ips" if inward else "destination_ips")),
        "text": jsons.text(raw, "description"),
    }  # fmt: skip


def _written(rule: Raw) -> Json:
    inward = jsons.text(rule, "direction") != "out"
    made: Json = {
        "direction": "in" if inward else "out", "protocol": jsons.text(rule, "protocol"),
        "source_ips" if inward else "destination_ips": list(jsons.texts(rule, "peers")),
    }  # fmt: skip
    for key, name in (("port", "port"), ("text", "description")):
        if jsons.text(rule, key):
            made[name] = jsons.text(rule, key)
    return made


def _places(fields: Mapping[str, object], names: Names) -> list[Json]:
    """Return where a firewall is or comes, as Hetzner takes it; servers that are not there are left out."""
    there = [each for each in jsons.texts(fields, "servers") if names.has("server", each)]
    return [
        *(_place("label_selector", selector=each) for each in jsons.texts(fields, "on")),
        *(_place("server", id=names.id("server", each)) for each in there),
    ]


def _place(kind: str, **inner: object) -> Json:
    return {"type": kind, kind: inner}


ADAPTER = _Firewall()
