"""Baselines: what was there when somebody began to look, so that only what is new or worse counts. No I/O but of one file."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from vedette.core.errors import ConfigError
from vedette.instruments.scan.accepting import identity_of, waived
from vedette.wire.finding import Finding, FindingState
from vedette.wire.scan import ScanReport

VERSION, MOST_BYTES = 2, 64 * 1024 * 1024


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How bad a finding was: its risk, in how many places it stood, whether attackers used it."""

    risk: float = 0.0
    places: int = 1
    exploited: bool = False


Baseline = Mapping[str, Known]


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    findings: dict[str, Known]


def known(report: ScanReport, finding: Finding) -> str:
    """Return what a baseline calls a finding: who found it, and what makes it the same."""
    return f"{report.scanner}:{identity_of(finding)}"


def write(reports: Iterable[ScanReport]) -> bytes:
    """Return the baseline of reports, sorted, so that it is kept under version control with little change."""
    found: dict[str, Known] = {}
    for report in reports:
        for each in report.findings:
            if each.state is FindingState.FAILED:
                name = known(report, each)
                found[name] = _joined(found.get(name), _of(each))
    return msgspec.json.format(msgspec.json.encode(_Stored(VERSION, dict(sorted(found.items()))))) + b"\n"


def _of(finding: Finding) -> Known:
    places = finding.labels.get("places", "")
    count = int(places) if places.isdecimal() and len(places) < 10 else 1
    return Known(risk=finding.risk, places=count, exploited=finding.exploited)


def _joined(one: Known | None, other: Known) -> Known:
    """Return the worse of two of the same name."""
    if one is None:
        return other
    return Known(
        risk=max(one.risk, other.risk), places=max(one.places, other.places), exploited=one.exploited or other.exploited
    )  # fmt: skip


def _is_worse(now: Known, before: Known) -> bool:
    return now.risk > before.risk or now.places > before.places or (now.exploited and not before.exploited)


def read(path: Path) -> Baseline:
    """Return what a baseline holds; raises `ConfigError` for what is none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(f"{path} is larger than {MOST_BYTES:,} bytes; that is no baseline.")
        found = msgspec.json.decode(path.read_bytes(), type=_Stored)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. --write-baseline writes one.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is no baseline: {error}. --write-baseline writes one.") from error
    if found.version != VERSION:
        raise ConfigError(
            f"{path} is a baseline of version {found.version}; this program writes {VERSION}. Write it anew."
        )
    return found.findings


def only_new(reports: Iterable[ScanReport], baseline: Baseline) -> tuple[ScanReport, ...]:
    """Return the reports with what a baseline holds waived; what could not be known stays."""
    return tuple(
        msgspec.structs.replace(report, findings=tuple(_judged(report, each, baseline) for each in report.findings))
        for report in reports
    )  # fmt: skip


def _judged(report: ScanReport, finding: Finding, baseline: Baseline) -> Finding:
    before = baseline.get(known(report, finding))
    if finding.state is not FindingState.FAILED or before is None or _is_worse(_of(finding), before):
        return finding
    return waived(finding, "baseline", "It was there before, as the baseline tells.")
