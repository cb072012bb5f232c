"""The quotas' memory: what each key let in lately, and what is still on its way to the disk."""

from vedette.intake import quota
from vedette.intake.ports import ProjectKey, Usage
from vedette.intake.quota import Admission, Window


class Gate:
    """Admits events one by one; lives on the event loop's thread alone."""

    def __init__(self, usage: Usage, default_per_minute: int) -> None:
        self._usage = usage
        self._default = default_per_minute
        self._windows: dict[str, Window] = {}
        self._pending: dict[int, int] = {}

    def admit(self, key: ProjectKey, now: float) -> Admission:
        """Decide about one more event of a key; an admitted one counts at once and is pending until `settle`."""
        window = quota.at(self._windows.get(key.key, Window()), now)
        day = 0
        if key.per_day is not None:
            day = self._usage.today(key.project, now) + self._pending.get(key.project, 0)
        seen = Window(window.minute, window.current, window.previous, day)
        admission = quota.admit(key, seen, now, 1, self._default)
        if admission.allowed:
            self._windows[key.key] = Window(window.minute, window.current + 1, window.previous)
            self._pending[key.project] = self._pending.get(key.project, 0) + 1
        return admission

    def settle(self, key: ProjectKey, n: int) -> None:
        """Say that `n` admitted events are counted by usage now, or will never be."""
        left = self._pending.get(key.project, 0) - n
        if left > 0:
            self._pending[key.project] = left
        else:
            self._pending.pop(key.project, None)


def rate_limits(admission: Admission, category: str) -> str:
    """Return a refusal as X-Sentry-Rate-Limits tells it: `seconds:categories:scope:reason`."""
    return f"{admission.retry_after}:{category}:key:{admission.reason}"
