"""SSH keys."""

import base64
import binascii
import hashlib

import msgspec

from vedette.core.clock import iso
from vedette.instruments.hetzner.fake.calls import Reply, Shape, invalid, taken
from vedette.instruments.hetzner.fake.state import Key
from vedette.instruments.hetzner.fake.table import Route, Table
from vedette.instruments.hetzner.fake.visit import Visit

_TYPES = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")


class _New(msgspec.Struct, kw_only=True):
    name: str
    public_key: str
    labels: dict[str, str] = {}


def _show(visit: Visit, key: Key) -> Shape:  # noqa: ARG001 - as tables show
    return {
        "id": key.id,
        "name": key.name,
        "fingerprint": key.fingerprint,
        "public_key": key.public_key,
        "labels": key.labels,
        "created": iso(key.created),
    }


TABLE = Table(
    singular="ssh_key",
    plural="ssh_keys",
    rows=lambda state: state.ssh_keys,
    show=_show,
    filters={"fingerprint": lambda shape: shape["fingerprint"]},
    has_actions=False,
)


def _fingerprint(public_key: str) -> str:
    parts = public_key.split()
    try:
        blob = base64.b64decode(parts[1], validate=True)
    except (IndexError, binascii.Error) as error:
        raise invalid("public_key", "is not a valid SSH key") from error
    if parts[0] not in _TYPES or parts[0].encode() not in blob[:40]:
        raise invalid("public_key", "is not a valid SSH key")
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()  # what the API calls a fingerprint
    return ":".join(digest[at : at + 2] for at in range(0, 32, 2))


def _create(visit: Visit) -> Reply:
    asked = visit.read(_New)
    TABLE.check(visit, asked.name, asked.labels)
    fingerprint = _fingerprint(asked.public_key)
    if any(key.fingerprint == fingerprint for key in visit.state.ssh_keys.values()):
        raise taken("public_key", "SSH key with the same fingerprint already exists")
    key = Key(
        id=visit.state.new_id(),
        name=asked.name,
        created=visit.now,
        labels=asked.labels,
        public_key=asked.public_key,
        fingerprint=fingerprint,
    )
    return Reply(status=201, body={"ssh_key": _show(visit, TABLE.added(visit, key))})


ROUTES: list[Route] = TABLE.routes(("POST", "/ssh_keys", _create))
