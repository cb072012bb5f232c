"""`vedette deploy roll`: a new version on one batch of servers after another, and back where one does not become healthy.

Exits 0 when all have it, 1 when it went back or could not begin, and 2 for `--plan`.
"""

import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from vedette.cli.deploy_ground import NOWHERE, At, cloud_of, fail, state_of
from vedette.cli.deploy_hands import HERE, Hand, hands_of
from vedette.cli.deploy_told import Herald
from vedette.cli.out import emit
from vedette.core.clock import SystemClock
from vedette.core.errors import Invalid, VedetteError
from vedette.deploy import offline
from vedette.deploy.types import Event, Rolled, RollPlanned, RollSaid
from vedette.plumbing.net.client import NetClient

CHANGES, FAILED = 2, 1
_CLOCK = SystemClock()
_HERE = Path()
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
    """What is rolled out, and with how much care; what is not said here is as the files say.

    Parameters
    ----------
    do
        The command that brings the new version; it finds $VEDETTE_TARGET, $VEDETTE_ADDRESS and $VEDETTE_VERSION.
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
    version
        What goes out.
    """

    do: str = ""
    undo: str = ""
    unit: str = ""
    health: str = ""
    keep: int | None = None
    first: int | None = None
    batch: int | None = None
    drain: float | None = None
    settle: float | None = None
    patience: float | None = None
    interval: float | None = None
    version: str = ""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Told:
    """Which Vedette is told of it.

    Parameters
    ----------
    send
        Tell the Vedette at this address as a deploy: https://vedette.example
    send_token_file
        A file whose first line is the token for --send; else $VEDETTE_TOKEN.
    project
        The project there (its slug).
    environment
        Where it goes: production.
    """

    send: str = ""
    send_token_file: Path | None = None
    project: str = ""
    environment: str = ""


_CARE, _NOBODY = Care(), Told()


def roll(
    name: str = "", *, infra: Path = _HERE, balancer: str = "", host: Hosts = (), plan: bool = False, back: bool = False, yes: bool = False,
    care: Care = _CARE, told: Told = _NOBODY, hand: Hand = HERE, at: At = NOWHERE,
) -> None:  # fmt: skip
    """Roll out.

    Parameters
    ----------
    name
        A roll of the files ([rolls.NAME]); options change what it says.
    infra
        Where vedette.toml or infra/*.toml is, or one file; else the folder we are in.
    balancer
        The load balancer at Hetzner whose servers are the targets.
    plan
        Only tell what would be done.
    back
        Take back a roll that was stopped half-way.
    yes
        Do not ask.
    """
    said = _said(_named(name, infra), care, told, balancer, host)
    net = NetClient(allow_private=True)
    herald = Herald(said, told.send_token_file, net) if said.send and not plan else None
    began, cloud = _CLOCK.now(), cloud_of(at) if said.balancer else None

    def agree(planned: RollPlanned) -> bool:
        emit(planned, planned.text, json=at.json)
        if plan:
            sys.exit(CHANGES)
        return yes or _asked()

    def tell(event: Event) -> None:
        if herald is not None:
            herald.saw(event)
        line = "" if at.json else offline.roll_line(event)
        if line:
            print(line, flush=True)

    done = offline.roll(
        said.roll, hands_of(_hand(hand, said)), net, state_of(at), _CLOCK.now,
        cloud=cloud, balancer=said.balancer, hosts=said.hosts, pause=threading.Event().wait, agree=agree, tell=tell, back=back,
    )  # fmt: skip
    if done is None:
        print("Nothing was done.")
        return
    emit(done, offline.roll_outcome(done), json=at.json)
    if herald is not None:
        _told(herald, done, began)
    sys.exit(FAILED if done.back else 0)


def _named(name: str, infra: Path) -> RollSaid:
    """Return a roll of the files; raises `Invalid` where they have none of the name."""
    if not name:
        return RollSaid()
    found = offline.opened(infra)
    if found.desired is None:
        fail(*(str(each) for each in found.faults))
    return offline.named_roll(found.desired, name)


def _said(said: RollSaid, care: Care, told: Told, balancer: str, host: tuple[str, ...]) -> RollSaid:
    """Return a roll with what options change of it."""
    words = {key: value for key, value in asdict(care).items() if value not in (None, "")}
    place = {
        "balancer": balancer,
        "send": told.send,
        "project": told.project,
        "environment": told.environment,
    }
    return msgspec.structs.replace(
        said, roll=msgspec.structs.replace(said.roll, **words), hosts={**said.hosts, **_hosts(host)},
        **{key: value for key, value in place.items() if value},
    )  # fmt: skip


def _hand(hand: Hand, said: RollSaid) -> Hand:
    return Hand(ssh=said.ssh, ssh_port=said.ssh_port, local=said.local) if hand == HERE else hand


def _told(herald: Herald, done: Rolled, began: float) -> None:
    """Tell the server; that it cannot be told changes nothing of how the roll ended."""
    try:
        herald.tell(done, began, _CLOCK.now())
    except VedetteError as error:
        print(f"The roll is over, and Vedette was not told of it: {error}", file=sys.stderr)


def _hosts(words: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in words:
        name, sign, address = each.partition("=")
        if not (sign and name and address) or address.startswith("-"):
            raise Invalid(f"--host {each[:80]}: write a name and an address, as web-1=10.0.1.2.")
        found[name] = address
    return found


def _asked() -> bool:
    if not sys.stdin.isatty():
        raise Invalid("Nobody is here to ask; add --yes.")
    return input("Roll it out? Type yes: ").strip() == "yes"
