"""Hosts that let the server turn the switch against floods: one is under attack, one told how it stands, one does not let it.

Runs within `tests.support.past`, after hosts and infrastructure are there.
"""

from vedette.accounts.permissions import SYSTEM
from vedette.deploy import service
from vedette.hosts import acting
from vedette.hosts import service as hosts
from vedette.hosts.store import actions
from vedette.instruments.attack import offering
from vedette.plumbing.db.sql import transaction
from vedette.wire.agent.types import ActionReport, Offer

HOUR, MINUTE = 3_600.0, 60.0


def fill(now: float) -> None:
    """Let two hosts be asked, and turn the switch on at the first."""
    first, second = (one.id for one in hosts.every()[:2])
    for host in (first, second):
        let(host, now - HOUR)
    service.ask_hosts(SYSTEM, now - 5 * MINUTE)
    for host in (first, second):
        answer(host, "attack-look", now - 5 * MINUTE)
    service.turn_on(SYSTEM, first, 60, now - 3 * MINUTE)
    answer(first, "attack", now - 3 * MINUTE, now + 57 * MINUTE)


def let(host: int, now: float, longest: int = 240) -> None:
    """Have a host offer the switch, beside what it offers already."""
    names = tuple(dict.fromkeys((*actions.offered(host), *offering.offered(longest))))
    with transaction():
        acting.take(host, [Offer(now, names)], now)


def answer(host: int, about: str, now: float, until: float = 0.0, *, why: str = "") -> None:
    """Let a host answer what it was ordered last, as its agent does: `until` when the switch goes off, `why` it could not."""
    action = hosts.action(f"{about}:{host}")
    assert action is not None
    report = ActionReport(
        at=now, id=action.id, state="failed" if why else "done", code=None if why else 0, why=why, output="" if why else told(now, until)
    )  # fmt: skip
    with transaction():
        acting.take(host, [report], now)


def told(now: float, until: float) -> str:
    """Return what an agent tells of its host."""
    on = f"armed yes\nuntil {until:.0f}\n" if until else ""
    return f"sysctl net.ipv4.tcp_syncookies 1\nlimits 0\n{on}tracked 812\ntrackable 65536\nsystemd yes\nnow {now:.0f}\nend\n"
