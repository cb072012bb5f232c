"""What is done about detections on this host: the rule's answer is decided, enforced and told by `bans`."""

from collections.abc import Callable, Mapping

from vedette.agent.bans import Bans
from vedette.agent.desk import Desk
from vedette.agent.detect.types import Rule
from vedette.wire.agent.deciding.types import Response
from vedette.wire.agent.types import Decision, Detection, Measure

ShutOut = Callable[[str, float], None]


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
        response = Response(measure=rule.measure, first=rule.duration or Response().first)
        for one in self._bans.consider(detection, response, now):
            if isinstance(one, Decision) and not one.simulated:
                self._shut_out(one.value, one.until)

    def tick(self, now: float) -> None:
        """Do what time brings."""
        self._now = now
        self._bans.tick(now)

    def close(self) -> None:
        """Keep what stands; it stays in force."""
        self._desk.close()
        self._bans.close(self._now)
