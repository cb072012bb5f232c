"""Plans that their hosts do not take, and why."""

from vedette.plumbing.ports import ports

_KEY = "backups/refused/"


def put(plan: int, why: str) -> None:
    """Remember why a host does not take a plan; an empty text: it does."""
    held = of(plan)
    if held != why[:1_000]:
        ports().kv.put(f"{_KEY}{plan}", why[:1_000].encode())


def of(plan: int) -> str:
    """Return why a host does not take a plan; empty where it does, or said nothing."""
    held = ports().kv.get(f"{_KEY}{plan}")
    return held.value.decode() if held is not None and held.value else ""
