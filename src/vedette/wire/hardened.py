"""What a host tells of what hardening set on it, and what it is asked to do where that is not so any more.

An agent tells of it only after its server gave it `InfraOrders`: a server that is older than this is never told what it cannot read.
"""

import enum
from collections.abc import Mapping

import msgspec

from vedette.wire.infra import Waiver
from vedette.wire.witness import Looks, Witness

MOST_DRIFT = 200  # that a host tells at once
EVERY = 900.0  # seconds between two rounds of connections that a host tries
LEAST_EVERY, MOST_LOOKS = 60.0, 500


class DriftKind(enum.StrEnum):
    """What it is that is not as hardening set it; `access` is a mode or an owner alone."""

    FILE = "file"
    ACCESS = "access"
    RULESET = "ruleset"
    SYSCTL = "sysctl"
    UNIT = "unit"
    PACKAGE = "package"


class HostDrift(msgspec.Struct, frozen=True, kw_only=True):
    """Something on a host is not as hardening set it.

    `key` names it (`file:/etc/ssh/sshd_config.d/00-vedette.conf`), `measure` who set it. `before` and `after` are a few lines
    each, secrets masked; `after` is empty where it is gone. `since` is when it changed as far as the host tells, `seen_at` when
    it was seen. `by` is who did it as far as the host tells; empty: nobody knows.
    """

    key: str
    kind: DriftKind
    name: str
    measure: str
    since: float
    seen_at: float
    before: str = ""
    after: str = ""
    by: str = ""


class HardeningTold(msgspec.Struct, frozen=True, kw_only=True, tag="hardened"):
    """How a host stands against what hardening set: when and by which profile, scores before and after, how much by measure,
    what was waived and why, what a second look still found to do, and all that drifted (`more`: that found no room).

    `set_at` is 0 on a host that was never hardened; the rest is empty then. `reverted_at` is when a run took itself back last (0: none).
    """

    at: float
    set_at: float = 0.0
    profile: str = ""
    before: float = 0.0
    after: float = 0.0
    measures: Mapping[str, int] = {}
    waived: tuple[Waiver, ...] = ()
    left: tuple[str, ...] = ()
    drift: tuple[HostDrift, ...] = ()
    more: int = 0
    reverted_at: float = 0.0


class Witnessed(msgspec.Struct, frozen=True, kw_only=True, tag="witnessed"):
    """What a host tells of itself, and what came of the connections that it tried."""

    at: float
    witness: Witness


class HardeningAct(enum.StrEnum):
    """What is done about drift: put back what hardening set, or take what is there for what should be."""

    REVERT = "revert"
    ADOPT = "adopt"


class HardeningRun(msgspec.Struct, frozen=True, kw_only=True, tag="hardening"):
    """How an act about drift fares: it runs (`state` is running), is done, or failed; a sentence, and what was done, a line each."""

    at: float
    id: str
    act: HardeningAct
    state: str
    sentence: str = ""
    lines: tuple[str, ...] = ()


class HardeningOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An act about drift that a host is to do once, never after `until`; `keys` are of `HostDrift`, none means all there is."""

    id: str
    act: HardeningAct
    until: float
    keys: tuple[str, ...] = ()
    by: str = ""


class InfraOrders(msgspec.Struct, frozen=True, kw_only=True):
    """All that a host is told of infrastructure: which connections to try and every how many seconds, and acts that wait."""

    looks: Looks = Looks(spot="")
    every: float = EVERY
    asked: tuple[HardeningOrder, ...] = ()
