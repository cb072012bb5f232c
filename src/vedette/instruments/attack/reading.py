"""What a host says of itself when it is asked by a script of ours (`scripts.facts`). Pure; what it does not say is unknown."""

from collections.abc import Mapping

import msgspec

from vedette.core.errors import Invalid

POLICY = "policy"  # all that follows this line is the guard's policy
END = "end"
_MOST = 200_000


class HostTold(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of a host: sysctls that could be read; rules of nft that limit (None: nft cannot be asked); the switch; its policy.

    `connections` are those tracked and how many can be. `now` is its clock, and `until` when by that clock
    the switch goes off, 0 where it is off;
    `armed` says that its table is there. `policy` is the text of the guard's policy, None where none was asked for or read.
    """

    sysctls: Mapping[str, int] = {}
    limits: int | None = None
    connections: tuple[int, int] | None = None
    now: float = 0.0
    until: float = 0.0
    armed: bool = False
    systemd: bool = False
    policy: str | None = None


def read(text: str) -> HostTold:
    """Return the facts of an answer; raises `Invalid` for one that is cut off or none of ours."""
    head, mark, policy = text[:_MOST].partition(f"\n{POLICY}\n")
    rows = [line.split() for line in head.splitlines()]
    if not any(row == [END] for row in rows):
        raise Invalid("The host did not answer as asked: its answer has no end.")
    words = {" ".join(row[:-1]): row[-1] for row in rows if len(row) > 1}
    return HostTold(
        sysctls={key.removeprefix("sysctl "): _number(value) for key, value in words.items() if key.startswith("sysctl ")},
        limits=_number(words["limits"]) if "limits" in words else None,
        connections=(_number(words["tracked"]), _number(words["trackable"])) if {"tracked", "trackable"} <= words.keys() else None,
        now=float(_number(words.get("now", "0"))), until=float(_number(words.get("until", "0"))), armed=words.get("armed") == "yes", systemd=words.get("systemd") == "yes",
        policy=policy if mark else None,
    )  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0
