"""Placement groups: servers that shall not stand on one machine."""

from vedette.instruments.hetzner.plain import Json, Plain, Raw
from vedette.instruments.hetzner.types import Names
from vedette.wire import jsons
from vedette.wire.infra import Thing


class _Placement(Plain):
    kind, path, many, one = "placement", "/placement_groups", "placement_groups", "placement_group"
    protects = False

    def fields(self, raw: Raw, names: Names) -> Json:  # noqa: ARG002
        return {"type": jsons.text(raw, "type")}

    def body(self, thing: Thing, names: Names) -> Json:  # noqa: ARG002
        return {"type": jsons.text(thing.fields, "type") or "spread"}


ADAPTER = _Placement()
