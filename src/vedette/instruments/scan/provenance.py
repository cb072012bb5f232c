"""By which way a package comes: from what somebody asked for by name, over what each needs, to it. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence

from vedette.wire.scan import Component

Ways = Mapping[tuple[str, str, str], tuple[str, ...]]
"""The shortest way to each package of each file (ecosystem, name, file), the package itself last."""


def ways(components: Sequence[Component]) -> Ways:
    """Return the shortest way to every component that is reached from one that is asked for by name, within its file."""
    files: dict[tuple[str, str], list[Component]] = {}
    for each in components:
        files.setdefault((each.ecosystem, file_of(each)), []).append(each)
    return {
        (kind, name, file): way for (kind, file), held in files.items() for name, way in _ways(held).items()
    }


def way(found: Ways, component: Component) -> tuple[str, ...]:
    """Return the way to a component, empty where none is known."""
    return found.get((component.ecosystem, component.name, file_of(component)), ())


def file_of(component: Component) -> str:
    """Return the file that names a component, without the line."""
    file, _, line = component.place.rpartition(":")
    return file if line.isdigit() else component.place


def _ways(components: Sequence[Component]) -> Mapping[str, tuple[str, ...]]:
    """Walk in breadth, so that the first way found is a shortest one; each name is passed once, so that cycles end."""
    needs: dict[str, set[str]] = {}
    for each in components:
        needs.setdefault(each.name, set()).update(each.requires)
    before: dict[str, str | None] = dict.fromkeys(
        sorted(each.name for each in components if each.direct), None
    )
    left = deque(before)
    while left:
        name = left.popleft()
        for need in sorted(needs[name] & needs.keys() - before.keys()):
            before[need] = name
            left.append(need)
    return {name: _back(name, before) for name in before}


def _back(name: str, before: Mapping[str, str | None]) -> tuple[str, ...]:
    found, at = [name], before[name]
    while at is not None and len(found) < 50:
        found.append(at)
        at = before[at]
    return tuple(reversed(found))
