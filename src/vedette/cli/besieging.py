"""`vedette attack on|off|status`: tighter limits on hosts for a while, and what holds a flood back.

Exits 0 when it is so, and 1 where a host could not be tightened or restored.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from vedette.cli.deploy_ground import NOWHERE, At, cloud_of
from vedette.cli.deploy_hands import HERE, Hand, hands_of
from vedette.cli.out import emit
from vedette.core.clock import SystemClock, iso
from vedette.core.errors import Invalid, VedetteError
from vedette.deploy import offline
from vedette.deploy.types import Shield
from vedette.wire.infra import Live

FAILED = 1
LOCAL = "this machine"
_CLOCK = SystemClock()
_USUAL = Shield()
APP = App(
    name="attack",
    help="Hold a flood back for a while, and see what holds: on hosts over SSH, or on this machine (--local).",
    version_flags=[],
    default_parameter=Parameter(negative=()),
)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Tighter:
    """What is tightened.

    Parameters
    ----------
    port
        A port of the web, TCP and UDP; may be repeated; else 80 and 443.
    front
        An address or network of the load balancer; may be repeated.
    balancer
        The load balancer at Hetzner whose private address is the front.
    only_front
        Let in nobody but the front.
    rate
        New connections a second for each address.
    burst
        How many of them at once.
    policy
        The file of the guard's policy on the host, which gets one more rate.
    requests
        How many requests a minute that rate lets each client have.
    reload
        The command by which the application reads its policy again.
    """

    port: tuple[int, ...] = _USUAL.ports
    front: tuple[str, ...] = ()
    balancer: str = ""
    only_front: bool = False
    rate: int = _USUAL.rate
    burst: int = _USUAL.burst
    policy: Path | None = None
    requests: int = _USUAL.requests
    reload: str = ""


_NONE = Tighter()
Minutes = Annotated[float, Parameter(help="After how many minutes the host undoes it by itself.")]


@APP.command(name="on", help="Tighten limits for a while; the host undoes it by itself.")
def on(
    *hosts: str, minutes: Minutes = 60, plan: bool = False, yes: bool = False, tighter: Tighter = _NONE,
    hand: Hand = HERE, at: At = NOWHERE,
) -> None:  # fmt: skip
    """Tighten limits for a while.

    Parameters
    ----------
    hosts
        Addresses of the servers; none with --local.
    plan
        Only tell what would be done.
    yes
        Do not ask.
    """
    now = _CLOCK.now()
    shield, _ = _shield(tighter, at, now)
    until, places, worker = now + minutes * 60, _places(hosts, hand), hands_of(hand)
    text = "\n".join(offline.attack_plan(shield, each, until, now) for each in places)
    if plan:
        emit({"hosts": places, "until": iso(until), "shield": shield}, text, json=at.json)
        return
    if not yes:
        print(text, file=sys.stderr)
        _ask()
    wrong = _each(places, lambda host: offline.attack_on(worker, host, shield, minutes * 60))
    _end(wrong, f"under attack until {iso(until)}", at)


@APP.command(name="off", help="Undo it now.")
def off(*hosts: str, hand: Hand = HERE, at: At = NOWHERE) -> None:
    """Undo it now.

    Parameters
    ----------
    hosts
        Addresses of the servers; none with --local.
    """
    worker = hands_of(hand)
    wrong = _each(_places(hosts, hand), lambda host: offline.attack_off(worker, host, _USUAL))
    _end(wrong, "as it was before", at)


@APP.command(name="status", help="Tell what holds a flood back, layer by layer, and how that is known.")
def status(*hosts: str, tighter: Tighter = _NONE, hand: Hand = HERE, at: At = NOWHERE) -> None:
    """Tell what holds a flood back.

    Parameters
    ----------
    hosts
        Addresses of the servers; none with --local.
    """
    now, worker = _CLOCK.now(), hands_of(hand)
    shield, live = _shield(tighter, at, now)
    for each in _places(hosts, hand):
        found = offline.attack_status(worker, each, shield, live, now)
        emit(found, offline.attack_text(found), json=at.json)


def _shield(tighter: Tighter, at: At, now: float) -> tuple[Shield, Live | None]:
    shield = Shield(
        ports=tighter.port, front=tighter.front, only_front=tighter.only_front, rate=tighter.rate, burst=tighter.burst,
        policy=str(tighter.policy or ""), reload=tighter.reload, requests=tighter.requests,
    )  # fmt: skip
    if not tighter.balancer:
        return shield, None
    live, fronts = offline.attack_fronts(cloud_of(at), tighter.balancer, now)
    return msgspec.structs.replace(shield, front=(*shield.front, *fronts)), live


def _places(hosts: tuple[str, ...], hand: Hand) -> tuple[str, ...]:
    if hand.local == bool(hosts):
        raise Invalid("Say which servers (their addresses, over SSH), or --local for this machine.")
    if any(each.startswith("-") for each in hosts):
        raise Invalid("An address of a server does not begin with a dash.")
    return hosts or (LOCAL,)


def _each(places: Sequence[str], work: Callable[[str], None]) -> dict[str, str]:
    """Do it on each host, whatever becomes of the others; returns what went wrong by host."""
    wrong = dict.fromkeys(places, "")
    for host in places:
        try:
            work(host)
        except VedetteError as error:
            wrong[host] = str(error)
    return wrong


def _end(wrong: dict[str, str], word: str, at: At) -> None:
    for host, problem in wrong.items():
        emit(
            {"host": host, "problem": problem},
            f"✗ {host}: {problem}" if problem else f"✓ {host}: {word}.",
            json=at.json,
        )
    sys.exit(FAILED if any(wrong.values()) else 0)


def _ask() -> None:
    if not sys.stdin.isatty():
        raise Invalid("Nobody is here to ask; add --yes.")
    if input("Tighten? Type yes: ").strip() != "yes":
        raise Invalid("Nothing was done.")
