"""What a plan asserts of the databases of a server, put to them one after another."""

import functools
from collections.abc import Callable, Iterator, Sequence

from vedette.instruments.backup import asserting
from vedette.instruments.backup.types import Failed
from vedette.instruments.backup.what import staged
from vedette.wire.backup import Assertion, Check

Answer = Callable[[str, str], str]
"""Returns the first value of a query (the second) in a database (the first); raises `Failed`."""


def of_ours(asserts: Sequence[Assertion], names: Sequence[str]) -> tuple[Assertion, ...]:
    """Return what is asked of some databases; a question without a name may be theirs."""
    return tuple(one for one in asserts if one.sql and (not one.database or one.database in names))


def answered(ours: Sequence[Assertion], names: Sequence[str], answer: Answer) -> Iterator[Check]:
    """Yield whether each assertion holds; without a name it means the only database."""
    return (staged.timed(functools.partial(_judged, one, names, answer)) for one in ours)


def _judged(one: Assertion, names: Sequence[str], answer: Answer) -> Check:
    if not one.database and len(names) > 1:
        return asserting.refused(one, f"It names none of the databases {', '.join(names)}.")
    try:
        return asserting.judge(one, answer(one.database or names[0], one.sql))
    except Failed as error:
        return asserting.refused(one, str(error))
