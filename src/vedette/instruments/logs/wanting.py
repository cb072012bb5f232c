"""Which entries somebody wants of the logs: everything else is passed over before it costs anything."""

import msgspec

from vedette.instruments.logs.types import EntryKind


class Wanted(msgspec.Struct, frozen=True):
    """What kinds are wanted, and which web requests.

    `requests` are case-insensitive patterns over a line's bytes, in the syntax that hyperscan and RE2 share; the line of a
    request that is wanted holds at least one of them. None wants every request, an empty tuple none.
    """

    kinds: frozenset[EntryKind]
    requests: tuple[str, ...] | None = None


EVERYTHING = Wanted(frozenset(EntryKind))
