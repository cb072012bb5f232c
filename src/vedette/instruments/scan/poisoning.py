"""Lock files that fetch another package than they name: whoever reads such a file approves of something else. Pure."""

from collections.abc import Iterable

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.fetched import LABEL
from vedette.wire.finding import Finding, FindingState
from vedette.wire.scan import Component

CHECK = "lock-fetches-another"
_RISK = 8.0  # as bad as whatever the archive holds, which nobody chose by its name


def poisoned(components: Iterable[Component]) -> tuple[Finding, ...]:
    """Return a finding for each package that a lock file lists under another name or version than it fetches."""
    return tuple(_finding(each, each.labels[LABEL]) for each in components if LABEL in each.labels)


def _finding(package: Component, listed: str) -> Finding:
    listed, fetched = telling.shown(listed), telling.shown(f"{package.name} {package.version}")
    return Finding(
        check=CHECK, title=f"{listed} is listed, and {fetched} is fetched", state=FindingState.FAILED, subject=package.name,
        risk=_RISK, place=package.place, identity=f"{package.ecosystem}/{package.name}/{CHECK}/{listed.rpartition(' ')[0]}",
        why="The lock file gives the address of another archive than its name and version say: who reads it approves of "
        "one package, and another is installed. It is judged here by what is fetched.",
        fix="See who changed this line, then write the lock file anew with the tool that made it.",
        labels={"package": package.name, "version": package.version, "ecosystem": package.ecosystem},
    )  # fmt: skip
