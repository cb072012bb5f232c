"""Lists of others as text: one address or network a line, with comments. What is none, or too wide, is left out and counted."""

from collections.abc import Iterator
from typing import NamedTuple

from vedette.core.errors import Invalid
from vedette.wire.agent.deciding import targets
from vedette.wire.agent.deciding.sparing import Shelter
from vedette.wire.agent.deciding.types import Target

MOST, MOST_BYTES = 200_000, 8 * 1024 * 1024
_LONGEST = 200


class Listed(NamedTuple):
    """What a list names; `left` are lines that name nobody who may be banned, `first` is the first of them and why."""

    found: frozenset[Target]
    left: int
    first: str


def read(text: str, shelter: Shelter) -> Listed:
    """Return what a list names; raises `Invalid` when no line names anybody: it is something else than a list then."""
    found: set[Target] = set()
    left, first = 0, ""
    for number, bare in _lines(text):
        target, why = _target(bare, shelter)
        if target is None or len(found) >= MOST:
            left += 1
            first = first or f"line {number}: {why or f'beyond {MOST:,}'}"
        else:
            found.add(target)
    if left and not found:
        raise Invalid(f"No line names an address or network that may be banned; {first}")
    return Listed(frozenset(found), left, first)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        bare = line.partition("#")[0].partition(";")[0].strip()
        if bare:
            yield number, bare


def _target(bare: str, shelter: Shelter) -> tuple[Target | None, str]:
    try:
        found = targets.of_text(bare.split(maxsplit=1)[0][:_LONGEST])
        net = targets.network(found)
        if net is None:
            return None, "it names nobody"
        targets.narrow_enough(net)
    except Invalid as error:
        return None, str(error)
    why = shelter.why(net)
    return (None, why) if why is not None else (found, "")
