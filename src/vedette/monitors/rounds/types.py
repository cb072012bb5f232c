"""The words between those who check and those who judge; they may be two processes, or two machines."""

from collections.abc import Mapping

import msgspec

from vedette.instruments.probe.types import Request
from vedette.monitors.types import CheckResult

MOST_WAITING = 20_000  # results that are not recorded yet, before the oldest go
# Seconds that checks began after their slots, in spans: the last one is open.
LATE = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Errand(msgspec.Struct, frozen=True, array_like=True):
    """What is checked again and again: a monitor, every how many seconds, and what is asked, with its secrets.

    `retry` is how many seconds after a first failure it is checked again.
    """

    monitor: int
    interval: float
    request: Request
    kind: str = ""
    retry: float = 0.0


class Figures(msgspec.Struct, frozen=True, array_like=True):
    """How the checking goes: checks begun, how many by how late (as `LATE`), seconds late in all, running, waiting, lost.

    `lost` are results that found no room because nobody took them, `broken` checks that ended by a fault of our own.
    """

    begun: int = 0
    late: tuple[int, ...] = (0,) * (len(LATE) + 1)
    late_seconds: float = 0.0
    running: int = 0
    waiting: int = 0
    lost: int = 0
    broken: int = 0


class Orders(msgspec.Struct, frozen=True, array_like=True):
    """What changes for those who check: errands new or changed, monitors that are checked no more, and what is checked soon.

    `soon` are seconds from now. `taken` is the number of the findings that are recorded, 0 for none; `more` says that not
    all that changed is among these.
    """

    put: tuple[Errand, ...] = ()
    drop: tuple[int, ...] = ()
    soon: Mapping[int, float] = {}
    taken: int = 0
    more: bool = False


class Findings(msgspec.Struct, frozen=True, array_like=True):
    """Results that are handed over together. `origin` names the run of a process that numbers them from 1.

    Those of a location have `numbers` one by one, for they may be put together anew before they arrive.
    """

    origin: str
    number: int
    results: tuple[CheckResult, ...]
    figures: Figures = Figures()
    numbers: tuple[int, ...] = ()
