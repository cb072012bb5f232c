"""Plans that their hosts do not take, and why."""

from vedette.plumbing.ports import ports

_KEY = "backups/refused/"


def put(plan: int, why: str, *, guest: bool = False) -> None:
    """Remember why a host (`guest`: the one that proves it for another) does not take a plan; an empty text: it does."""
    held = of(plan, guest=guest)
    if held != why[:1_000]:
        ports().kv.put(_place(plan, guest=guest), why[:1_000].encode())


def of(plan: int, *, guest: bool = False) -> str:
    """Return why a host does not take a plan; empty where it does, or said nothing."""
    held = ports().kv.get(_place(plan, guest=guest))
    return held.value.decode() if held is not None and held.value else ""


def _place(plan: int, *, guest: bool) -> str:
    return f"{_KEY}{plan}/guest" if guest else f"{_KEY}{plan}"
