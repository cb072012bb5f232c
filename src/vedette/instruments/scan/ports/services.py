"""Which services stand on which ports, and how bad it is when everybody reaches them. Data with its source (`services.json`)."""

import functools
from collections.abc import Mapping
from pathlib import Path

import msgspec

_FILE = Path(__file__).with_name("services.json")
_OTHER_RISK = 4.0
_OTHER = "Whatever it is, everybody may talk to it."


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A service by its usual port: its name, how bad it is that everybody reaches it (0 to 10), and why."""

    name: str
    risk: float
    why: str


class _Group(msgspec.Struct, frozen=True):
    name: str
    risk: float
    why: str
    ports: Mapping[int, str]


class _File(msgspec.Struct, frozen=True):
    source: str
    groups: tuple[_Group, ...]


@functools.cache
def services() -> Mapping[int, Service]:
    """Return the services by port; a port that stands in two groups is of the first."""
    groups = msgspec.json.decode(_FILE.read_bytes(), type=_File).groups
    found: dict[int, Service] = {}
    for group in groups:
        for port, name in group.ports.items():
            found.setdefault(port, Service(name=name, risk=group.risk, why=group.why))
    return found


def service_of(port: int, spoken: str = "") -> Service:
    """Return the service on a port; what it speaks counts more than its number (`spoken` is a name of this table)."""
    usual = services().get(port)
    told = next((one for one in services().values() if one.name == spoken), None) if spoken else None
    if (
        told is not None
        and (usual is None or usual.name != spoken)
        and spoken not in {"HTTP", "HTTPS", "TLS"}
    ):
        return told
    return usual or Service(name=spoken or "unknown service", risk=_OTHER_RISK, why=_OTHER)
