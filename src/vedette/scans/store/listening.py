"""What listens on hosts, as their agents told last; by the host's name and each of its addresses."""

from collections.abc import Sequence

import msgspec

from vedette.instruments.live.types import Listener
from vedette.plumbing.ports import ports

_KEY = "scans/listening/"
_MOST_NAMES = 32
_CODEC = msgspec.msgpack.Decoder(tuple[Listener, ...])


def put(names: Sequence[str], listeners: Sequence[Listener]) -> None:
    """Remember what listens on a host of these names."""
    body = msgspec.msgpack.encode(tuple(listeners))
    for name in names[:_MOST_NAMES]:
        held = ports().kv.get(_KEY + name.lower())
        if held is None or held.value != body:
            ports().kv.put(_KEY + name.lower(), body)


def of(name: str) -> tuple[Listener, ...] | None:
    """Return what listens on a host, None where no agent tells."""
    held = ports().kv.get(_KEY + name.strip("[]").lower())
    return _CODEC.decode(held.value) if held and held.value else None
