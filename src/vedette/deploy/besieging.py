"""The switch against floods from the server: hosts that let it are ordered, and tell how they stand. Nothing is kept here but by `hosts`."""

from collections.abc import Iterator, Mapping

from vedette.accounts.permissions import SYSTEM, Actor
from vedette.core.clock import iso
from vedette.core.errors import Conflict
from vedette.deploy import signal
from vedette.deploy.attack import standing
from vedette.deploy.attack.standing import Orders
from vedette.deploy.store import projects as project_rows
from vedette.deploy.store import seen as seen_rows
from vedette.deploy.types import FloodHost
from vedette.hosts import service as hosts
from vedette.hosts.types import Host, HostState
from vedette.instruments.attack import offering
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals
from vedette.wire.infra import Live


def flood_hosts(now: float) -> tuple[FloodHost, ...]:
    """Return how every host stands against floods, those under attack first."""
    lives = _lives()
    found = [
        standing.of_host((one.id, one.name), hosts.offers(one.id), _orders(one.id), lives.get(one.name), now)
        for one in _hosts()
    ]
    return tuple(sorted(found, key=standing.rank))


def turn_on(actor: Actor, host: int, minutes: int, now: float) -> None:
    """Have a host tighten its limits for some minutes; the host ends it. Raises `NotFound`, `Conflict`, `Forbidden`."""
    name = hosts.find(str(host)).name
    with transaction():
        hosts.order_action(actor, str(host), offering.on(minutes), _switch(host), now)
        text = f"{_name(actor)} says it is under attack: limits are tighter for {minutes} minutes, and the host ends that by itself."
        signals.record([signal.flood_moment(name, text, now)])


def turn_off(actor: Actor, host: int, now: float) -> None:
    """Have a host end it now. Raises `NotFound`, `Conflict`, `Forbidden`."""
    name = hosts.find(str(host)).name
    with transaction():
        hosts.order_action(actor, str(host), offering.OFF, _switch(host), now)
        signals.record(
            [signal.flood_moment(name, f"{_name(actor)} ends what was tighter under attack.", now)]
        )


def ask_hosts(actor: Actor, now: float) -> int:
    """Have all hosts that let the server tell how they stand; return how many are asked. Raises `Forbidden`."""
    return sum(_ask(actor, one.id, now) for one in _hosts() if offering.STATUS in hosts.offers(one.id))


def end_switches(now: float) -> int:
    """Ask hosts whose time is over how they stand, and tell the story of it, once each; return how many."""
    hosts.end_actions(now)
    return sum(_ended(one, end, now) for one in _hosts() if (end := standing.is_over(_orders(one.id), now)))


def _ended(host: Host, end: float, now: float) -> bool:
    with transaction():
        if not _ask(SYSTEM, host.id, now):
            return False
        text = f"the time under attack was over at {iso(end)[11:16]} UTC and the host ended it by itself; it is asked how it stands."
        signals.record([signal.flood_moment(host.name, text, now)])
        return True


def _ask(actor: Actor, host: int, now: float) -> bool:
    try:
        hosts.order_action(actor, str(host), offering.STATUS, _look(host), now)
    except Conflict:  # it was asked already, or has too much to do
        return False
    return True


def _orders(host: int) -> Orders:
    return Orders(switch=hosts.action(_switch(host)), look=hosts.action(_look(host)))


def _hosts() -> Iterator[Host]:
    return (one for one in hosts.every() if one.state is not HostState.REVOKED)


def _lives() -> Mapping[str, Live]:
    """Return what was last read of the project that has a server, by its name."""
    found: dict[str, Live] = {}
    for project in project_rows.every():
        seen = seen_rows.find(project.id, project.name)
        if seen is not None:
            found |= {each.name: seen.live for each in seen.live.things if each.kind == "server"}
    return found


def _switch(host: int) -> str:
    return f"attack:{host}"


def _look(host: int) -> str:
    return f"attack-look:{host}"


def _name(actor: Actor) -> str:
    return actor.name or actor.kind.value
