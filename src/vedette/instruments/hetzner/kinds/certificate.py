"""Certificates: those that Hetzner gets and renews, and those that are brought along. A private key is read where it lies and kept nowhere."""

from pathlib import Path

from vedette.instruments.hetzner.plain import Json, Plain, Raw
from vedette.instruments.hetzner.types import Asks, CloudError, Keep, Names
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

    def replace(self, cloud: Asks, before: Thing, after: Thing, names: Names, keep: Keep) -> int:  # noqa: ARG002
        """Make the new one beside the old, let load balancers take it, and only then remove the old one."""
        old = self.fetch(cloud, before.id)
        cloud.did("PUT", f"{self.path}/{before.id}", {"name": f"{before.name}-{before.id}"})
        number = self.create(cloud, after, names)
        for user in jsons.records(old, "used_by"):
            if jsons.text(user, "type") == "load_balancer":
                _swap(cloud, jsons.number(user, "id"), before.id, number)
        cloud.did("DELETE", f"{self.path}/{before.id}")
        return number


def _swap(cloud: Asks, balancer: int, old: int, new: int) -> None:
    raw = jsons.record(cloud.get(f"/load_balancers/{balancer}"), "load_balancer")
    for service in jsons.records(raw, "services"):
        has = jsons.numbers(service, "http", "certificates")
        if old in has:
            http = {"certificates": [new if each == old else each for each in has]}
            body = {"listen_port": jsons.number(service, "listen_port"), "http": http}
            cloud.did("POST", f"/load_balancers/{balancer}/actions/update_service", body)


def _private(place: str, name: str) -> str:
    try:
        return Path(place).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CloudError(
            f"The private key of certificate {name} cannot be read from {place}: {error}."
        ) from error


ADAPTER = _Certificate()
