"""Plans that their hosts do not take, and why."""

from collections.abc import Mapping

from vedette.plumbing.ports import ports

_KEY = "backups/refused/"


def put(plan: int, why: str, *, guest: bool = False) -> None:
    """Remember why a host (`guest`: the one that proves it for another) does not take a plan; an empty text: it does."""
    held = ports().kv.get(_place(plan, guest=guest))
    if why[:1_000] != (held.value.decode() if held is not None and held.value else ""):
        ports().kv.put(_place(plan, guest=guest), why[:1_000].encode())


def every() -> dict[str, str]:
    """Return all that is refused, for `told`."""
    return {one.key: one.value.decode() for one in ports().kv.watch(_KEY, 0) if one.value}


def told(found: Mapping[str, str], plan: int, *, guest: bool = False) -> str:
    """Return why a host does not take a plan; empty where it does, or said nothing."""
    return found.get(_place(plan, guest=guest), "")


def _place(plan: int, *, guest: bool) -> str:
    return f"{_KEY}{plan}/guest" if guest else f"{_KEY}{plan}"
