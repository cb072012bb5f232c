"""The words of the look at code."""

import msgspec


class CodeCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A weakness of code: its id, what it is, its risk (0 to 10), why it matters, the fix, and its number at CWE.

    `like` are the ids of bandit's tests that tell the same: of two on a line, ours is kept.
    """

    id: str
    title: str
    risk: float
    why: str
    fix: str
    cwe: int
    like: frozenset[str] = frozenset()


class WeakSpot(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a file (by path from the root, and line from 1) where a check, ours or another tool's, holds.

    `marked` are the first and the last line on which a person's mark lets it pass, its own line alone without them.
    """

    check: CodeCheck
    path: str
    line: int
    code: str = ""
    marked: tuple[int, int] = (0, 0)
