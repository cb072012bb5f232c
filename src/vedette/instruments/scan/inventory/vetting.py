"""What formats yield, made one inventory: names that could deceive are told, what stands twice in a file is one. Pure."""

from collections.abc import Iterable

import msgspec

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.types import MOST_COMPONENTS, Inventory
from vedette.wire.scan import Component, Unknown

_LONGEST = 500
_MOST_UNKNOWN = 1_000


def vetted(found: Iterable[Component | Unknown], files: Iterable[str] = ()) -> Inventory:
    """Return an inventory in order; beyond a bound it says that it is not all."""
    components, unknown = dict[tuple[str, ...], Component](), dict[Unknown, None]()
    for each in found:
        kept = each if isinstance(each, Unknown) else _plain(each)
        if isinstance(kept, Unknown):
            unknown.setdefault(kept)
        else:
            key = (kept.ecosystem, kept.name, kept.version, kept.place.rpartition(":")[0] or kept.place)
            components[key] = _joined(components[key], kept) if key in components else kept
        if len(components) >= MOST_COMPONENTS or len(unknown) >= _MOST_UNKNOWN:
            unknown.setdefault(_more(kept))
            break
    ordered = (components[key] for key in sorted(components))
    return Inventory(components=tuple(ordered), unknown=tuple(unknown), files=tuple(files))


def _plain(component: Component) -> Component | Unknown:
    texts = (component.ecosystem, component.name, component.version)
    if all(texts) and all(each.isprintable() and len(each) <= _LONGEST for each in texts):
        return component
    why = f"A package is called {telling.shown(component.name)!r} in version {telling.shown(component.version)!r}, which is no name."
    return Unknown(
        subject=component.place,
        why=why,
        fix="Somebody tampered with this file, or it is damaged: write it anew.",
    )


def _joined(one: Component, other: Component) -> Component:
    direct = True if one.direct or other.direct else one.direct if one.direct is not None else other.direct
    groups = tuple(sorted({*one.groups, *other.groups})) if one.groups and other.groups else ()
    requires = tuple(sorted({*one.requires, *other.requires}))
    return msgspec.structs.replace(one, direct=direct, groups=groups, requires=requires)


def _more(last: Component | Unknown) -> Unknown:
    place = last.subject if isinstance(last, Unknown) else last.place
    return Unknown(
        subject=place,
        why=f"There are more than {MOST_COMPONENTS:,} components or {_MOST_UNKNOWN:,} unknowns; the rest was not looked at.",
        fix="Scan its folders one by one.",
    )
