"""Lists of others: added by people, read in their rhythm from files or URLs; what cannot be read leaves what was read before."""

from pathlib import Path

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Invalid, NotFound, VedetteError
from vedette.intrusions import reading, signal
from vedette.intrusions.reading import Listed
from vedette.intrusions.settling import settle
from vedette.intrusions.sheltering import shelter
from vedette.intrusions.store import lists
from vedette.intrusions.types import DAY, HOUR, Blocklist
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.net.port import NetError
from vedette.plumbing.ports import ports
from vedette.signals import service as signals

SHORTEST, MOST_LISTS = 600.0, 50
_DEADLINE = 30.0


def add(actor: Actor, name: str, source: str, every: float, lasts: float, now: float) -> None:  # noqa: PLR0917
    """Add a list: a URL, or a file below a folder that the setting `check_folders` names; raises `Invalid`, `Conflict`."""
    require(actor, Verb.HOST_WRITE)
    _check(name, source, every, lasts)
    if len(lists.lists()) >= MOST_LISTS:
        raise Invalid(f"There are {MOST_LISTS} lists, which is the most.", {"name": "too many"})
    one = Blocklist(
        id=0, name=name, source=source, every=every, lasts=lasts, by=actor.name or actor.kind.value
    )
    with transaction():
        lists.add(one)
        accounts.audit(actor, "blocklist.add", name, {"source": source}, now)


def remove(actor: Actor, name: str, now: float) -> None:
    """Remove a list; what only it named is banned no longer."""
    require(actor, Verb.HOST_WRITE)
    one = find(name)
    with transaction():
        settle(lists.remove(one.id), now)
        if one.problem:
            signals.publish([signal.of_list(one.name, "", now)], now)
        accounts.audit(actor, "blocklist.remove", name, {"source": one.source}, now)


def find(name: str) -> Blocklist:
    """Return the list of a name; raises `NotFound`."""
    found = lists.by_name(name)
    if found is None:
        raise NotFound(f"There is no list {name[:40]}.")
    return found


def read_due(now: float, *, name: str = "") -> int:
    """Read the lists whose time has come, or the one that is named; return how many were read."""
    due = [
        one
        for one in lists.lists()
        if one.enabled
        and (one.name == name or (not name and (one.checked_at is None or now - one.checked_at >= one.every)))
    ]
    for one in due:
        _read(one, now)
    return len(due)


def drop_over(now: float) -> int:
    """Forget what lists named and is over."""
    return lists.over(now)


def _read(one: Blocklist, now: float) -> None:
    try:
        found = reading.read(_text(one.source), shelter(now))
    except (VedetteError, OSError, ValueError) as error:
        _fail(one, str(error)[:300], now)
        return
    _take(one, found, now)


def _text(source: str) -> str:
    """Return the text of a list; raises `NetError`, `Invalid`, OSError."""
    if not source.startswith(("http://", "https://")):
        with _file(source).open("rb") as file:
            return _bounded(file.read(reading.MOST_BYTES + 1)).decode("utf-8", "replace")
    answer = ports().net.request(
        "GET", source, headers={"accept": "text/plain"}, deadline=_DEADLINE, max_bytes=reading.MOST_BYTES + 1
    )
    if answer.status != 200:
        raise NetError(f"It answered {answer.status}.", permanent=False)
    return _bounded(answer.body).decode("utf-8", "replace")


def _bounded(body: bytes) -> bytes:
    if len(body) > reading.MOST_BYTES:
        raise Invalid(f"It has more than {reading.MOST_BYTES // 1024 // 1024} MiB.")
    return body


def _fail(one: Blocklist, problem: str, now: float) -> None:
    with transaction():
        lists.read(one.id, checked_at=now, problem=problem)
        if not one.problem:
            signals.publish([signal.of_list(one.name, problem, now)], now)


def _take(one: Blocklist, found: Listed, now: float) -> None:
    """Write what a list names. What it named before is prolonged only once half of its time is over: the feed stays quiet."""
    with transaction():
        before = lists.entries(one.id)
        gone = [target for target in before if target not in found.found]
        fresh = [t for t in found.found if t not in before or before[t] - now < one.lasts / 2]
        lists.unname(one.id, gone)
        lists.name(one.id, fresh, now + one.lasts)
        settle([*gone, *fresh], now)
        lists.read(one.id, checked_at=now, read_at=now, entries=len(found.found), left=found.left, problem="")
        if one.problem:
            signals.publish([signal.of_list(one.name, "", now)], now)


def _check(name: str, source: str, every: float, lasts: float) -> None:
    if not 1 <= len(name) <= 40 or not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise Invalid("A name has up to 40 letters, digits, - and _.", {"name": "letters, digits, - and _"})
    if not SHORTEST <= every <= 30 * DAY:
        raise Invalid(
            "A list is read every ten minutes at most, and every 30 days at least.", {"every": "out of range"}
        )
    if not HOUR <= lasts <= 90 * DAY or lasts < every:
        raise Invalid(
            "What a list names counts for an hour to 90 days, and not shorter than it is read anew.",
            {"lasts": "out of range"},
        )
    if len(source) > 500 or not source.isprintable():
        raise Invalid("A source is a URL or the path of a file.", {"source": "too long"})
    if not source.startswith(("http://", "https://")):
        _file(source)


def _file(source: str) -> Path:
    """Return a file that may be read; raises `Invalid` for one outside the folders that are named for that."""
    path = Path(source)
    folders = [Path(one).resolve() for one in ports().settings.checked_folders]
    if not path.is_absolute() or not any(path.resolve().is_relative_to(one) for one in folders):
        raise Invalid(
            "A list is a URL (https://…) or a file in a folder that the setting check_folders names.",
            {"source": "not allowed"},
        )
    return path.resolve()
