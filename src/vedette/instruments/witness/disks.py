"""Whether a host's data is encrypted at rest, as the kernel's tree of disks tells it (`lsblk -J`). Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence

from vedette.instruments.live.types import Live, Missing, Unreadable
from vedette.wire import jsons

_SYSTEM = ("/boot", "/efi")
_ROOT = "/"


def encrypted(live: Live) -> bool | None:
    """Return whether all data lies on LUKS; None where nobody can tell.

    Data is every file system that is mounted beside the system's own; where there is none, it lies on the system's. What swap
    holds was memory: it counts too.
    """
    try:
        told = json.loads(live.ran("lsblk", "-J", "-o", "NAME,TYPE,FSTYPE,MOUNTPOINTS"))
    except (Missing, Unreadable, json.JSONDecodeError):
        return None
    mounts = [
        (point, sealed)
        for one in jsons.records(told, "blockdevices")
        for point, sealed in _mounts(one, sealed=False)
    ]
    data = [(point, sealed) for point, sealed in mounts if point != _ROOT and not point.startswith(_SYSTEM)]
    beside = [each for each in data if each[0] != "[SWAP]"]
    counted = data if beside else [*data, *(each for each in mounts if each[0] == _ROOT)]
    return all(sealed for _, sealed in counted) if counted else None


def _mounts(one: Mapping[str, object], *, sealed: bool) -> Iterator[tuple[str, bool]]:
    """Yield each mount with whether a `crypt` device lies below it."""
    here = sealed or jsons.text(one, "type") == "crypt"
    points: Sequence[str] = jsons.texts(one, "mountpoints")
    if jsons.text(one, "type") not in {"loop", "rom"}:
        yield from ((point, here) for point in points if point)
    for each in jsons.records(one, "children"):
        yield from _mounts(each, sealed=here)
