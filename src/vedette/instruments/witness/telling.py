"""What a host tells of itself for intents: its own firewall, ports of containers, encryption at rest. Pure."""

from vedette.core.errors import VedetteError
from vedette.instruments.live.types import Live
from vedette.instruments.witness.disks import encrypted
from vedette.instruments.witness.published import let_in, published
from vedette.instruments.witness.walls import wall
from vedette.wire.infra import Rule, Told


def told(live: Live) -> Told:
    """Return what a host tells. Where the firewall or the containers cannot be read, it does not know what it drops."""
    drops, rules = _wall(live)
    ports = _published(live, rules if drops else ())
    if ports is None:
        return Told(drops=drops and None, encrypted=encrypted(live))
    return Told(drops=drops, rules=rules, published=ports, encrypted=encrypted(live))


def _wall(live: Live) -> tuple[bool | None, tuple[Rule, ...]]:
    try:
        return wall(live)
    except (VedetteError, ValueError):
        return None, ()


def _published(live: Live, rules: tuple[Rule, ...]) -> tuple[Rule, ...] | None:
    try:
        return let_in(published(live), rules, live)
    except (VedetteError, ValueError):
        return None
