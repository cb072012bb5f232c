"""What listens on hosts, as their agents told last; by the host's name and each of its addresses."""

from collections.abc import Sequence

import msgspec

from vedette.instruments.live.types import Listener
from vedette.plumbing.ports import ports

_KEY = "scans/listening/"
_NAMES = "scans/named/"
_MOST_NAMES = 32
_CODEC = msgspec.msgpack.Decoder(tuple[Listener, ...])


def put(host: int, names: Sequence[str], listeners: Sequence[Listener]) -> None:
    """Remember what listens on a host of these names."""
    named = tuple(name.lower() for name in names[:_MOST_NAMES])
    body = msgspec.msgpack.encode(tuple(listeners))
    for name in named:
        _put(_KEY + name, body)
    _put(f"{_NAMES}{host}", msgspec.msgpack.encode(named))


def _put(key: str, body: bytes) -> None:
    held = ports().kv.get(key)
    if held is None or held.value != body:
        ports().kv.put(key, body)


def names_of(host: int) -> tuple[str, ...]:
    """Return the names and addresses under which a host told what listens, in small letters; none where it did not."""
    held = ports().kv.get(f"{_NAMES}{host}")
    return msgspec.msgpack.decode(held.value, type=tuple[str, ...]) if held and held.value else ()


def forget(host: int) -> None:
    """Forget what listened on a host."""
    for name in names_of(host):
        ports().kv.delete(_KEY + name)
    ports().kv.delete(f"{_NAMES}{host}")


def of(name: str) -> tuple[Listener, ...] | None:
    """Return what listens on a host, None where no agent tells."""
    held = ports().kv.get(_KEY + name.strip("[]").lower())
    return _CODEC.decode(held.value) if held and held.value else None
