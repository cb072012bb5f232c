"""In which order changes are made: a wave begins when the one before is done. Pure.

What is made waits for what it names; what goes waits until nobody names it any more.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from vedette.deploy.planning.kind import Kind
from vedette.deploy.types import Act, Change
from vedette.wire.infra import Ref, Thing


def ordered(changes: Sequence[Change], kinds: Mapping[str, Kind]) -> tuple[Change, ...]:
    """Return changes with what they wait for and their wave, in that order, by kind and name within one."""
    awaited = {each.ref for each in changes if _is_awaited(each, kinds)}
    made, namers = {each.ref for each in changes}, _namers(changes, kinds)
    needs = {each.ref: _needs(each, kinds, awaited, made, namers) for each in changes}
    waves: dict[Ref, int] = {}
    for each in changes:
        _place(each.ref, needs, waves, ())
    found = [msgspec.structs.replace(each, needs=needs[each.ref], wave=waves[each.ref]) for each in changes]
    return tuple(sorted(found, key=lambda each: (each.wave, each.ref)))


def named(thing: Thing | None, kinds: Mapping[str, Kind]) -> tuple[Ref, ...]:
    """Return what a thing names."""
    return kinds[thing.kind].needs(thing) if thing is not None else ()


def _namers(changes: Sequence[Change], kinds: Mapping[str, Kind]) -> Mapping[Ref, set[Ref]]:
    """Return which changes are of things that name a thing, as they are."""
    found: dict[Ref, set[Ref]] = {}
    for each in changes:
        for ref in named(each.before, kinds):
            found.setdefault(ref, set()).add(each.ref)
    return found


def _needs(
    change: Change,
    kinds: Mapping[str, Kind],
    awaited: AbstractSet[Ref],
    made: AbstractSet[Ref],
    namers: Mapping[Ref, AbstractSet[Ref]],
) -> tuple[Ref, ...]:
    if change.act is Act.DELETE:
        found = set(namers.get(change.ref, ()))
    else:
        found = set(awaited & set(named(change.after, kinds)))
        found |= made & {change.after.ref} if change.after is not None else set()
    return tuple(sorted(found - {change.ref}))


def _is_awaited(change: Change, kinds: Mapping[str, Kind]) -> bool:
    kind = kinds.get(change.ref.kind)
    new = change.act in {Act.CREATE, Act.REPLACE}
    return new or (change.act is Act.UPDATE and kind is not None and not kind.once)


def _place(
    ref: Ref, needs: Mapping[Ref, Sequence[Ref]], waves: dict[Ref, int], above: tuple[Ref, ...]
) -> int:
    """Return the wave of a change, one after all it waits for; what waits for itself in a circle does not wait."""
    if ref not in waves:
        below = [
            _place(each, needs, waves, (*above, ref)) for each in needs[ref] if each not in (*above, ref)
        ]
        waves[ref] = max(below, default=-1) + 1
    return waves[ref]
