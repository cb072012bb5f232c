"""What changed between two bills. Pure but for the order of versions, which each ecosystem has its own rules for."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.instruments.scan.versions import Unreadable, compare
from vedette.wire.scan import Component

UP, DOWN, OTHER = "upgraded", "downgraded", "changed"


class Moved(msgspec.Struct, frozen=True):
    """A package that is in both, in other versions; `way` is `UP`, `DOWN`, or `OTHER` where that cannot be told."""

    ecosystem: str
    name: str
    before: str
    now: str
    way: str


class Difference(msgspec.Struct, frozen=True):
    """What a later bill has that an earlier one had not, the other way round, and what moved; each by ecosystem and name."""

    added: tuple[Component, ...] = ()
    removed: tuple[Component, ...] = ()
    moved: tuple[Moved, ...] = ()


def digest(components: Iterable[Component]) -> str:
    """Return what is the same for the same packages in the same versions, in whatever order and wherever they stand."""
    rows = sorted({f"{one.ecosystem}\0{one.name}\0{one.version}" for one in components})
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()


def difference(before: Sequence[Component], now: Sequence[Component]) -> Difference:
    """Return what changed from one bill to another."""
    old, new = _versions(before), _versions(now)
    moved: list[Moved] = []
    added: list[Component] = []
    removed: list[Component] = []
    for key in sorted(old.keys() | new.keys()):
        gone = {text: one for text, one in old.get(key, {}).items() if text not in new.get(key, {})}
        come = {text: one for text, one in new.get(key, {}).items() if text not in old.get(key, {})}
        if gone and come:
            moved.append(_moved(key, [*gone], [*come]))
        else:
            added += come.values()
            removed += gone.values()
    return Difference(tuple(added), tuple(removed), tuple(moved))


def changed(found: Sequence[Component], other: Sequence[Component]) -> tuple[Component, ...]:
    """Return the components of one bill that are not in another, in this version."""
    there = {(one.ecosystem, one.name, one.version) for one in other}
    return tuple(one for one in found if (one.ecosystem, one.name, one.version) not in there)


def _versions(found: Iterable[Component]) -> Mapping[tuple[str, str], dict[str, Component]]:
    by_name: dict[tuple[str, str], dict[str, Component]] = {}
    for one in found:
        by_name.setdefault((one.ecosystem, one.name), {}).setdefault(one.version, one)
    return by_name


def _moved(key: tuple[str, str], gone: Sequence[str], come: Sequence[str]) -> Moved:
    way = _way(key[0], gone[0], come[0]) if len(gone) == len(come) == 1 else OTHER
    return Moved(*key, ", ".join(sorted(gone)), ", ".join(sorted(come)), way)


def _way(ecosystem: str, before: str, now: str) -> str:
    try:
        order = compare(ecosystem, before, now)
    except Unreadable:
        return OTHER
    return UP if order < 0 else DOWN if order > 0 else OTHER
