"""Where does an alert go? A tree of routes, walked depth first. Pure.

Source of the semantics: Prometheus' documentation, "Alertmanager, Configuration, Route": the first child that
matches takes the alert, unless it says `continue`; where no child does, the route itself does; a child has
its parent's settings wherever it has none of its own.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.alerts import matching
from vedette.alerts.matching import Matcher, Operator

ALL_LABELS = "..."
DEFAULT_RECEIVER = "default"


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How a group waits, in seconds: before its first notice, between two, and before it says the same again."""

    wait: float = 30.0
    interval: float = 300.0
    repeat: float = 4 * 3_600.0


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One route as it is written; what is None is the parent's. `group_by` may be `("...",)`: every label."""

    matchers: tuple[Matcher, ...] = ()
    receiver: str | None = None
    group_by: tuple[str, ...] | None = None
    group_wait: float | None = None
    group_interval: float | None = None
    repeat_interval: float | None = None
    send_resolved: bool | None = None
    goes_on: bool = False
    routes: tuple["Route", ...] = ()


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """A route with everything it inherited. `key` names it by the matchers on the way to it.

    `twin` tells routes of the same key apart (two that `continue` and ask for the same): empty for the first.
    """

    key: str
    receiver: str
    group_by: tuple[str, ...]
    timing: Timing
    send_resolved: bool
    path: tuple[int, ...] = ()
    twin: str = ""


ROOT = Destination(
    key="",
    receiver=DEFAULT_RECEIVER,
    group_by=("alertname", "project"),
    timing=Timing(),
    send_resolved=True,
)


class Step(msgspec.Struct, frozen=True):
    """One look at a route on the way: its key, whether it took the alert, why or why not, and its place."""

    key: str
    depth: int
    taken: bool
    reason: str
    path: tuple[int, ...] = ()


def destinations(
    tree: Route, labels: Mapping[str, str], origin: Destination = ROOT
) -> tuple[Destination, ...]:
    """Return where an alert of these labels goes, in order; the root takes what nothing else does.

    What no route says is said by `origin`.
    """
    return tuple(_walk(tree, origin, labels, ()))


def every(tree: Route) -> tuple[Destination, ...]:
    """Return every route of the tree with what it inherited, parents first."""
    return tuple(_every(tree, ROOT, ()))


def trace(tree: Route, labels: Mapping[str, str]) -> tuple[Step, ...]:
    """Return every route that was looked at, in order, each with its reason."""
    return tuple(_steps(tree, ROOT, labels, ()))


def group_labels(destination: Destination, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that name the group of an alert; labels it does not have are left out."""
    if ALL_LABELS in destination.group_by:
        return dict(labels)
    return {name: labels[name] for name in sorted(destination.group_by) if name in labels}


def group_key(destination: Destination, labels: Mapping[str, str]) -> str:
    """Return Alertmanager's name of a group: the key of the route and the labels of the group."""
    named = ", ".join(sorted(f'{name}="{_quoted(value)}"' for name, value in labels.items()))
    return f"{destination.key}:{{{named}}}"


def _walk(
    route: Route, parent: Destination, labels: Mapping[str, str], path: tuple[int, ...]
) -> Iterator[Destination]:
    if not matching.matches(route.matchers, labels):
        return
    here = _inherit(route, parent, path)
    taken = False
    for index, child in enumerate(route.routes):
        if not matching.matches(child.matchers, labels):
            continue
        found = tuple(_walk(child, _beside(here, route, index), labels, (*path, index)))
        yield from found
        taken = taken or bool(found)
        if found and not child.goes_on:
            break
    if not taken:
        yield here


def _beside(here: Destination, route: Route, index: int) -> Destination:
    """Return what a child inherits, marked when a child before it asks for the same."""
    own = _own(route.routes[index].matchers)
    earlier = any(_own(other.matchers) == own for other in route.routes[:index])
    return msgspec.structs.replace(here, twin=f"{here.twin}.{index}") if earlier else here


def _every(route: Route, parent: Destination, path: tuple[int, ...]) -> Iterator[Destination]:
    here = _inherit(route, parent, path)
    yield here
    for index, child in enumerate(route.routes):
        yield from _every(child, here, (*path, index))


def _steps(
    route: Route, parent: Destination, labels: Mapping[str, str], path: tuple[int, ...]
) -> Sequence[Step]:
    here, depth = _inherit(route, parent, path), len(path)
    failing = matching.first_failing(route.matchers, labels)
    if failing is not None:
        return [Step(here.key, depth, False, _why_not(failing, labels), path)]
    below: list[Step] = []
    taken = False
    for index, child in enumerate(route.routes):
        steps = _steps(child, here, labels, (*path, index))
        below += steps
        took = any(step.taken for step in steps)
        taken = taken or took
        if took and not child.goes_on:
            break
    return [Step(here.key, depth, not taken, _why(route, here, child_took=taken), path), *below]


def _why(route: Route, here: Destination, *, child_took: bool) -> str:
    met = f"{matching.written(route.matchers)} holds" if route.matchers else "It takes everything"
    return f"{met}; a route below takes it." if child_took else f"{met}: it goes to {here.receiver}."


def _why_not(failing: Matcher, labels: Mapping[str, str]) -> str:
    value = labels.get(failing.name)
    has = f"it is {value!r}" if value is not None else "there is no such label"
    return f"{failing} does not hold: {has}."


def _inherit(route: Route, parent: Destination, path: tuple[int, ...]) -> Destination:
    timing = parent.timing
    return Destination(
        key=_key(route, parent),
        receiver=parent.receiver if route.receiver is None else route.receiver,
        group_by=_group_by(route, parent),
        timing=Timing(
            wait=timing.wait if route.group_wait is None else route.group_wait,
            interval=timing.interval if route.group_interval is None else route.group_interval,
            repeat=timing.repeat if route.repeat_interval is None else route.repeat_interval,
        ),
        send_resolved=parent.send_resolved if route.send_resolved is None else route.send_resolved,
        path=path,
        twin=parent.twin,
    )


def _group_by(route: Route, parent: Destination) -> tuple[str, ...]:
    """Return the labels a route groups by; below the first route no label means the parent's, as in Alertmanager."""
    own = route.group_by
    return parent.group_by if own is None or (not own and parent.key) else own


def _key(route: Route, parent: Destination) -> str:
    own = _own(route.matchers)
    return f"{parent.key}/{own}" if parent.key else own


@functools.lru_cache(maxsize=2_048)
def _own(matchers: tuple[Matcher, ...]) -> str:
    return "{" + ",".join(str(each) for each in sorted(matchers, key=_rank)) + "}"


def _rank(matcher: Matcher) -> tuple[str, str, int]:
    return matcher.name, matcher.value, list(Operator).index(matcher.op)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
