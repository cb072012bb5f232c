"""`vedette deploy roll`: a new version on one batch of servers after another, and back where one does not become healthy.

Exits 0 when all have it, 1 when it went back or could not begin, and 2 for `--plan`.
"""

import sys
import threading
from dataclasses import asdict, dataclass
from typing import Annotated

from cyclopts import Parameter

from vedette.cli.deploy_ground import NOWHERE, At, cloud_of, state_of
from vedette.cli.deploy_hands import HERE, Hand, hands_of
from vedette.cli.out import emit
from vedette.core.clock import SystemClock
from vedette.core.errors import Invalid
from vedette.deploy import offline
from vedette.deploy.types import Event, Roll, RollPlanned
from vedette.plumbing.net.client import NetClient

CHANGES, FAILED = 2, 1
_CLOCK = SystemClock()
_USUAL = Roll()
Hosts = Annotated[
    tuple[str, ...],
    Parameter(
        name="--host",
        help="A target by hand, or another address of one: web-1=10.0.1.2; may be repeated.",
    ),
]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Care:
    """What is rolled out, and with how much care.

    Parameters
    ----------
    do
        The command that brings the new version; it finds $VEDETTE_TARGET and $VEDETTE_ADDRESS.
    undo
        The command that brings the former one; `true` for what needs no undoing.
    unit
        A systemd unit that is restarted after either, and must be active then.
    health
        A URL that a healthy target answers with 2xx: http://{address}:8000/health.
    keep
        How many stay healthy at any time; else all but a batch.
    first
        How many the first batch has.
    batch
        How many each batch has after that.
    drain
        Seconds for open connections to end, once a target is taken out.
    settle
        Seconds that a target must stay healthy, once it is back.
    patience
        Seconds that a target has to become healthy.
    interval
        Seconds between two looks at that.
    """

    do: str = ""
    undo: str = ""
    unit: str = ""
    health: str = ""
    keep: int | None = None
    first: int = _USUAL.first
    batch: int = _USUAL.batch
    drain: float = _USUAL.drain
    settle: float = _USUAL.settle
    patience: float = _USUAL.patience
    interval: float = _USUAL.interval


_NONE = Care()


def roll(
    *, balancer: str = "", host: Hosts = (), plan: bool = False, back: bool = False, yes: bool = False,
    care: Care = _NONE, hand: Hand = HERE, at: At = NOWHERE,
) -> None:  # fmt: skip
    """Roll out.

    Parameters
    ----------
    balancer
        The load balancer at Hetzner whose servers are the targets.
    plan
        Only tell what would be done.
    back
        Take back a roll that was stopped half-way.
    yes
        Do not ask.
    """

    def agree(planned: RollPlanned) -> bool:
        emit(planned, planned.text, json=at.json)
        if plan:
            sys.exit(CHANGES)
        return yes or _asked()

    hosts, cloud = _hosts(host), cloud_of(at) if balancer else None
    done = offline.roll(
        Roll(**asdict(care)), hands_of(hand), NetClient(allow_private=True), state_of(at), _CLOCK.now,
        cloud=cloud, balancer=balancer, hosts=hosts, pause=threading.Event().wait,
        agree=agree, tell=(lambda _: None) if at.json else _tell, back=back,
    )  # fmt: skip
    if done is None:
        print("Nothing was done.")
        return
    emit(done, offline.roll_outcome(done), json=at.json)
    sys.exit(FAILED if done.back else 0)


def _hosts(words: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in words:
        name, sign, address = each.partition("=")
        if not (sign and name and address) or address.startswith("-"):
            raise Invalid(f"--host {each[:80]}: write a name and an address, as web-1=10.0.1.2.")
        found[name] = address
    return found


def _tell(event: Event) -> None:
    line = offline.roll_line(event)
    if line:
        print(line, flush=True)


def _asked() -> bool:
    if not sys.stdin.isatty():
        raise Invalid("Nobody is here to ask; add --yes.")
    return input("Roll it out? Type yes: ").strip() == "yes"
