"""Certificates: those that Hetzner gets and renews, and those that are brought along. A private key is read where it lies and kept nowhere."""

from pathlib import Path

from vedette.instruments.hetzner.plain import Json, Plain, Raw
from vedette.instruments.hetzner.types import CloudError, Names
from vedette.wire import jsons
from vedette.wire.infra import Thing


class _Certificate(Plain):
    kind, path, many, one = "certificate", "/certificates", "certificates", "certificate"
    protects = False

    def fields(self, raw: Raw, names: Names) -> Json:  # noqa: ARG002
        kind = jsons.text(raw, "type") or "uploaded"
        brought = {"certificate": jsons.text(raw, "certificate").strip()} if kind == "uploaded" else {}
        return {
            "type": kind, "domains": sorted(jsons.texts(raw, "domain_names")), **brought,
            "status": jsons.text(raw, "status", "issuance"), "ends": jsons.text(raw, "not_valid_after"),
        }  # fmt: skip

    def body(self, thing: Thing, names: Names) -> Json:  # noqa: ARG002
        if jsons.text(thing.fields, "type") != "uploaded":
            return {"type": "managed", "domain_names": list(jsons.texts(thing.fields, "domains"))}
        return {
            "type": "uploaded", "certificate": jsons.text(thing.fields, "certificate"),
            "private_key": _private(jsons.text(thing.fields, "key_file"), thing.name),
        }  # fmt: skip


def _private(place: str, name: str) -> str:
    try:
        return Path(place).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CloudError(
            f"The private key of certificate {name} cannot be read from {place}: {error}."
        ) from error


ADAPTER = _Certificate()
