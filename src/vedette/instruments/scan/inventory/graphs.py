"""Who comes by whom: what is reached from where over the edges of `requires`. Pure."""

from collections.abc import Iterable, Mapping


def reach(starts: Iterable[str], edges: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Return all that is reached, the starts included; cycles end."""
    left, seen = list(starts), set[str]()
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left.extend(edges.get(name, ()))
    return frozenset(seen)


def groups(
    main: Iterable[str], others: Mapping[str, Iterable[str]], edges: Mapping[str, Iterable[str]]
) -> Mapping[str, tuple[str, ...]]:
    """Return of each name the groups that want it, nothing of one that is wanted anyway."""
    always = reach(main, edges)
    found: dict[str, list[str]] = {}
    for group, starts in sorted(others.items()):
        for name in reach(starts, edges) - always:
            found.setdefault(name, []).append(group)
    return {name: tuple(each) for name, each in found.items()}
