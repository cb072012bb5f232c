"""Faults by script: which calls meet one, and what it does to them."""

import enum
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

import msgspec

from vedette.instruments.hetzner.fake.calls import Call


class Harm(enum.StrEnum):
    """What a fault does to a call."""

    ERROR = "error"  # an error in the API's own shape
    HTML = "html"  # a page of some proxy instead of JSON
    HANG = "hang"  # no answer for `seconds`
    DROP = "drop"  # the connection ends without an answer
    SKEW = "skew"  # the `Date` header is `seconds` off
    EXTRA = "extra"  # `fields` stand in every object of the answer
    INEFFECTIVE = "ineffective"  # the action succeeds and changes nothing
    FAILS = "fails"  # the action fails at its end
    SLOW = "slow"  # the action takes `factor` times as long


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault: it meets the calls of a method (any where empty) and a path (`/firewalls/*/actions/set_rules`).

    The first `after` such calls are spared, then it befalls `times` of them (0: all). With `done` the change is made
    although the answer is an error, HTML, late or never.
    """

    harm: Harm
    method: str = ""
    path: str = "*"
    after: int = 0
    times: int = 1
    done: bool = False
    status: int = 500
    code: str = "server_error"
    message: str = "the fake was told to fail"
    seconds: float = 60
    factor: float = 10
    fields: Mapping[str, object] = {}


class Script:
    """The faults that are to come, with how often each was met."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._met: list[tuple[Fault, int]] = [(fault, 0) for fault in faults]

    def add(self, *faults: Fault) -> None:
        """Put more faults in line."""
        self._met.extend((fault, 0) for fault in faults)

    def clear(self) -> None:
        """Forget all that is to come."""
        self._met.clear()

    def meet(self, call: Call) -> list[Fault]:
        """Return the faults that befall a call, and count it."""
        befallen = []
        for place, (fault, met) in enumerate(self._met):
            if _fits(fault, call):
                self._met[place] = (fault, met + 1)
                if met >= fault.after and (not fault.times or met < fault.after + fault.times):
                    befallen.append(fault)
        return befallen


def _fits(fault: Fault, call: Call) -> bool:
    return fault.method in {"", call.method} and fnmatchcase(call.path, fault.path)
