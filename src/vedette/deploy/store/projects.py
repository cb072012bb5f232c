"""SQL of projects. Tokens and files are sealed before they are written; a token is opened for a look or a run alone."""

from collections.abc import Mapping

import msgspec

from vedette.core.errors import NotFound
from vedette.deploy.models import DriftRow, ProjectRow, RunRow, SeenRow
from vedette.deploy.types import SEAL, CloudProject
from vedette.instruments.backup.types import Secret
from vedette.plumbing.ports import ports

_HINT = 4


def named() -> dict[int, str]:
    """Return what projects are called, by their numbers; nothing is opened for that."""
    return dict(ProjectRow.objects.order_by("name").values_list("id", "name"))


def every() -> list[CloudProject]:
    """Return all projects by name."""
    return [_project(row) for row in ProjectRow.objects.order_by("name")]


def changed() -> dict[int, float]:
    """Return when each project was changed last, by number."""
    return dict(ProjectRow.objects.values_list("id", "changed_at"))


def count() -> int:
    """Return how many there are."""
    return ProjectRow.objects.count()


def find(name: str) -> CloudProject | None:
    """Return a project by its name."""
    row = ProjectRow.objects.filter(name=name).first()
    return None if row is None else _project(row)


def find_by(number: int) -> CloudProject | None:
    """Return a project by its number."""
    row = ProjectRow.objects.filter(id=number).first()
    return None if row is None else _project(row)


def get(number: int) -> CloudProject:
    """Return a project by its number; raises `NotFound`."""
    found = find_by(number)
    if found is None:
        raise NotFound(f"There is no infrastructure project {number}.")
    return found


def pulses() -> list[tuple[int, float | None, int, bool]]:
    """Return of each project that has a token: its number, when a look was tried last, what that asked, whether somebody waits."""
    rows = ProjectRow.objects.exclude(hint="").order_by("id")
    return list(rows.values_list("id", "tried_at", "requests", "wanted"))


def add(name: str, endpoint: str, by: str, now: float) -> CloudProject:
    """Insert a project that has neither token nor files yet."""
    return _project(
        ProjectRow.objects.create(name=name, endpoint=endpoint, by=by[:150], changed_at=now, wanted=True)
    )


def remove(number: int) -> None:
    """Delete a project with its token, and all that was seen and done."""
    for kind in (SeenRow, DriftRow, RunRow):
        kind.objects.filter(project=number).delete()
    ProjectRow.objects.filter(id=number).delete()


def put_token(number: int, token: str, endpoint: str, by: str, now: float) -> None:
    """Seal a token in the place of the one before."""
    ProjectRow.objects.filter(id=number).update(
        token=ports().seal.seal(token, SEAL), hint=token[-_HINT:], endpoint=endpoint, writes=None, by=by[:150], changed_at=now,
        problem="", problem_at=None, wanted=True,
    )  # fmt: skip


def token(number: int) -> Secret | None:
    """Open the token of a project; None where it has none."""
    sealed = ProjectRow.objects.filter(id=number).values_list("token", flat=True).first()
    return Secret(ports().seal.open(sealed, SEAL)) if sealed else None


def put_files(number: int, files: Mapping[str, str], source: str, by: str, now: float) -> None:
    """Seal what should be there."""
    sealed = ports().seal.seal(msgspec.json.encode(files).decode(), SEAL)
    ProjectRow.objects.filter(id=number).update(
        files=sealed, source=source[:200], by=by[:150], changed_at=now, wanted=True
    )


def want(number: int) -> None:
    """Ask for a look at once."""
    ProjectRow.objects.filter(id=number).update(wanted=True)


def looked(number: int, now: float, requests: int) -> None:
    """Note that a project was read."""
    ProjectRow.objects.filter(id=number).update(
        read_at=now, tried_at=now, problem="", problem_at=None, told=False, requests=requests, wanted=False
    )


def failed(number: int, now: float, problem: str) -> None:
    """Note that a project could not be read, and since when that is so."""
    rows = ProjectRow.objects.filter(id=number)
    rows.filter(problem_at=None).update(problem_at=now)
    rows.update(tried_at=now, problem=problem[:600], wanted=False)


def untold() -> list[int]:
    """Return the projects that cannot be read and of which nobody was told."""
    return list(ProjectRow.objects.filter(told=False).exclude(problem_at=None).values_list("id", flat=True))


def was_told(number: int) -> bool:
    """Tell whether people were told that a project cannot be read."""
    return ProjectRow.objects.filter(id=number, told=True).exists()


def tell(number: int) -> None:
    """Note that people were told that a project cannot be read."""
    ProjectRow.objects.filter(id=number).update(told=True)


def may_write(number: int, *, writes: bool) -> None:
    """Note whether Hetzner lets the token change things."""
    ProjectRow.objects.filter(id=number).update(writes=writes)


def _project(row: ProjectRow) -> CloudProject:
    files = msgspec.json.decode(ports().seal.open(row.files, SEAL), type=dict[str, str]) if row.files else {}
    return CloudProject(
        id=row.id, name=row.name, endpoint=row.endpoint, hint=row.hint, writes=row.writes, files=files, source=row.source,
        changed_at=row.changed_at, by=row.by, read_at=row.read_at, tried_at=row.tried_at, problem=row.problem,
        problem_at=row.problem_at, requests=row.requests, wanted=row.wanted,
    )  # fmt: skip
