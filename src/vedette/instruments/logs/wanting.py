"""Which entries somebody wants of the logs: everything else is passed over before it costs anything."""

from collections.abc import Mapping

import msgspec

from vedette.instruments.logs.types import EntryKind


class Wanted(msgspec.Struct, frozen=True):
    """What kinds are wanted, which web requests, and what of them.

    `requests` are case-insensitive patterns over a line's bytes, in the syntax that hyperscan and RE2 share; the line of a
    request that is wanted holds at least one of them. None wants every request, an empty tuple none. `lines` says the same of
    other kinds: those that are not in it are wanted whole. `fields` are those that entries must have, None for all.
    """

    kinds: frozenset[EntryKind]
    requests: tuple[str, ...] | None = None
    lines: Mapping[EntryKind, tuple[str, ...]] = {}
    fields: frozenset[str] | None = None

    def patterns(self) -> dict[EntryKind, tuple[str, ...]]:
        """Return the patterns by kind, of the kinds that are wanted and not every line of them."""
        found = dict(self.lines)
        if self.requests is not None:
            found[EntryKind.REQUEST] = self.requests
        return {kind: patterns for kind, patterns in found.items() if kind in self.kinds}


EVERYTHING = Wanted(frozenset(EntryKind))


def both(one: Wanted, other: Wanted) -> Wanted:
    """Return what two want together: a kind that one of them wants whole is wanted whole."""
    kinds = one.kinds | other.kinds
    found = {kind: asked for kind in kinds if (asked := _asked(kind, one, other)) is not None}
    fields = None if one.fields is None or other.fields is None else one.fields | other.fields
    requests = found.pop(EntryKind.REQUEST, None)
    return Wanted(kinds, requests, found, fields)


def _asked(kind: EntryKind, *sides: Wanted) -> tuple[str, ...] | None:
    """Return the patterns of a kind, None where all of its lines are wanted."""
    asked = [side.patterns().get(kind) for side in sides if kind in side.kinds]
    if any(patterns is None for patterns in asked):
        return None
    return tuple(dict.fromkeys(one for patterns in asked for one in patterns or ()))
