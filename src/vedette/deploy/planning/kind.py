"""What a plan must know of a kind of thing: which fields count, how they are compared and said, and what a change of them means. Pure."""

from collections.abc import Callable, Mapping

import msgspec

from vedette.deploy.types import Danger
from vedette.wire import jsons
from vedette.wire.infra import Ref, Thing

Fields = Mapping[str, object]
Said = Callable[[object], str]


def as_they_are(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    """Return both as they are."""
    return before, after


def no_needs(thing: Thing) -> tuple[Ref, ...]:  # noqa: ARG001
    """Return that it stands alone."""
    return ()


def no_dangers(before: Thing | None, after: Thing | None) -> tuple[Danger, ...]:  # noqa: ARG001
    """Return none."""
    return ()


def free(thing: Thing) -> tuple[tuple[str, int], ...]:  # noqa: ARG001
    """Return that it costs nothing."""
    return ()


def never(before: Thing, after: Thing) -> str:  # noqa: ARG001
    """Return no reason to make it anew."""
    return ""


def plain(value: object) -> str:
    """Return a value as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(each)}" for key, each in value.items() if each not in ("", [], {}))
    if isinstance(value, list | tuple):
        return ", ".join(plain(each) for each in value)
    return str(value)


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of thing. `fields` count, in the order in which they are told; `open` ones stay as they are where a file says nothing.

    `fixed` are fields that only a thing made anew can change, each with why; `anew` finds other
    reasons. `keyed` lists are compared item by item, known by
    these keys; `say` tells a value or an item of a field. `settle` makes the two sides comparable. `needs` are what must be
    there first, `price` what it is paid for (a key of `Live.prices`, and how many). `makes` is false where no plan makes one; with `once`
    others wait for it only where it is new.
    """

    name: str
    label: str
    fields: tuple[str, ...]
    open: tuple[str, ...] = ()
    fixed: Mapping[str, str] = {}
    keyed: Mapping[str, tuple[str, ...]] = {}
    say: Mapping[str, Said] = {}
    anew: Callable[[Thing, Thing], str] = never
    settle: Callable[[Fields, Fields], tuple[Fields, Fields]] = as_they_are
    needs: Callable[[Thing], tuple[Ref, ...]] = no_needs
    dangers: Callable[[Thing | None, Thing | None], tuple[Danger, ...]] = no_dangers
    price: Callable[[Thing], tuple[tuple[str, int], ...]] = free
    makes: bool = True
    once: bool = False


def refs(kind: str, *names: str) -> tuple[Ref, ...]:
    """Return which things of a kind are named; nothing for empty names."""
    return tuple(Ref(kind, name) for name in names if name)


def gone(before: Thing | None, after: Thing | None, field: str) -> bool:
    """Tell whether a field of a thing that is there and stays is to change."""
    if before is None or after is None or field not in before.fields or field not in after.fields:
        return False
    return before.fields[field] != after.fields[field]


def names(thing: Thing, field: str, key: str) -> tuple[str, ...]:
    """Return what the items of a list say under a key."""
    return tuple(jsons.text(each, key) for each in jsons.records(thing.fields, field))
