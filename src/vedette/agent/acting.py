"""What is done about detections on this host: the rule's answer is decided, enforced and told by `bans`."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard

from vedette.agent.bans import Bans
from vedette.agent.desk import Desk
from vedette.agent.detect.types import Rule
from vedette.wire.agent.deciding.types import Left, Response
from vedette.wire.agent.types import Decision, Detection, Lifted, Measure, Report, Scope

ShutOut = Callable[[str, float], None]


def bare(value: str) -> str:
    """Return an address of whom a decision about addresses is: an IPv6 client is its /64."""
    return value.partition("/")[0]


def _shuts_out(one: Decision | Left) -> TypeGuard[Decision]:
    """Tell whether an address is answered by us from now on: a throttle or captcha that nobody puts in force hides nothing."""
    return (
        isinstance(one, Decision)
        and one.measure is Measure.BAN
        and one.scope is Scope.ADDRESS
        and not one.simulated
    )


class Tells:
    """Tells the server what became of bans; of one that was lifted, `forget` hears the address as well."""

    def __init__(self, report: Callable[[Sequence[Report]], None], forget: Callable[[str], None]) -> None:
        self._report, self._forget = report, forget

    def __call__(self, report: Report) -> None:
        """Pass on one report; from any thread."""
        self._report([report])
        if isinstance(report, Lifted) and report.scope is Scope.ADDRESS:
            self._forget(bare(report.value))


class Acting:
    """Implements `ports.Decides`. `shut_out` hears whom we answer ourselves from now on, and until when."""

    def __init__(self, bans: Bans, desk: Desk, rules: Mapping[str, Rule], shut_out: ShutOut) -> None:
        self._bans, self._desk, self._rules, self._shut_out = bans, desk, rules, shut_out
        self._now = 0.0

    def start(self, now: float) -> None:
        """Put in force what stood before, with the same ends, and hear people on this host."""
        self._now = now
        self._bans.start(now)
        self._desk.start()

    def consider(self, detection: Detection, now: float) -> None:
        """Do what the rule says about a detection."""
        rule = self._rules.get(detection.rule)
        if rule is None or rule.measure is Measure.NOTE:
            return
        response = Response(measure=rule.measure, first=rule.duration or Response().first, crowd=rule.crowd)
        for one in self._bans.consider(detection, response, now):
            if _shuts_out(one):
                self._shut_out(bare(one.value), one.until)

    def tick(self, now: float) -> None:
        """Do what time brings."""
        self._now = now
        self._bans.tick(now)

    def close(self) -> None:
        """Keep what stands; it stays in force."""
        self._desk.close()
        self._bans.close(self._now)
