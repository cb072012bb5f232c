"""How many pushed alerts each sender has alive, so that one that invents label sets without end hurts nobody else.

Kept in memory: after a restart it fills again as senders tell again what fires, which they do every few minutes.
"""

from collections.abc import Sequence

import msgspec

from vedette.intake import quota
from vedette.intake.ports import ProjectKey
from vedette.intake.quota import Window
from vedette.wire.alertmanager import PushedAlert

LATELY = 600.0
_SWEEP_EVERY = 5.0


class Taken(msgspec.Struct, frozen=True):
    """The alerts that may come in, how many may not, and why not (empty when all may)."""

    alerts: tuple[PushedAlert, ...]
    refused: int = 0
    reason: str = ""


class _Own(msgspec.Struct):
    """What is known of one sender: until when each of its label sets is alive, and what it sent lately."""

    alive: dict[int, float] = {}
    window: Window = Window()
    swept_at: float = 0.0
    refused_at: float | None = None


class Crowd:
    """Admits alerts sender by sender; lives on the event loop's thread alone."""

    def __init__(self, most_alive: int, per_minute: int) -> None:
        self._most, self._per_minute = most_alive, per_minute
        self._senders: dict[str, _Own] = {}

    def admit(self, sender: str, alerts: Sequence[PushedAlert], now: float) -> Taken:
        """Decide about the alerts of one request; what is alive already, or over, always finds room."""
        own = self._senders.setdefault(sender, _Own())
        own.window = quota.at(own.window, now)
        admission = quota.admit(ProjectKey(sender, 0), own.window, now, len(alerts), self._per_minute)
        if not admission.allowed:
            own.refused_at = now
            reason = f"More than {self._per_minute} alerts a minute (max_alerts_per_minute)."
            return Taken((), len(alerts), reason)
        own.window = msgspec.structs.replace(own.window, current=own.window.current + len(alerts))
        taken = tuple(alert for alert in alerts if self._has_room(own, alert, now))
        refused = len(alerts) - len(taken)
        if refused:
            own.refused_at = now
        return Taken(taken, refused, self._crowded() if refused else "")

    def refused_lately(self, now: float) -> int:
        """Return how many senders had alerts refused in the last ten minutes."""
        instants = [own.refused_at for own in [*self._senders.values()]]
        return sum(1 for at in instants if at is not None and now - at < LATELY)

    def _has_room(self, own: _Own, alert: PushedAlert, now: float) -> bool:
        name = hash(frozenset(alert.labels.items()))  # 64 bits, seeded anew in each process
        if alert.ends <= now:
            own.alive.pop(name, None)
            return True
        if name not in own.alive and len(own.alive) >= self._most:
            self._sweep(own, now)
            if len(own.alive) >= self._most:
                return False
        own.alive[name] = alert.ends
        return True

    def _sweep(self, own: _Own, now: float) -> None:
        if now - own.swept_at >= _SWEEP_EVERY:
            own.swept_at = now
            own.alive = {name: ends for name, ends in own.alive.items() if ends > now}

    def _crowded(self) -> str:
        return (
            f"This key or token has {self._most} alerts alive, the most it may have (max_alerts_per_key);"
            " those go on. Give alerts fewer labels whose values change, or raise the setting."
        )
