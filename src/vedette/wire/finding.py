"""A finding: something about a host or an application that should be otherwise, or was looked at and is as it should be."""

import enum
from collections.abc import Mapping

import msgspec


class FindingState(enum.StrEnum):
    """What came of a look: `unknown` when it could not be told, which is never `passed`."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WAIVED = "waived"
    NOT_APPLICABLE = "not-applicable"


class Severity(enum.StrEnum):
    """How bad something is, by the bands of CVSS 3.1 (section 5, qualitative severity rating scale); worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))


def severity_of(risk: float) -> Severity:
    """Return the severity of a risk from 0 to 10."""
    return next((severity for least, severity in _BANDS if risk >= least), Severity.INFO)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found.

    `check` names the check (`ssh-root-login`, `CVE-2024-3094`), `subject` what it looked at where there are several (a mount,
    a user, a component). `risk` is 0 (information) to 10. `why`, `fix` and `evidence` are for a person; `references` are ids
    of benchmarks by name (`CIS Debian 12: 5.1.20`) or URLs. `reason` tells why it is waived or could not be told.

    `place` is where a person finds it (`src/shop/settings.py:12`, an URL). `identity` makes it the same finding in a later
    look though lines and versions moved; empty means check and subject. `exploited` is known to be used by attackers,
    `likelihood` that it will be (EPSS, 0 to 1); `reachable` whether our code can get there and `exposed` whether others can,
    None where nobody looked.
    """

    check: str
    title: str
    state: FindingState
    subject: str = ""
    risk: float = 0.0
    why: str = ""
    fix: str = ""
    evidence: str = ""
    reason: str = ""
    references: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    place: str = ""
    identity: str = ""
    exploited: bool = False
    likelihood: float = 0.0
    reachable: bool | None = None
    exposed: bool | None = None
