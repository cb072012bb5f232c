"""Reads Vedette's own vital signs from the ports and rooms; `health` judges them."""

import shutil
from collections.abc import Callable

from vedette.accounts import service as accounts
from vedette.certificates import service as certificates
from vedette.errors.types import GROUP
from vedette.notify import service as notify
from vedette.plumbing.ports import ports
from vedette.web.health import Vitals


def _none() -> tuple[str, ...]:
    return ()


def _nobody(_: float) -> int:
    return 0


class _Watched:
    stopped_roles: Callable[[], tuple[str, ...]] = staticmethod(_none)
    crowded_senders: Callable[[float], int] = staticmethod(_nobody)


def watch_roles(stopped: Callable[[], tuple[str, ...]]) -> None:
    """Have `stopped()` tell which threads of this process do not run well; whoever starts them says so here."""
    _Watched.stopped_roles = staticmethod(stopped)


def watch_senders(crowded: Callable[[float], int]) -> None:
    """Have `crowded(now)` tell how many senders of alerts were refused some lately; the front door says so here."""
    _Watched.crowded_senders = staticmethod(crowded)


def read(now: float, last_event_at: float | None, usual_per_hour: float, failing_channels: int) -> Vitals:
    """Return the vital signs of now; what the rooms know already is handed in."""
    here = ports()
    digest, outbox = here.log.lag(GROUP), notify.lag()
    return Vitals(
        waiting=digest.waiting,
        waiting_since=digest.oldest,
        outbox=outbox.waiting,
        outbox_since=outbox.oldest,
        failing_channels=failing_channels,
        last_event_at=min(last_event_at, now) if last_event_at is not None else None,
        usual_per_hour=usual_per_hour,
        free_bytes=shutil.disk_usage(here.settings.data).free if here.settings.data.is_dir() else None,
        min_free_bytes=here.settings.min_free_disk_bytes,
        stopped_roles=_Watched.stopped_roles(),
        crowded_senders=_Watched.crowded_senders(now),
        password_filter=accounts.filter_problem(),
        certificate=certificates.trouble(now),
    )
