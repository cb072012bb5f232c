"""Locks in repositories: told apart into those of somebody at work and of somebody proven gone, who alone is unlocked."""

import contextlib
from collections.abc import Iterator

from vedette.instruments.backup.types import Failed, Held, Store, Tools
from vedette.instruments.backup.working import Timer, Work, tell
from vedette.wire.backup import Failure


@contextlib.contextmanager
def lock_told(store: Store, tools: Tools) -> Iterator[None]:
    """Say of a lock that stopped the block whether its holder is proven gone (STALE_LOCK) or may be at work (LOCKED)."""
    try:
        yield
    except Failed as error:
        if error.failure is not Failure.LOCKED:
            raise
        held = store.lock(tools)
        gone, why = (False, "") if held is None else _gone(held)
        failure = Failure.STALE_LOCK if gone else Failure.LOCKED
        raise Failed(failure, f"{str(error).rstrip('.')}. {why}".strip(), error.output) from error


def unlock(work: Work) -> str:
    """Break the lock of a copy whose holder is proven gone, and say so; raises `Failed(LOCKED)` where that is not proven."""
    tools = Timer(work.plan.limits.seconds).tools(work.tools)
    tell(tools, "Looking who holds the repository")
    store = work.open(tools)
    held = store.lock(tools)
    if held is None:
        return f"Nobody holds {work.repository.name}."
    gone, why = _gone(held)
    if not gone:
        raise Failed(Failure.LOCKED, why)
    store.unlock(tools)
    if store.lock(tools) is not None:
        raise Failed(
            Failure.LOCKED, f"{why} The lock was broken, and somebody else holds the repository now."
        )
    return f"The lock is broken. {why}"


def _gone(held: Held) -> tuple[bool, str]:
    """Return whether a holder is proven gone, and the reason."""
    raise NotImplementedError
