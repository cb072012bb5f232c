"""What hosts told of their backups in the last days: plans, runs, drills and a restore, good ones and failed ones.

Runs within `tests.support.past`, beside a server on the same data.
"""

from hashlib import sha256

import msgspec

from vedette.accounts.permissions import SYSTEM
from vedette.backups import service
from vedette.backups.types import Known
from vedette.hosts import service as hosts
from vedette.plumbing.db.sql import transaction
from vedette.wire.backup import (
    Aim,
    Assertion,
    BackupReport,
    BackupRun,
    Check,
    Copy,
    DrillRun,
    Drills,
    Failure,
    Goals,
    Hook,
    Keep,
    Manifest,
    Part,
    Plan,
    Progress,
    Proposal,
    Proposals,
    RestoreRun,
    Sampled,
    Shelf,
    Snapshot,
    Stage,
    Table,
    What,
)

HOUR, DAY = 3_600.0, 86_400.0
BOX = "ssh://u391072@u391072.tidemark.example/./shop"
RUNNING, FAILED, PROVEN, RESTORED = "a" * 32, "f" * 32, "d" * 32, "e" * 32  # ids that pages are asked for by

SHOP = Plan(
    name="shop",
    what=(
        What(kind="postgres", settings={"databases": ["shop"]}),
        What(kind="paths", name="media", settings={"paths": ["/srv/shop/media"], "excludes": ["*.tmp"]}),
    ),
    copies=(
        Copy(name="disk", engine="borg", at="/backup/shop"),
        Copy(name="box", engine="borg", at=BOX, offsite=True),
    ),
    keep=Keep(daily=7, weekly=4, monthly=6),
    before=(Hook(run=("/usr/local/bin/dump-shop", "--quiet")),),
    drills=Drills(asserts=(Assertion(name="Orders are there", sql="select count(*) from orders", database="shop", value="800000"),)),
    goals=Goals(rto=600.0),
)  # fmt: skip
MAIL = Plan(
    name="mail",
    what=(What(kind="paths", settings={"paths": ["/var/mail"]}),),
    copies=(Copy(name="box", engine="borg", at=BOX.replace("shop", "mail"), offsite=True),),
)
WIKI = Plan(
    name="wiki",
    what=(What(kind="sqlite", settings={"paths": ["/srv/wiki/wiki.db"]}),),
    copies=(Copy(name="disk", engine="borg", at="/backup/wiki"),),
)


def fill(now: float) -> None:
    """Give two hosts plans, and let them tell what became of them."""
    db, web, *_ = hosts.every()
    plans = [_planned(db.id, SHOP, now), _planned(web.id, MAIL, now), _planned(web.id, WIKI, now)]
    assert [one.id for one in plans] == [1, 2, 3]
    with transaction():
        service.take(db.id, db.name, [*reports_of_shop(now), shelf(now), proposals(now)], now)
        service.take(web.id, web.name, [*reports_of_mail(now), *reports_of_wiki(now)], now)


def _planned(host: int, plan: Plan, now: float) -> Known:
    return service.put_plan(SYSTEM, host, plan, now - 30 * DAY)


def _id(*label: object) -> str:
    return sha256(repr(label).encode()).hexdigest()[:32]


def run(now: float, plan: str = "shop", copy: str = "disk", at: float = 0.0, **change: object) -> BackupRun:
    """Return a backup that ended well, `at` seconds before `now`."""
    began = now - at
    parts = (
        Part(what="postgres", files=1, bytes=151_000_000, tables=(Table("public.orders", 810_000), Table("public.<b>users", 12_044)),
             schema="9f2c1b7a55", sequences={"orders_id_seq": 810_000}, facts={"server": "15.10"}),
        Part(what="paths/media", files=41_200, bytes=7_400_000_000, samples=(Sampled("/srv/shop/media/1.jpg", 812, "ab" * 32),)),
    )  # fmt: skip
    made = BackupRun(
        id=_id("run", plan, copy, began), plan=plan, copy=copy, engine="borg", began_at=began, ended_at=began + 252.0, stage=Stage.DONE,
        sentence="41 201 files with 7.6 GB were stored and read back whole.", snapshot=f"{plan}-{int(began)}", files=41_201,
        read=7_551_000_000, stored=38_000_000, repository=9_100_000_000, verified=True, manifest=Manifest(at=began, parts=parts),
    )  # fmt: skip
    return msgspec.structs.replace(made, **change)


