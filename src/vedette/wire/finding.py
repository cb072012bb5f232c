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


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found.

    `check` names the check (`ssh-root-login`), `subject` what it looked at where there are several (a mount, a user).
    `risk` is 0 (information) to 10. `why`, `fix` and `evidence` are for a person; `references` are ids of benchmarks by name
    (`CIS Debian 12: 5.1.20`). `reason` tells why it is waived or could not be told.
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
