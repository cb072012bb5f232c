"""How the command line works on servers: over SSH, or by commands of this machine."""

from dataclasses import dataclass

from cyclopts import Parameter

from vedette.core.errors import Invalid
from vedette.deploy import offline
from vedette.deploy.types import Hands


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Hand:
    """Where commands run.

    Parameters
    ----------
    ssh
        Run commands over SSH as this user; ~/.ssh/config and known_hosts count.
    ssh_port
        Another port than SSH's own.
    local
        Run commands on this machine, which reach the target themselves.
    """

    ssh: str = ""
    ssh_port: int = 0
    local: bool = False


HERE = Hand()


def hands_of(hand: Hand) -> Hands:
    """Return what runs commands; raises `Invalid` where both ways, or a user that is an option, are told."""
    if hand.local and hand.ssh:
        raise Invalid("Say either --ssh USER or --local.")
    if hand.ssh.startswith("-"):
        raise Invalid(f"--ssh {hand.ssh[:40]} is no user.")
    return offline.hands(hand.ssh, hand.ssh_port, local=hand.local)
