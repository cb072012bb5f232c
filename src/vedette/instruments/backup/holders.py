"""Who this host is and which of its processes run: what `unlocking` decides by."""

import contextlib
import socket
from collections.abc import Iterable
from pathlib import Path

from vedette.instruments.backup import unlocking
from vedette.instruments.backup.failing import MEANS
from vedette.instruments.backup.types import Failed, Held
from vedette.instruments.backup.unlocking import Here, Verdict
from vedette.wire.backup import Failure

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def here() -> Here:
    """Return who this host is."""
    import psutil  # not for those who only read a plan

    name = socket.gethostname()
    return Here(names=frozenset({name, socket.getfqdn(name)}), boot=boot(), booted_at=psutil.boot_time())


def boot() -> str:
    """Return the id of this host's present start, empty where the kernel has none."""
    with contextlib.suppress(OSError):
        return _BOOT.read_text().strip()
    return ""


def judged(held: Held) -> Verdict:
    """Tell whether the holder of a lock is proven gone."""
    return unlocking.decide(held, here(), _began(held.pid))


def firmest(locks: Iterable[Held]) -> Held | None:
    """Return the lock whose holder is most likely alive: it decides whether all may be broken."""
    return min(locks, key=lambda held: (judged(held).gone, held.since or 0.0), default=None)


def locked(held: Held | None, why: str, output: str) -> Failed:
    """Return what is said of a repository that is locked: STALE_LOCK only where the holder is proven gone."""
    if held is None:
        return Failed(Failure.LOCKED, f"{MEANS[Failure.LOCKED][0]}: {why}", output)
    verdict = judged(held)
    failure = Failure.STALE_LOCK if verdict.gone else Failure.LOCKED
    return Failed(failure, f"{MEANS[failure][0]}: {held.text}. {verdict.why}", output)


def _began(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid) if pid > 0 else None
        # One that ended and that nobody asked about yet works no more: in a container that may last for ever.
        over = process is None or process.status() == psutil.STATUS_ZOMBIE
        return None if process is None or over else float(process.create_time())
    except psutil.NoSuchProcess:
        return None
