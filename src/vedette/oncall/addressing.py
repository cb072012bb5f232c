"""People by their e-mail addresses and calendars by their names, as the REST API and files write them."""

from collections.abc import Mapping, Sequence

from vedette.accounts import service as accounts
from vedette.core.errors import Invalid
from vedette.oncall.store import calendars as store


def emails() -> Mapping[int, str]:
    """Return the address of everybody, those who left as well: schedules may still name them."""
    return {one.ref.id: one.ref.email for one in accounts.users()}


def person(email: str) -> int:
    """Return who has an address; raises `Invalid`."""
    return _ids([email], _known())[0]


def turns(people: Sequence[Sequence[str]]) -> tuple[tuple[int, ...], ...]:
    """Return the turns of addresses as ids; raises `Invalid` naming the one nobody has."""
    known = _known()
    return tuple(_ids(turn, known) for turn in people)


def calendar(name: str) -> int | None:
    """Return the calendar of a name, None for an empty one; raises `Invalid`."""
    if not name:
        return None
    found = next((one.id for one in store.every() if one.name == name), None)
    if found is None:
        raise Invalid(f"There is no calendar named {name[:80]!r}.", {"calendar": "unknown"})
    return found


def calendar_names() -> Mapping[int, str]:
    """Return the names of calendars."""
    return {one.id: one.name for one in store.every()}


def _known() -> Mapping[str, int]:
    return {one.email.casefold(): one.id for one in accounts.user_refs().values()}


def _ids(turn: Sequence[str], known: Mapping[str, int]) -> tuple[int, ...]:
    missing = [email for email in turn if email.strip().casefold() not in known]
    if missing:
        raise Invalid(
            f"Nobody in the team has the address {missing[0][:80]!r}.", {"people": "unknown address"}
        )
    return tuple(known[email.strip().casefold()] for email in turn)
