"""SSH keys: their public halves."""

from vedette.instruments.hetzner.plain import Json, Plain, Raw
from vedette.instruments.hetzner.types import Names
from vedette.wire import jsons
from vedette.wire.infra import Thing


class _Key(Plain):
    kind, path, many, one = "key", "/ssh_keys", "ssh_keys", "ssh_key"
    protects = False

    def fields(self, raw: Raw, names: Names) -> Json:  # noqa: ARG002
        return {"public": " ".join(jsons.text(raw, "public_key").split()[:2])}

    def body(self, thing: Thing, names: Names) -> Json:  # noqa: ARG002
        return {"public_key": jsons.text(thing.fields, "public")}


ADAPTER = _Key()
