"""Are silences and routes fit to be kept? Pure: what is wrong, by place, with what to do."""

import difflib
from collections.abc import Collection, Iterator, Sequence

from vedette.alerts import matching
from vedette.alerts.matching import Matcher
from vedette.alerts.routing import DEFAULT_RECEIVER, Route
from vedette.alerts.types import Routing

DEEPEST = 20
MOST_ROUTES = 500
MOST_INHIBITIONS = 200


def of_silence(matchers: Sequence[Matcher], starts: float, ends: float, now: float) -> dict[str, str]:
    """Return what is wrong with each field of a silence; empty when it is fit."""
    wrong = {}
    if not matchers:
        wrong["matchers"] = "Say which alerts: at least one matcher."
    elif matching.accepts_nothing(matchers):
        wrong["matchers"] = (
            "These matchers hold for every alert; at least one must ask for a value that is not empty."
        )
    if ends <= starts:
        wrong["ends"] = "It must end after it starts."
    elif ends <= now:
        wrong["ends"] = "It would be over already."
    return wrong


def of_routing(
    table: Routing, channels: Collection[str], people: Collection[str], policies: Collection[str] = ()
) -> dict[str, str]:
    """Return what is wrong, by the place in the tree (`route 1.2`) or the receiver; empty when it is fit."""
    wrong = dict(_receivers(table, channels, people, policies))
    known = {DEFAULT_RECEIVER, *channels, *(each.name for each in table.receivers)}
    routes = list(_places(table.tree, "route", 0))
    if len(routes) > MOST_ROUTES:
        wrong["routes"] = f"There are {len(routes)} routes; at most {MOST_ROUTES} are taken."
    wrong |= dict(_inhibitions(table))
    if table.tree.matchers:
        wrong["route"] = "The first route takes everything; it has no matchers."
    for place, route, depth in routes:
        found = _of_route(route, known, depth)
        if found:
            wrong[place] = found
    return wrong


def _receivers(
    table: Routing, channels: Collection[str], people: Collection[str], policies: Collection[str]
) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for each in table.receivers:
        place = f"receiver {each.name}"
        if each.name in seen or each.name == DEFAULT_RECEIVER:
            yield place, "There is another receiver of this name."
        seen.add(each.name)
        for channel in each.channels:
            if channel not in channels:
                yield place, f"There is no channel {channel!r}.{_meant(channel, channels)}"
        for person in each.people:
            if person not in people:
                yield place, f"There is nobody with the address {person!r}.{_meant(person, people)}"
        for policy in each.policies:
            if policy not in policies:
                yield place, f"There is no escalation policy {policy!r}.{_meant(policy, policies)}"


def _inhibitions(table: Routing) -> Iterator[tuple[str, str]]:
    if len(table.inhibitions) > MOST_INHIBITIONS:
        yield "inhibitions", f"There are {len(table.inhibitions)}; at most {MOST_INHIBITIONS} are taken."
    for number, each in enumerate(table.inhibitions, 1):
        for side in ("source", "target"):
            if not getattr(each, side):
                yield f"inhibition {number}", f"Say which alerts are the {side}: at least one matcher."


def _places(route: Route, place: str, depth: int) -> Iterator[tuple[str, Route, int]]:
    yield place, route, depth
    if depth <= DEEPEST:
        for number, child in enumerate(route.routes, 1):
            yield from _places(
                child, f"{place} {number}" if place == "route" else f"{place}.{number}", depth + 1
            )


def _of_route(route: Route, known: Collection[str], depth: int) -> str:
    if depth > DEEPEST:
        return f"Routes lie in each other at most {DEEPEST} deep."
    if route.receiver is not None and route.receiver not in known:
        return f"There is no receiver {route.receiver!r}.{_meant(route.receiver, known)}"
    times = (route.group_wait, route.group_interval, route.repeat_interval)
    if any(each is not None and each < 0 for each in times):
        return "A time cannot be negative."
    if route.repeat_interval == 0 or route.group_interval == 0:
        return "group_interval and repeat_interval are longer than nothing."
    return ""


def _meant(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
