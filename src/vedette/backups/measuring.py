"""The series of backups, for charts and rules: how long runs and restores took, how much was stored, what failed."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from vedette.backups.life import Act
from vedette.backups.store import plans, runs
from vedette.backups.store.runs import Kept
from vedette.signals import service as signals
from vedette.signals.types import Series
from vedette.wire.backup import BackupRun, DrillRun, Stage

_LABELS = ("plan", "copy")
_FINEST = 3_600.0
Value = Callable[[Act], float | None]


def register() -> None:
    """Enter the series of backups in the catalogue."""
    for name, unit, about, value in _SERIES:
        signals.register(
            Series(
                name=name, unit=unit, labels=_LABELS, read=partial(_read, value), totals=partial(_totals, value), finest=_FINEST,
                level=unit in {"s", "bytes"}, about=about,
            )
        )  # fmt: skip


def _seconds(act: Act) -> float | None:
    ran = isinstance(act, BackupRun) and act.stage is Stage.DONE and act.ended_at is not None
    return act.ended_at - act.began_at if ran and act.ended_at is not None else None


def _rto(act: Act) -> float | None:
    return act.rto if isinstance(act, DrillRun) and act.stage is Stage.DONE else None


def _stored(act: Act) -> float | None:
    return float(act.stored) if isinstance(act, BackupRun) and act.stage is Stage.DONE else None


def _repository(act: Act) -> float | None:
    return float(act.repository) if isinstance(act, BackupRun) and act.repository else None


def _failed(act: Act) -> float | None:
    return 1.0 if act.stage is Stage.FAILED else 0.0


_SERIES: tuple[tuple[str, str, str, Value], ...] = (
    ("backup.seconds", "s", "How long backups took, by plan and copy: the most in each step.", _seconds),
    ("backup.rto", "s", "How long restores took that drills proved: the most in each step.", _rto),
    (
        "backup.stored",
        "bytes",
        "How much backups added to their repositories: the most in each step.",
        _stored,
    ),
    ("backup.repository", "bytes", "How large repositories are: the most in each step.", _repository),
    ("backup.failures", "runs", "Backups, drills and restores that failed.", _failed),
)


def _read(value: Value, labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    found = [0.0] * max(0, -int(-(end - start) // step))
    for one, _ in _told(labels, start, end):
        amount, at = value(one.act), one.act.ended_at
        if amount is not None and at is not None:
            place = int((at - start) // step)
            found[place] = found[place] + amount if value is _failed else max(found[place], amount)
    return found


def _totals(
    value: Value, by: Sequence[str], labels: Mapping[str, str], start: float, end: float
) -> Sequence[tuple[Mapping[str, str], float]]:
    found: dict[tuple[str, ...], float] = defaultdict(float)
    for one, named in _told(labels, start, end):
        amount = value(one.act)
        if amount is not None:
            key = tuple(named.get(name, "") for name in by)
            found[key] = found[key] + amount if value is _failed else max(found[key], amount)
    return [(dict(zip(by, key, strict=True)), amount) for key, amount in found.items()]


def _told(labels: Mapping[str, str], start: float, end: float) -> list[tuple[Kept, Mapping[str, str]]]:
    """Return what ended in a time and has these labels, each with its own."""
    names = {one.id: one.plan.name for one in plans.every()}
    found = [
        (one, {"plan": names.get(one.plan, ""), "copy": one.act.copy}) for one in runs.between(start, end)
    ]
    return [(one, named) for one, named in found if named.items() >= labels.items()]
