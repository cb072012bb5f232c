"""Which hooks there are, for the front door: the database is asked off the event loop, and rarely."""

import asyncio

from vedette.alerts.hooks import service as hooks
from vedette.alerts.hooks.types import AlertHook
from vedette.core.clock import monotonic
from vedette.core.errors import NotFound
from vedette.intake.ports import Hook
from vedette.wire.hooks import mapping

_LOOK_AGAIN = 0.5  # seconds; as long as a hook that is gone may still be heard
_MOST_KEPT = 1_000


class HookDesk:
    """Implements `intake.ports.HookBook`; what was looked up is remembered for half a second."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Hook | None]] = {}

    async def find(self, name: str) -> Hook | None:
        """Return the hook of a name, or None."""
        tick = monotonic()
        known = self._known.get(name)
        if known is not None and tick - known[0] < _LOOK_AGAIN:
            return known[1]
        found = await asyncio.to_thread(_look_up, name)
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[name] = (tick, found)
        return found

    def came(self, name: str, body: bytes, said: str, now: float) -> None:
        """Remember a body that came, and in words what became of it."""
        hooks.came(name, body, said, now)


def _look_up(name: str) -> Hook | None:
    try:
        return _for_the_door(hooks.hook(name))
    except NotFound:
        return None


def _for_the_door(found: AlertHook) -> Hook:
    return Hook(found.name, found.secret, mapping.shape(found.mapping), found.enabled)
