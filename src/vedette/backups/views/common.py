"""What every page of backups begins with: the clock, names of hosts, and rows of plans and runs."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.backups.types import Standing
from vedette.backups.views import saying
from vedette.hosts import service as hosts
from vedette.plumbing.ports import ports
from vedette.wire.backup import BackupRun, Progress, Stage

PAGE = "/backups/"


class PlanRow(msgspec.Struct, frozen=True):
    """A plan as a list shows it."""

    one: Standing
    href: str
    host: str
    tone: str
    word: str
    safe: bool


class RunRow(msgspec.Struct, frozen=True):
    """A backup, drill or restore as a list shows it; `took` is in seconds, `size` in bytes."""

    one: saying.AnyRun
    href: str
    kind: str
    icon: str
    tone: str
    word: str
    text: str
    took: float | None
    size: int


def now() -> float:
    """Return the instant of this request."""
    return ports().clock.now()


def host_names() -> Mapping[int, str]:
    """Return what hosts are called, by their numbers."""
    return {one.id: one.name for one in hosts.every()}


def host_of(host: int) -> str:
    """Return what a host is called; raises `NotFound`."""
    return hosts.find(str(host)).name


def host_name(names: Mapping[int, str], host: int) -> str:
    """Return what a host is called."""
    return names.get(host, f"host {host}")


def plan_rows(found: Iterable[Standing], names: Mapping[int, str]) -> list[PlanRow]:
    """Return plans as a list shows them, in the same order."""
    return [
        PlanRow(one, href_of(one.known.id), host_name(names, one.known.host), *saying.HEALTHS[one.health], saying.holds_321(one))
        for one in found
    ]  # fmt: skip


def run_rows(found: Sequence[saying.AnyRun]) -> list[RunRow]:
    """Return runs as a list shows them, in the same order."""
    return [_run_row(one) for one in found]


def href_of(plan: int) -> str:
    """Return the page of a plan."""
    return f"{PAGE}{plan}/"


def percent(progress: Progress | None) -> int | None:
    """Return how much is done (0 to 100), None where nobody knows how much there is."""
    if progress is None or not (progress.of_bytes or progress.of_files):
        return None
    done, of = (
        (progress.bytes, progress.of_bytes) if progress.of_bytes else (progress.files, progress.of_files)
    )
    return min(100, 100 * done // of)


def _run_row(one: saying.AnyRun) -> RunRow:
    size = one.read if isinstance(one, BackupRun) else one.bytes
    step = one.progress.step if one.progress and one.stage is Stage.RUNNING else ""
    took = None if one.ended_at is None else max(0.001, one.ended_at - one.began_at)
    return RunRow(
        one,
        f"{PAGE}runs/{one.id}/",
        *saying.kind_of(one),
        *saying.stage_of(one),
        step or one.sentence,
        took,
        size,
    )
