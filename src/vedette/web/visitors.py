"""Who of the team's own users is known at an address: members of Vedette, and people whom events of applications name."""

import contextlib
from collections.abc import Iterable, Mapping

from vedette.accounts import service as accounts
from vedette.core.errors import Unavailable, VedetteError
from vedette.errors import service as errors
from vedette.errors.types import Event, Issue
from vedette.intrusions import service as intrusions
from vedette.projects import service as projects
from vedette.wire.agent.deciding import targets

DAYS = 30 * 86_400.0
MOST_ISSUES, MOST_EVENTS, MOST_ADDRESSES, MOST_PEOPLE = 3, 30, 4, 5
_NAMES = ("email", "username", "name", "id")


def people_at(value: str, now: float) -> tuple[str, ...]:
    """Return who was seen at an address or network in the last 30 days, in words; raises `Invalid` for what is none."""
    return (*members_at(value, now), *users_at(value, now))


def members_at(value: str, now: float) -> tuple[str, ...]:
    """Return the members who were signed in here from an address or network in the last 30 days."""
    net = targets.network(intrusions.target_of(value))
    found: dict[str, None] = {}
    for seen, _, name in accounts.addresses_seen(now - DAYS):
        client = targets.of_address(seen)
        held = targets.network(client) if client else None
        if net and held and held.version == net.version and held.overlaps(net):
            found[name] = None
    return tuple(found)


def users_at(value: str, now: float) -> tuple[str, ...]:
    """Return the users of applications whom events of the last 30 days name at an address: by e-mail, name or id, and where."""
    names = {one.id: one.slug for one in projects.projects()}
    found: dict[str, None] = {}
    for address in addresses_of(value)[:MOST_ADDRESSES]:
        for issue in issues_of(address):
            with contextlib.suppress(Unavailable, VedetteError):
                for event in errors.events(issue, n=MOST_EVENTS).events:
                    if event.at >= now - DAYS and (who := _named(event, address)):
                        found[f"{who}, who uses {names.get(event.project, 'an application')}"] = None
    return tuple(found)[:MOST_PEOPLE]


def addresses_of(value: str) -> tuple[str, ...]:
    """Return an address and those that were noticed of it: of IPv6 a target is a whole /64, and events name addresses."""
    seen = intrusions.detected(None, MOST_EVENTS, value)
    return tuple(dict.fromkeys([value, *(one.detection.address for one in seen if one.detection.address)]))


def issues_of(address: str, n: int = MOST_ISSUES) -> tuple[Issue, ...]:
    """Return issues of which events name an address as their user's."""
    try:
        return tuple(errors.issues(f'user:"{address}"', n=n).issues)
    except (Unavailable, VedetteError):
        return ()


def known(now: float, values: Iterable[str] = ()) -> Mapping[str, str]:
    """Return the addresses at which somebody is known who is no attacker, with the words who; of applications' users among `values`."""
    found = {value: f"{who} was signed in here from there" for value, who in members(now).items()}
    for value in values:
        if value not in found and (people := users_at(value, now)):
            found[value] = people[0]
    return found


def members(now: float) -> Mapping[str, str]:
    """Return the addresses from which members were signed in, with their names."""
    found: dict[str, str] = {}
    for address, _, name in accounts.addresses_seen(now - DAYS):
        client = targets.of_address(address)
        if client is not None:
            found[client.value] = f"{found[client.value]}, {name}" if client.value in found else name
    return found


def _named(event: Event, address: str) -> str:
    """Return by what an event names its user, where it is of an address; nothing for a visitor without a name."""
    user = event.data.get("user")
    if not isinstance(user, dict) or user.get("ip_address") != address:
        return ""
    said = next((str(user[key]) for key in _NAMES if user.get(key) not in (None, "", address)), "")
    return "".join(char for char in said if char.isprintable())[:80]
