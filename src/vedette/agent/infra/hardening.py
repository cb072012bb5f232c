"""What hardening set on this host, watched every second and told; put back or adopted when the server orders it.

Nothing is told before the server's first orders: one that knows nothing of this could not read it.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vedette.agent.config import Config
from vedette.agent.infra.reverting import Putting, Reverting
from vedette.agent.rounds import REST, Voices
from vedette.core.clock import monotonic
from vedette.core.errors import Invalid, VedetteError
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.logs.sources.types import Standing
from vedette.wire.hardened import HardeningAct, HardeningOrder, HardeningRun, InfraOrders

if TYPE_CHECKING:
    from vedette.instruments.hardened.watching import Watch

EVERY, DAY = 1.0, 86_400.0
KEPT = "hardened.json"
_MOST, _LINES = 100, 50  # orders that are remembered, lines of what was done
_REFUSED = "This host does not let its server do that: [infra] revert = false in {file}."


class Hardening:
    """Implements `ports.Follows`. `order` may be called by any thread; `make` and `put_back` are used by the one that runs."""

    def __init__(
        self, config: Config, voices: Voices, witnesses: Witnesses, *, make: "Callable[[], Watch] | None" = None,
        put_back: Putting | None = None,
    ) -> None:  # fmt: skip
        self._config = config
        self._reports, self._clock, self._say = voices
        self._make = make or (lambda: _watch(config, witnesses))
        self._put_back = put_back or Reverting(config.state, voices.clock)
        self._ordered, self._stopping = threading.Event(), threading.Event()
        self._waiting: deque[HardeningOrder] = deque(maxlen=_MOST)
        self._known: deque[str] = deque(maxlen=_MOST)
        self._again = False
        self._failed = ""

    def order(self, orders: InfraOrders | None) -> None:
        """Take what the server says; None: as before. Its first word makes this host tell how it stands."""
        if orders is None:
            return
        for one in orders.asked:
            if one.id not in self._known:
                self._known.append(one.id)
                self._waiting.append(one)
        self._again = self._again or not self._ordered.is_set()
        self._ordered.set()

    def run(self) -> None:
        """Watch until `stop`, from the server's first word on."""
        while not self._ordered.wait(EVERY):
            if self._stopping.is_set():
                return
        watch = self._make()
        due = 0.0
        try:
            while not self._stopping.is_set():
                if self._again or monotonic() >= due:
                    self._again, due = False, monotonic() + DAY
                    watch.again()
                self._stopping.wait(EVERY if self._stepped(watch) else REST)
        finally:
            watch.close()

    def stop(self) -> None:
        """End `run` soon."""
        self._stopping.set()

    def standings(self) -> Sequence[Standing]:
        """Return nothing: it follows no lines."""
        return ()

    def _stepped(self, watch: "Watch") -> bool:
        """Do what is ordered, and look; what goes wrong is said once, and tried again."""
        try:
            while self._waiting and not self._stopping.is_set():
                self._act(watch, self._waiting.popleft())
            told = watch.look(self._clock.now())
        except (VedetteError, OSError) as error:
            if self._failed != str(error):
                self._say(f"What hardening set is not watched: {error}")
            self._failed = str(error)
            return False
        self._failed = ""
        if told is not None:
            self._reports.report([told])
        return True

    def _act(self, watch: "Watch", order: HardeningOrder) -> None:
        if self._clock.now() >= order.until:
            return
        self._tell(order, "running")
        try:
            if not self._config.infra.revert:
                raise Invalid(_REFUSED.format(file=self._config.file))
            done, sentence, lines = self._done(watch, order)
        except (VedetteError, OSError) as error:
            done, sentence, lines = False, str(error), ()
        self._tell(order, "done" if done else "failed", sentence, lines)
        watch.again()

    def _done(self, watch: "Watch", order: HardeningOrder) -> tuple[bool, str, tuple[str, ...]]:
        now = self._clock.now()
        manifest = watch.manifest(now)
        keys = watch.drifting(order.keys)
        if manifest is None or not keys:
            return True, "Nothing of that drifts any more.", ()
        if order.act is HardeningAct.ADOPT:
            taken = watch.adopt(keys, now)
            return True, f"What is there counts from now on: {len(taken)} taken over.", taken
        return self._put_back(manifest, keys)

    def _tell(self, order: HardeningOrder, state: str, sentence: str = "", lines: Sequence[str] = ()) -> None:
        self._reports.report(
            [
                HardeningRun(
                    at=self._clock.now(), id=order.id, act=order.act, state=state, sentence=sentence[:1000],
                    lines=tuple(each[:300] for each in lines[:_LINES]),
                )
            ]
        )  # fmt: skip


def _watch(config: Config, witnesses: Witnesses) -> "Watch":
    """What watches is loaded where a server wants to hear of it."""
    from vedette.instruments.hardened.watching import Watch
    from vedette.instruments.hardened.who import Who

    return Watch(config.state / KEPT, Who(witnesses))
