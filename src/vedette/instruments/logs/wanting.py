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
