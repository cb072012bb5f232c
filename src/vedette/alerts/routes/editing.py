"""A tree of routes with one route added, changed, moved or removed. Pure; a place is the numbers on the way to it."""

import re
from collections.abc import Callable

import msgspec

from vedette.alerts.routing import Route
from vedette.core.errors import Invalid, NotFound

Place = tuple[int, ...]
ROOT = "root"
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d)?")
_SECONDS = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0}


def place(text: str) -> Place:
    """Read a place as addresses write it (`root`, `0.2`); raises `NotFound`."""
    if text == ROOT:
        return ()
    parts = text.split(".")
    if len(parts) > 50 or not all(part.isascii() and part.isdecimal() and len(part) < 5 for part in parts):
        raise NotFound(f"There is no route {text}.")
    return tuple(int(part) for part in parts)


def written(at: Place) -> str:
    """Return a place as addresses write it."""
    return ".".join(str(number) for number in at) or ROOT


def route(tree: Route, at: Place) -> Route:
    """Return the route at a place; raises `NotFound`."""
    for number in at:
        if number >= len(tree.routes):
            raise NotFound(f"There is no route {written(at)}; the routes may have changed meanwhile.")
        tree = tree.routes[number]
    return tree


def changed(tree: Route, at: Place, made: Route) -> Route:
    """Return the tree with another route at a place; the routes below it stay. Raises `NotFound`."""
    return _with(tree, at, lambda before: msgspec.structs.replace(made, routes=before.routes))


def added(tree: Route, under: Place, made: Route) -> Route:
    """Return the tree with a route more under a place, as the last there. Raises `NotFound`."""
    return _with(tree, under, lambda parent: msgspec.structs.replace(parent, routes=(*parent.routes, made)))


def removed(tree: Route, at: Place) -> Route:
    """Return the tree without a route and all below it; raises `NotFound`, `Invalid` for the root."""
    route(tree, _inner(at))
    return _siblings(tree, at, lambda routes, number: (*routes[:number], *routes[number + 1 :]))


def moved(tree: Route, at: Place, by: int) -> Route:
    """Return the tree with a route moved by so many places among its siblings, at most to an end.

    Raises `NotFound`, `Invalid` for the root.
    """
    route(tree, _inner(at))

    def shift(routes: tuple[Route, ...], number: int) -> tuple[Route, ...]:
        rest = [*routes[:number], *routes[number + 1 :]]
        rest.insert(min(max(0, number + by), len(rest)), routes[number])
        return tuple(rest)

    return _siblings(tree, at, shift)


def renamed(tree: Route, before: str, after: str) -> Route:
    """Return the tree with a receiver called otherwise wherever a route names it."""
    receiver = after if tree.receiver == before else tree.receiver
    return msgspec.structs.replace(
        tree, receiver=receiver, routes=tuple(renamed(each, before, after) for each in tree.routes)
    )


def seconds(text: str) -> float | None:
    """Return the seconds of a time as people write it (`30 s`, `5 min`, `4 h`), None for one that is none."""
    found = _DURATION.fullmatch(text.strip())
    return None if found is None else float(found[1]) * _SECONDS[found[2] or "s"]


def spoken(length: float) -> str:
    """Return seconds as `seconds` reads them."""
    for unit, size in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if length >= size and length % size == 0:
            return f"{length / size:.0f} {unit}"
    return f"{f'{length:.3f}'.rstrip('0').rstrip('.')} s"


def _with(tree: Route, at: Place, change: Callable[[Route], Route]) -> Route:
    if not at:
        return change(tree)
    route(tree, at[:1])
    below = [_with(each, at[1:], change) if n == at[0] else each for n, each in enumerate(tree.routes)]
    return msgspec.structs.replace(tree, routes=tuple(below))


def _siblings(tree: Route, at: Place, change: Callable[[tuple[Route, ...], int], tuple[Route, ...]]) -> Route:
    return _with(
        tree, at[:-1], lambda parent: msgspec.structs.replace(parent, routes=change(parent.routes, at[-1]))
    )


def _inner(at: Place) -> Place:
    if not at:
        raise Invalid("The first route takes what no other does; it can be changed, not moved or removed.")
    return at
