"""The word of what is wrong with a server's TLS."""

import msgspec


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with a server's TLS: which check says so, of what, how bad, and the worst grade it leaves.

    `title` is a sentence without its end, `cap` a letter or empty when the grade does not depend on it.
    """

    check: str
    title: str
    risk: float
    why: str
    fix: str
    subject: str = ""
    evidence: str = ""
    cap: str = ""
    references: tuple[str, ...] = ()
    exploited: bool = False
