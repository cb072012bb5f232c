"""The words of drift: a part of a host's live state, and how it is compared."""

from collections.abc import Callable, Mapping

import msgspec

from vedette.instruments.live.types import Live

State = Mapping[str, str]  # what there is, by subject, as lines a person reads


class Aspect(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a host's state that should not change unseen.

    `read` is a pure function of what it reads; it may raise what the port raises, and then nothing is said of that look.
    `behind` are files and folders whose change may change it, found anew after each change; `every` is after how many seconds
    it is read without one (0: never). `severity` is that of a change nobody explains.
    """

    kind: str
    read: Callable[[Live], State]
    behind: Callable[[Live], tuple[str, ...]] = lambda _: ()
    every: float = 0.0
    severity: str = "high"


class Difference(msgspec.Struct, frozen=True):
    """A subject is not as it was: the lines that went and those that came, a few of each."""

    subject: str
    before: str
    after: str