def drill(now: float, plan: str = "shop", copy: str = "disk", at: float = 0.0, **change: object) -> DrillRun:
    """Return a drill that found everything well, `at` seconds before `now`."""
    began = now - at
    checks = (
        Check(
            name="postgres: it starts",
            passed=True,
            text="PostgreSQL 15.10 started with what came back.",
            seconds=3.1,
        ),
        Check(
            name="postgres: rows",
            passed=True,
            text="2 tables with 822 044 rows, as they were saved.",
            seconds=1.2,
        ),
        Check(name="Orders are there", passed=True, text="810000 >= 800000"),
        Check(
            name="paths/media: names and sizes",
            passed=True,
            text="41 200 files with 7.4 GB, as they were saved.",
            seconds=12.0,
        ),
    )
    made = DrillRun(
        id=_id("drill", plan, copy, began), plan=plan, copy=copy, engine="borg", snapshot=f"{plan}-{int(began - HOUR)}",
        saved_at=began - HOUR, began_at=began, ended_at=began + 260.0, stage=Stage.DONE, rto=252.0, rpo=HOUR, checks=checks,
        sentence="All of it came back as it was saved.", files=41_201, bytes=7_551_000_000,
    )  # fmt: skip
    return msgspec.structs.replace(made, **change)


def restore(now: float, at: float = 0.0, **change: object) -> RestoreRun:
    """Return a restore of two files, `at` seconds before `now`."""
    made = RestoreRun(
        id=_id("restore", "shop", "disk", now - at), plan="shop", copy="disk", aim=Aim(paths=("/srv/shop/media/1.jpg",)), into="/var/tmp/back", by="Mira Lind",
        began_at=now - at, ended_at=now - at + 9.0, stage=Stage.DONE, sentence="2 files are back.", files=2, bytes=1_620,
    )  # fmt: skip
    return msgspec.structs.replace(made, **change)


def reports_of_shop(now: float) -> tuple[BackupReport, ...]:
    """Return what the host of the shop told: good nights, one failed, a drill two days ago, a restore, and a run of now."""
    nights = [run(now, copy=copy, at=n * DAY + 2 * HOUR) for n in range(5, 0, -1) for copy in ("disk", "box")]
    lost = run(
        now, copy="box", at=3 * HOUR, id=FAILED, stage=Stage.FAILED, failure=Failure.NETWORK, verified=False, snapshot="", manifest=None, stored=0, read=0, files=0,
        sentence="u391072.example did not answer on port 22 within 30 s.", fix="See whether the host is up and lets this one in; the next run tries again.",
        output="ssh: connect to host u391072.example port 22: Connection timed out\nFatal: unable to open repository",
    )  # fmt: skip
    going = run(
        now, at=90.0, id=RUNNING, ended_at=None, stage=Stage.RUNNING, sentence="", snapshot="", verified=False, manifest=None, stored=0, read=0, files=0,
        progress=Progress(step="The paths are stored.", files=12_100, of_files=41_200, bytes=2_400_000_000, of_bytes=7_551_000_000, eta=190.0),
    )  # fmt: skip
    return (
        *nights,
        drill(now, at=2 * DAY, id=PROVEN),
        restore(now, at=30 * HOUR, id=RESTORED),
        run(now, at=2 * HOUR),
        lost,
        going,
    )


def reports_of_mail(now: float) -> tuple[BackupReport, ...]:
    """Return what the host of the mail told: a backup, and a drill that found a file changed."""
    bad = drill(
        now, "mail", "box", DAY, stage=Stage.FAILED, failure=Failure.NOT_PROVEN, sentence="1 of 300 files is not as it was saved.",
        fix="Look at the checks that failed; keep older snapshots until one is proven.", rto=None,
        checks=(Check(name="paths: sampled files", passed=False, text="/var/mail/ann: e3b0c442… and not 9f86d081…"), Check(name="paths: names", passed=True, text="300 files.")),
    )  # fmt: skip
    return (run(now, "mail", "box", at=26 * HOUR), bad)


def reports_of_wiki(now: float) -> tuple[BackupReport, ...]:
    """Return what the host of the wiki told: all is well."""
    return run(now, "wiki", at=5 * HOUR), drill(now, "wiki", at=4 * HOUR, rto=12.0)


def snapshots(now: float, plan: str = "shop", many: int = 40) -> tuple[Snapshot, ...]:
    """Return a backup for each night, newest first."""
    return tuple(
        Snapshot(
            name=f"{plan}-{int(now - n * DAY - 2 * HOUR)}",
            at=now - n * DAY - 2 * HOUR,
            plan=plan,
            files=41_201,
            bytes=7_551_000_000,
        )
        for n in range(many)
    )


def shelf(now: float, copy: str = "disk") -> Shelf:
    """Return what a copy of the shop held when it was listed."""
    return Shelf(at=now - 3 * HOUR, plan="shop", copy=copy, snapshots=snapshots(now))


def proposals(now: float) -> Proposals:
    """Return what an agent found on its host."""
    found = (
        Proposal(what=What(kind="postgres", settings={"databases": ["shop"]}), sentence="PostgreSQL 15 on port 5432 with the database shop.", bytes=151_000_000),
        Proposal(what=What(kind="paths", name="etc", settings={"paths": ["/etc"]}), sentence="The settings of this host in /etc.", bytes=4_100_000),
    )  # fmt: skip
    return Proposals(at=now - HOUR, found=found, engines={"borg": "1.4.5", "restic": "0.14.0"})
