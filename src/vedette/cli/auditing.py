"""`vedette agent audit`: how hard this host is, worst first."""

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.cli.out import emit
from vedette.core.clock import SystemClock
from vedette.core.errors import ConfigError

if TYPE_CHECKING:
    from vedette.wire.agent.types import Audit
    from vedette.wire.finding import Finding

CONFIG = Path("/etc/vedette/agent.toml")


def audit(
    *,
    only: str = "",
    fail_on: str = "medium",
    config: Path = CONFIG,
    root: Path = Path("/"),
    json: bool = False,
) -> None:
    """Look at this host's hardening: sshd, kernel, firewall, files, users, services, databases, containers.

    Exits 0 when nothing at or above the level failed, 1 when something did, and 2 when something there could not be told.
    What reports of Lynis and OpenSCAP on this host hold for wrong is told beside it, and counts for neither score nor exit.

    Parameters
    ----------
    only
        One family of checks: accounts, firewall, kernel, ssh …
    fail_on
        From which risk on a failed check counts: low, medium, high or critical.
    config
        The file whose table [audit.waive] says what may fail here, why and until when.
    root
        Where the files of the host begin; what programs and the kernel tell is of this host.
    json
        Print one line of JSON.
    """
    from vedette.instruments.audit import looking, registry, scoring, waiving
    from vedette.instruments.judges import reading
    from vedette.instruments.live.host import HostLive

    if fail_on not in scoring.LEVELS:
        raise ConfigError(f"--fail-on {fail_on}: it is one of {', '.join(scoring.LEVELS)}.")
    waivers = waiving.waivers(_waive(config), registry.checks())
    live = HostLive(SystemClock().now(), root)
    ours = looking.audit(live, waivers, only=only)
    found = ours if only else reading.joined(ours, live, waivers)
    emit(found, "" if json else "\n".join(_told(ours, found)), json=json)
    sys.exit(scoring.status(ours.findings, fail_on))


def _waive(path: Path) -> object:
    """Return the table [audit.waive]; where there is no file at the usual place, nothing is waived."""
    if path == CONFIG and not path.exists():
        return {}
    try:
        audit_table = tomllib.loads(path.read_text(encoding="utf-8")).get("audit", {})
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    return audit_table.get("waive", {}) if isinstance(audit_table, Mapping) else audit_table


def _told(ours: "Audit", found: "Audit") -> Iterator[str]:
    from vedette.instruments.audit import scoring
    from vedette.wire.finding import FindingState

    yield scoring.sentence(ours.findings, ours.score)
    by_state = {state: [one for one in found.findings if one.state is state] for state in FindingState}
    for _, group in groupby(by_state[FindingState.FAILED], key=lambda one: one.check):
        yield from _failed(list(group))
    yield from _listed("Could not be told", by_state[FindingState.UNKNOWN])
    yield from _listed("Waived", by_state[FindingState.WAIVED])


def _failed(group: "list[Finding]") -> Iterator[str]:
    from vedette.instruments.audit import scoring

    first = group[0]
    references = f" ({', '.join(first.references)})" if first.references else ""
    yield f"\n{scoring.level(first.risk).upper()} {first.risk:g}  {first.check}, should be so: {first.title}{references}"
    yield from (f"  {one.subject + ': ' if one.subject else ''}{one.evidence}{' ' + one.reason if one.reason else ''}" for one in group)  # fmt: skip
    yield f"  Why: {first.why}"
    yield f"  Fix: {first.fix}"


def _listed(head: str, findings: "Iterable[Finding]") -> Iterator[str]:
    rows = [f"  {one.check}{' ' + one.subject if one.subject else ''}: {one.reason}" for one in findings]
    if rows:
        yield f"\n{head}:"
        yield from rows
