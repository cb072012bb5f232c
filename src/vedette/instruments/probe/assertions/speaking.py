"""What assertions speak of, and which failures are therefore theirs to judge. Decisions only."""

from collections.abc import Iterable, Sequence

from vedette.instruments.probe.assertions.reading import read_all
from vedette.instruments.probe.assertions.tree import Assertion, Length, Name, Placeholder, Presence
from vedette.instruments.probe.types import Cause

# `[CONNECTED] == false` and `[STATUS] == 404` expect what is a failure otherwise.
_JUDGED = {
    Name.CONNECTED: frozenset(
        {Cause.REFUSED, Cause.UNREACHABLE, Cause.TIMEOUT_IN_CONNECT, Cause.RESET, Cause.CLOSED_EARLY}
    ),
    Name.STATUS: frozenset({Cause.BAD_STATUS}),
    Name.DNS_RCODE: frozenset({Cause.NXDOMAIN, Cause.SERVFAIL, Cause.RESOLVER_REFUSED, Cause.NO_ADDRESS}),
}


def names_of(assertion: Assertion) -> frozenset[Name]:
    """Return what an assertion speaks of."""
    found = set()
    for side in (assertion.left, assertion.right):
        inner = side.of if isinstance(side, Length | Presence) else side
        if isinstance(inner, Placeholder):
            found.add(inner.name)
    return frozenset(found)


def speaks_of(texts: Iterable[str], name: Name) -> bool:
    """Tell whether any of some assertions speaks of a name; raises `Invalid` for one that cannot be read."""
    return any(name in names_of(assertion) for assertion in read_all(texts))


def judges(assertions: Sequence[Assertion], cause: Cause) -> bool:
    """Tell whether a failure is for the assertions to judge, because one speaks of it."""
    spoken = {name for assertion in assertions for name in names_of(assertion)}
    return any(cause in _JUDGED.get(name, ()) for name in spoken)
