"""Plans of backups: what is saved, where it is kept, when, for how long, and how it is proven. Lengths are seconds."""

from collections.abc import Mapping

import msgspec

DAY = 86_400.0


class What(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is saved. `kind` is one of the sources (`instruments/backup/what/<kind>`), `settings` are its own.

    `name` tells two of one kind apart; empty means the kind.
    """

    kind: str
    name: str = ""
    settings: Mapping[str, object] = {}


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """Where a copy is kept: a repository of an engine. `at` is a path or an URL (`/backup/shop`, `sftp://u1@box/shop`, `s3://…`).

    `settings` are the engine's own (`append_only`, `region`, `port`), `secrets` name what it needs besides the repository's
    password (`access_key`); their values never stand in a plan. `offsite` says that it is another place than the host.
    """

    name: str
    engine: str
    at: str
    settings: Mapping[str, object] = {}
    secrets: tuple[str, ...] = ()
    offsite: bool = False


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When: a cron line in a zone, spread by up to `jitter` seconds. What was missed is caught up unless that is off."""

    cron: str = "17 2 * * *"
    zone: str = "UTC"
    jitter: float = 600.0
    catch_up: bool = True


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """How many are kept of each age; all zero keeps everything."""

    last: int = 0
    hourly: int = 0
    daily: int = 7
    weekly: int = 4
    monthly: int = 6
    yearly: int = 0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a run may use: bytes a second to the repository (0: no limit), priority, seconds at most."""

    upload: int = 0
    nice: int = 10
    idle_io: bool = True
    seconds: float = 6 * 3_600.0


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """A program that runs before or after; a failing `before` stops the run, an `after` runs whatever happened."""

    run: tuple[str, ...]
    seconds: float = 300.0


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """Something a drill asks of what was restored: SQL whose single value is compared, or a program that must end with 0.

    `is_` and `value` compare (`>=`, `810000`); the restored place is the working folder and `VEDETTE_RESTORED` of a program.
    """

    name: str
    sql: str = ""
    database: str = ""
    run: tuple[str, ...] = ()
    is_: str = msgspec.field(default=">=", name="is")
    value: str = "1"


class Drills(msgspec.Struct, frozen=True, kw_only=True):
    """How backups are proven: when, how much of huge sets each time (0: all), the whole within so many days, and what is asked.

    With `host` another host proves the copies that it can reach (`is_proven_elsewhere`).
    """

    cron: str = "43 4 * * 0"
    sample: int = 0
    whole_days: int = 30
    asserts: tuple[Assertion, ...] = ()
    host: str = ""


class Goals(msgspec.Struct, frozen=True, kw_only=True):
    """What the team promises itself, in seconds: lose no more than `rpo`, be back within `rto`, proven no longer ago than `proven`."""

    rpo: float = 26 * 3_600.0
    rto: float = 3_600.0
    proven: float = 8 * DAY


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is saved of a host, where, when, how long it is kept, and how it is proven. `shrink` is the share that may vanish."""

    name: str
    what: tuple[What, ...]
    copies: tuple[Copy, ...]
    schedule: Schedule = Schedule()
    keep: Keep = Keep()
    limits: Limits = Limits()
    before: tuple[Hook, ...] = ()
    after: tuple[Hook, ...] = ()
    snapshot: str = ""  # lvm, btrfs, zfs; empty: none
    drills: Drills = Drills()
    goals: Goals = Goals()
    shrink: float = 0.5
    enabled: bool = True

    def is_proven_elsewhere(self, copy: Copy) -> bool:
        """Tell whether another host drills a copy: nobody but the host itself reads what lies at a path of it."""
        return bool(self.drills.host) and not copy.at.startswith("/")
