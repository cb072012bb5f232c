"""REST of copies that no plan keeps any more, whose passwords are here until somebody forgets them by name."""

from typing import Annotated

from ninja import Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.backups import service
from vedette.backups.types import Left
from vedette.core.clock import iso
from vedette.plumbing.ports import ports

router = Router(tags=["backups"])
Number = Annotated[int, Path(ge=1, lt=2**53, description="number that the plan had")]
CopyKey = Annotated[str, Path(pattern="^[a-z0-9-]{1,60}$", description="name of the copy")]


class LeftOut(Schema):
    """A copy that no plan keeps any more; its recovery sheet is on `/backups/PLAN/copies/COPY/sheet/`."""

    plan: int
    name: str
    copy_name: str
    host: str
    engine: str
    at: str
    by: str
    left_at: str


class AllLeftOut(Schema):
    """All of them, the last one first."""

    items: list[LeftOut]


class FileOut(Schema):
    """Plans as the text of a file that `vedette apply` reads; no secret is in it."""

    text: str


@router.get("/backups/file", response=FileOut, operation_id="export_backup_plans")
@needs(Verb.BACKUP_READ)
def export_plans(request: Request) -> FileOut:
    """Return the plans that were made by hand as a file for `vedette apply`; secrets that are kept here stay then."""
    return FileOut(text=service.export_file(request.actor))


@router.get("/backups/left", response=AllLeftOut, operation_id="list_left_copies")
@needs(Verb.BACKUP_READ)
def list_left(request: Request) -> AllLeftOut:
    """List copies that no plan keeps any more: what they stored is where it was."""
    return AllLeftOut(items=[_left(one) for one in service.left()])


@router.delete(
    "/backups/left/{plan}/{copy_name}", response={204: None}, operation_id="forget_left_copy"
)  # fmt: skip
@needs(Verb.BACKUP_WRITE)
def forget(
    request: Request, plan: Number, copy_name: CopyKey, confirm: Annotated[str, Query(max_length=130)] = ""
) -> Status[None]:
    """Forget what opens a copy; `confirm` is its `plan/copy`. Only a sheet that was printed opens it then."""
    service.forget(request.actor, plan, copy_name, confirm, ports().clock.now())
    return Status(204, None)


def _left(one: Left) -> LeftOut:
    return LeftOut(
        plan=one.plan, name=one.was.name, copy_name=one.copy.name, host=one.host_name, engine=one.copy.engine, at=one.copy.at,
        by=one.by, left_at=iso(one.left_at),
    )  # fmt: skip
