"""Locks in repositories: told apart into those of somebody at work and of somebody proven gone, who alone is unlocked."""

import contextlib
from collections.abc import Iterator

from vedette.instruments.backup import holders
from vedette.instruments.backup.types import Failed, Store, Tools
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
        if held is None:
            raise
        verdict = holders.judged(held)
        failure = Failure.STALE_LOCK if verdict.gone else Failure.LOCKED
        raise Failed(failure, f"{str(error).rstrip('.')}. {verdict.why}", error.output) from error


def unlock(work: Work) -> str:
    """Break the lock of a copy whose holder is proven gone, and say so; raises `Failed(LOCKED)` where that is not proven."""
    tools = Timer(work.plan.limits.seconds).tools(work.tools)
    tell(tools, "Looking who holds the repository")
    store = work.open(tools)
    held = store.lock(tools)
    if held is None:
        return f"Nobody holds {work.repository.name}."
    verdict = holders.judged(held)
    if not verdict.gone:
        raise Failed(Failure.LOCKED, f"{held.text or work.repository.name}: {verdict.why}")
    store.unlock(tools)
    if store.lock(tools) is not None:
        raise Failed(
            Failure.LOCKED, f"{verdict.why} The lock was broken, and somebody else holds the repository now."
        )
    return f"The lock is broken. {verdict.why}"
