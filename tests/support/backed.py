"""Plans, runs and drills as hosts tell them, for tests of what keeps, shows and carries them."""

import msgspec

from vedette.core import ids
from vedette.wire.backup import (
    BackupRun,
    Check,
    Copy,
    DrillRun,
    Failure,
    Manifest,
    Part,
    Plan,
    Schedule,
    Stage,
    Table,
    What,
)

HOUR, DAY = 3_600.0, 86_400.0
BOX = Copy(name="box", engine="memory", at="mem://box/shop", offsite=True)
DISK = Copy(name="disk", engine="memory", at="/backup/shop")


def plan(name: str = "shop", **changes: object) -> Plan:
    """Return a plan that keeps a folder at a box."""
    made = Plan(
        name=name,
        what=(What(kind="folder", settings={"path": "/srv/shop"}),),
        copies=(BOX,),
        schedule=Schedule(cron="17 2 * * *", jitter=0.0),
    )
    return msgspec.structs.replace(made, **changes)


def saved(at: float, **changes: object) -> BackupRun:
    """Return a good run that began at an instant."""
    part = Part(what="folder", files=1_204, bytes=4_000_000_000, tables=(Table("orders", 810_000),))
    made = BackupRun(
        id=ids.new_id(), plan="shop", copy="box", engine="memory", began_at=at, ended_at=at + 191.0, stage=Stage.DONE,
        sentence="1,204 files (4.0 GB) stored and read back.", snapshot="shop-0001", files=1_204, read=4_000_000_000,
        stored=12_000_000, repository=9_000_000_000, verified=True, manifest=Manifest(at=at, parts=(part,)),
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def failed(at: float, failure: Failure = Failure.TARGET_FULL, **changes: object) -> BackupRun:
    """Return a run that failed."""
    return saved(
        at, stage=Stage.FAILED, failure=failure, snapshot="", verified=False, sentence="There is no room on box.",
        fix="Free space there, keep fewer, or choose a larger place.", **changes,
    )  # fmt: skip


def drilled(at: float, **changes: object) -> DrillRun:
    """Return a drill that found all well."""
    made = DrillRun(
        id=ids.new_id(), plan="shop", copy="box", engine="memory", snapshot="shop-0001", saved_at=at - HOUR, began_at=at,
        ended_at=at + 252.0, stage=Stage.DONE, sentence="All of it came back as it was saved.", rto=252.0, rpo=HOUR,
        checks=(Check(name="rows of orders", passed=True, text="810,000 as saved", seconds=2.0),), files=1_204, bytes=4_000_000_000,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)
