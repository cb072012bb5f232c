"""Snapshots: images of ours. They are read, named and protected; making one is a deed of its own, not of a plan."""

from vedette.instruments.hetzner.plain import Json, Plain, Raw, differs
from vedette.instruments.hetzner.types import Asks, CloudError, Names
from vedette.wire import jsons
from vedette.wire.infra import Thing


class _Snapshot(Plain):
    kind, path, many, one = "snapshot", "/images", "images", "image"
    params = {"type": "snapshot"}

    def name(self, raw: Raw) -> str:
        """Snapshots have no name: what they are described as is theirs."""
        return jsons.text(raw, "description") or f"snapshot-{jsons.number(raw, 'id')}"

    def fields(self, raw: Raw, names: Names) -> Json:  # noqa: ARG002
        return {
            "server": jsons.text(raw, "created_from", "name"), "text": jsons.text(raw, "description"),
            "size": jsons.at(raw, "image_size") or 0, "created": jsons.text(raw, "created"),
        }  # fmt: skip

    def body(self, thing: Thing, names: Names) -> Json:  # noqa: ARG002
        """Refuse: a snapshot shows a moment, which nobody can desire afterwards."""
        raise CloudError(
            f"There is no snapshot {thing.name}; a plan makes none. Take it by hand and apply again."
        )

    def change(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:  # noqa: ARG002
        if differs(before, after, "text"):
            cloud.did("PUT", f"{self.path}/{before.id}", {"description": jsons.text(after.fields, "text")})


ADAPTER = _Snapshot()
