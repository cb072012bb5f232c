"""REST of what was done: backups, drills and restores, the newest first."""

from typing import Annotated

from ninja import Path, Query, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.backups import service
from vedette.backups.life import Act
from vedette.backups.types import Wanted
from vedette.core.clock import iso
from vedette.wire.backup import BackupAct, BackupRun, DrillRun, Progress, RestoreRun

router = Router(tags=["backups"])
RunId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="id of a run, a drill or a restore")]


class CheckOut(Schema):
    """Something a drill or restore looked at."""

    name: str
    passed: bool
    text: str
    seconds: float


class ProgressOut(Schema):
    """How far something is; totals are 0 where they are not known, `eta` seconds."""

    step: str
    files: int
    bytes: int
    of_files: int
    of_bytes: int
    eta: float | None


class RunOut(Schema):
    """A backup (`run`), a drill or a restore. `failure`, `sentence` and `fix` say why it failed and what to do.

    `bytes` were read or brought back, `stored` were added to the repository, which has `repository` now; `rto` seconds passed
    until what was restored could be used, `rpo` would be lost.
    """

    id: str
    kind: str
    plan: str
    copy_name: str
    stage: str
    failure: str | None
    sentence: str
    fix: str
    began_at: str
    ended_at: str | None
    snapshot: str
    files: int
    bytes: int
    stored: int
    repository: int
    verified: bool
    rto: float | None
    rpo: float | None
    into: str
    by: str
    checks: list[CheckOut]
    progress: ProgressOut | None
    output: str


class OneRunOut(RunOut):
    """One of them; `signed` says whether the host's own key vouches for it as it is (null: nobody signed it)."""

    signed: bool | None


class RunsOut(Schema):
    """A page of what was done, the newest first."""

    items: list[RunOut]
    cursor: str | None


@router.get("/backups/runs", response=RunsOut, operation_id="list_backup_runs")
@needs(Verb.BACKUP_READ)
def list_runs(  # noqa: PLR0917 - what a list can be narrowed by
    request: Request,
    plan: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    kind: Annotated[str, Query(pattern="^(run|drill|restore)?$")] = "",
    failed: bool = False,
    cursor: Annotated[str, Query(max_length=200)] = "",
    n: Annotated[int, Query(ge=1, le=100)] = 50,
) -> RunsOut:
    """List backups, drills and restores, of a plan, a kind, or those alone that failed."""
    wanted = Wanted(plan=plan, act=BackupAct(kind) if kind else None, failed=failed)
    page = service.runs(wanted, cursor, n)
    return RunsOut(items=[RunOut.model_validate(_run(one)) for one in page.items], cursor=page.cursor)


@router.get("/backups/runs/{run}", response=OneRunOut, operation_id="get_backup_run")
@needs(Verb.BACKUP_READ)
def get_run(request: Request, run: RunId) -> OneRunOut:
    """Return a backup, a drill or a restore."""
    return OneRunOut.model_validate({**_run(service.run(run)[1]), "signed": service.signed(run)})


def _run(one: Act) -> dict[str, object]:
    """Return what all three have, with what each has alone in its place."""
    told: dict[str, object] = {
        "id": one.id, "plan": one.plan, "copy_name": one.copy, "stage": one.stage.value, "sentence": one.sentence, "fix": one.fix,
        "failure": one.failure.value if one.failure else None, "began_at": iso(one.began_at), "files": one.files, "output": one.output,
        "ended_at": None if one.ended_at is None else iso(one.ended_at), "progress": _progress(one.progress),
        "kind": "", "snapshot": "", "bytes": 0, "stored": 0, "repository": 0, "verified": False, "rto": None, "rpo": None, "into": "",
        "by": "", "checks": [],
    }  # fmt: skip
    return {**told, **_own(one)}


def _own(one: Act) -> dict[str, object]:
    if isinstance(one, BackupRun):
        return {
            "kind": "run", "snapshot": one.snapshot, "bytes": one.read, "stored": one.stored, "repository": one.repository,
            "verified": one.verified,
        }  # fmt: skip
    own: dict[str, object] = {"bytes": one.bytes, "checks": _checks(one)}
    if isinstance(one, DrillRun):
        return {**own, "kind": "drill", "snapshot": one.snapshot, "rto": one.rto, "rpo": one.rpo}
    return {**own, "kind": "restore", "snapshot": one.aim.snapshot, "into": one.into, "by": one.by}


def _checks(one: DrillRun | RestoreRun) -> list[CheckOut]:
    return [
        CheckOut(name=each.name, passed=each.passed, text=each.text, seconds=each.seconds)
        for each in one.checks
    ]


def _progress(one: Progress | None) -> ProgressOut | None:
    if one is None:
        return None
    return ProgressOut(
        step=one.step,
        files=one.files,
        bytes=one.bytes,
        of_files=one.of_files,
        of_bytes=one.of_bytes,
        eta=one.eta,
    )
