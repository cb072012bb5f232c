"""The words of outside judges: what another auditor's report says of a host."""

import msgspec

from vedette.wire.finding import Finding, FindingState

LYNIS, OPENSCAP = "lynis", "openscap"


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What a judge found of a host: which judge and version, by which profile, when (0: not told), its own score from 0 to 100, and its findings.

    The score is the judge's: it is never counted into ours. Each finding's label `source` names the judge.
    """

    judge: str
    version: str = ""
    profile: str = ""
    at: float = 0.0
    score: float = 0.0
    findings: tuple[Finding, ...] = ()

    def those(self, *states: FindingState) -> tuple[Finding, ...]:
        """Return the findings of some states."""
        return tuple(one for one in self.findings if one.state in states)

    @property
    def failed(self) -> int:
        """Return how many of its checks failed, waived or not."""
        return len(self.those(FindingState.FAILED, FindingState.WAIVED))


def plain(text: str, most: int = 400) -> str:
    """Return a text of one line, cut, without what a terminal would obey: reports hold names of files, which are anybody's."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    joined = " ".join(shown.split())
    return joined if len(joined) <= most else joined[: most - 1] + "…"
