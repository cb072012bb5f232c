"""What may fail on this host, on whose word and until when: the table `[audit.waive]` of agent.toml. Decisions only.

```toml
[audit.waive]
ssh-root-login = { reason = "key only, from the bastion", until = 2027-03-31 }
mount-tmp-noexec = { reason = "builds run there", until = 2027-01-31, subjects = ["/tmp"] }
```
"""

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from vedette.core.errors import ConfigError
from vedette.instruments.audit.registry import meant
from vedette.instruments.audit.types import Waiver
from vedette.wire.finding import Finding, FindingState

_OTHERS = ("lynis-", "openscap-")  # checks of other auditors, of which nobody has a list
_KEYS = {"reason": None, "until": None, "subjects": None}


def waivers(table: object, known: Mapping[str, object]) -> Mapping[str, Waiver]:
    """Return the waivers of a table; raises `ConfigError` for one without reason or date, or of a check there is not."""
    if not isinstance(table, Mapping):
        raise ConfigError("[audit.waive]: it is a table of checks, each with reason and until.")
    return {check: _waiver(check, entry, known) for check, entry in table.items()}


def waived(findings: Iterable[Finding], given: Mapping[str, Waiver], now: float) -> tuple[Finding, ...]:
    """Return the findings with those waived that a person answers for; an expired waiver is told and counts no more."""
    return tuple(_one(finding, given.get(finding.check), now) for finding in findings)


def _one(finding: Finding, waiver: Waiver | None, now: float) -> Finding:
    doubtful = finding.state in {FindingState.FAILED, FindingState.UNKNOWN}
    if waiver is None or not doubtful or (waiver.subjects and finding.subject not in waiver.subjects):
        return finding
    day = dt.datetime.fromtimestamp(waiver.until - 1, dt.UTC).date().isoformat()
    if now >= waiver.until:
        said = f"The waiver expired on {day}: {waiver.reason}"
        return msgspec.structs.replace(finding, reason=f"{finding.reason} {said}".strip())
    return msgspec.structs.replace(
        finding, state=FindingState.WAIVED, reason=f"{waiver.reason} (until {day})"
    )


def _waiver(check: str, entry: object, known: Mapping[str, object]) -> Waiver:
    where = f"[audit.waive] {check[:60]}"
    if check not in known and not check.startswith(_OTHERS):
        raise ConfigError(f"{where}: there is no such check; {meant(check, known)}")
    if not isinstance(entry, Mapping):
        raise ConfigError(f'{where}: write {{ reason = "…", until = 2027-03-31 }}.')
    for key in entry:
        if key not in _KEYS:
            raise ConfigError(f"{where}: {str(key)[:60]!r} is unknown; {meant(str(key), _KEYS)}")
    reason = entry.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise ConfigError(f"{where}: the reason is missing; say why it may fail here.")
    return Waiver(
        check=check, reason=reason.strip()[:500], until=_until(where, entry.get("until")),
        subjects=_subjects(where, entry.get("subjects", [])),
    )  # fmt: skip


def _until(where: str, value: object) -> float:
    """Return the end of the day that is named, or the instant."""
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).timestamp()
    if isinstance(value, dt.date):
        start = dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
        return start.timestamp() + 86_400
    raise ConfigError(f"{where}: until is missing; name the day it ends, as in until = 2027-03-31.")


def _subjects(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ConfigError(f"{where}: subjects is a list of texts.")
    return tuple(value)
