"""The tree of routes as rows to be shown, and where labels would go in it. Pure."""

from collections.abc import Iterator, Mapping

import msgspec

from vedette.alerts import matching, routing
from vedette.alerts.routes import editing
from vedette.alerts.routing import ALL_LABELS, Destination, Route, Step


class Told(msgspec.Struct, frozen=True):
    """One setting of a route in words, and whether it is its own or inherited."""

    name: str
    text: str
    own: bool


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A route as a row: its place and depth, what it takes, and its settings.

    `step` says, when labels are tried, whether and why it took them; None when it was not looked at.
    """

    place: str
    depth: int
    matchers: str
    settings: tuple[Told, ...]
    goes_on: bool
    first: bool
    last: bool
    step: Step | None


def branches(tree: Route, labels: Mapping[str, str] | None = None) -> tuple[Branch, ...]:
    """Return every route, parents first; with `labels`, also what became of them there."""
    steps = {} if labels is None else {step.path: step for step in routing.trace(tree, labels)}
    return tuple(_branch(tree, each, steps) for each in routing.every(tree))


def sentence(tree: Route, labels: Mapping[str, str]) -> str:
    """Return in one sentence where labels would go, and in which group."""
    parts = []
    for each in routing.destinations(tree, labels):
        named = ", ".join(f"{name}={value}" for name, value in routing.group_labels(each, labels).items())
        parts.append(f"{each.receiver}, {f'in the group {named}' if named else 'in one group'}")
    return f"It would go to {'; and to '.join(parts)}."


def _branch(tree: Route, here: Destination, steps: Mapping[tuple[int, ...], Step]) -> Branch:
    route = editing.route(tree, here.path)
    siblings = len(editing.route(tree, here.path[:-1]).routes) if here.path else 1
    number = here.path[-1] if here.path else 0
    return Branch(
        place=editing.written(here.path),
        depth=len(here.path),
        matchers=matching.written(route.matchers) or "everything",
        settings=tuple(_settings(route, here)),
        goes_on=route.goes_on,
        first=number == 0,
        last=number == siblings - 1,
        step=steps.get(here.path),
    )


def _settings(route: Route, here: Destination) -> Iterator[Told]:
    timing = here.timing
    yield Told("tells", here.receiver, route.receiver is not None)
    yield Told("groups by", group_by(here.group_by), route.group_by is not None)
    yield Told("waits", editing.spoken(timing.wait), route.group_wait is not None)
    yield Told("looks every", editing.spoken(timing.interval), route.group_interval is not None)
    yield Told("repeats after", editing.spoken(timing.repeat), route.repeat_interval is not None)
    yield Told("tells the end", "yes" if here.send_resolved else "no", route.send_resolved is not None)


def group_by(names: tuple[str, ...]) -> str:
    """Return in words what makes a group."""
    if ALL_LABELS in names:
        return "every label"
    return ", ".join(names) or "nothing"
