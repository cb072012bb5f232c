"""What hardening set, put back on this host: kept where people still get in, taken back at once where not, or by a timer."""

from collections.abc import Callable, Collection
from pathlib import Path

from vedette.core.clock import Clock
from vedette.instruments.hardened.types import HardeningManifest, TableStandard, key_of
from vedette.instruments.live.types import Live

MINUTES = 5.0
_RULES = "/etc/nftables"

Putting = Callable[[HardeningManifest, Collection[str]], tuple[bool, str, tuple[str, ...]]]


class Reverting:
    """Puts standards back. `state` is our folder, `live` is how this host is looked at."""

    def __init__(self, state: Path, clock: Clock, live: Callable[[float], Live] | None = None) -> None:
        self._state, self._clock, self._live = state, clock, live

    def __call__(
        self, manifest: HardeningManifest, keys: Collection[str]
    ) -> tuple[bool, str, tuple[str, ...]]:
        """Put back what these keys name; return whether it is so now, a sentence, and what was done. Raises `VedetteError`.

        What it takes is loaded here: an agent that puts nothing back starts without it.
        """
        from vedette.instruments.harden import manifesting, planning, proving, working
        from vedette.instruments.harden.here import Here
        from vedette.instruments.harden.types import Ended
        from vedette.instruments.live.host import HostLive
        from vedette.instruments.packets import people

        standards = [one for one in manifest.standards if key_of(one) in keys]
        changed = any(
            isinstance(one, TableStandard) or key_of(one).startswith(f"file:{_RULES}") for one in standards
        )
        look = self._live or HostLive
        before = proving.doors(look(self._clock.now()), people.present().sessions)
        ended, reason = working.put_back(
            Here(self._state), manifesting.putting_back(standards), MINUTES,
            lambda: proving.why_not(before, look(self._clock.now()), rules_changed=changed),
        )  # fmt: skip
        done = ended is Ended.KEPT
        lines = planning.lines(manifesting.putting_back(standards).planned) if done else []
        return done, reason, tuple(lines)
