"""How backups read to a person: what failed, what is not proven, what was brought back; lines of the story."""

from collections.abc import Mapping

from vedette.backups.life import Act
from vedette.backups.types import ROOM, Known
from vedette.hosts import service as hosts
from vedette.signals.types import Moment, Severity, Signal, SignalState
from vedette.wire.agent.deciding.spelling import spelled
from vedette.wire.backup import BackupOrder, BackupRun, DrillRun, RestoreRun, Settled, Stage

FAILED, DRILL_FAILED, RESTORED = "backup.failed", "backup.drill", "backup.restored"
UNPROVEN, RPO, RTO, LATE, LAGS = "backup.unproven", "backup.rpo", "backup.rto", "backup.late", "backup.lags"
_SEVERITIES = {
    FAILED: Severity.HIGH,
    DRILL_FAILED: Severity.CRITICAL,
    RESTORED: Severity.INFO,
    UNPROVEN: Severity.HIGH,
    RPO: Severity.CRITICAL,
    RTO: Severity.LOW,
    LATE: Severity.LOW,
    LAGS: Severity.LOW,
}


def link(plan: int) -> str:
    """Return the path of a plan's page."""
    return f"/backups/{plan}/"


def link_of(act: Act) -> str:
    """Return the path of the page of a run, a drill or a restore."""
    return f"/backups/runs/{act.id}/"


def host_name(host: int) -> str:
    """Return the name of a host, its number where it was removed."""
    return next((one.name for one in hosts.every() if one.id == host), str(host))


def of_ended(known: Known, host: str, act: Act, last: Act | None, now: float) -> list[Signal]:
    """Return what people have to know of an end: that it failed, that it works again, that something was brought back."""
    failed = act.stage is Stage.FAILED
    if isinstance(act, RestoreRun):
        severity = Severity.HIGH if failed else Severity.INFO
        return [
            _signal(known, host, RESTORED, _title(known, host, act), now, None, act=act, severity=severity)
        ]
    kind = FAILED if isinstance(act, BackupRun) else DRILL_FAILED
    if not failed and (last is None or last.stage is not Stage.FAILED):
        return []
    return [_signal(known, host, kind, _title(known, host, act), now, not failed, act=act)]


def of_standing(known: Known, host: str, kind: str, text: str, now: float, *, over: bool) -> Signal:
    """Return that a plan misses a goal, or does so no longer."""
    return _signal(known, host, kind, f"{known.plan.name} of {host}: {text}", now, over)


def moment(known: Known, host: str, act: Act, now: float) -> Moment:
    """Return the line of the story about an end."""
    kind = (
        "backup.run"
        if isinstance(act, BackupRun)
        else "backup.drill"
        if isinstance(act, DrillRun)
        else RESTORED
    )
    return _moment(known, host, kind, _title(known, host, act), link_of(act), now)


def of_settled(known: Known, host: str, order: BackupOrder, told: Settled, now: float) -> Moment:
    """Return the line of the story about an order that ended without a run."""
    text = f"{known.plan.name} of {host}, {order.act} of {told.copy or order.copy}: {told.sentence}"
    return _moment(known, host, f"backup.{order.act}", text, link(known.id), now)


def _title(known: Known, host: str, act: Act) -> str:
    """Return what ended, how, and how long it took."""
    took = spelled((act.ended_at or act.began_at) - act.began_at)
    failed = act.stage is Stage.FAILED
    where = f"{known.plan.name} of {host}"
    if isinstance(act, BackupRun):
        said = f"backup to {act.copy} failed" if failed else f"saved to {act.copy} in {took}"
    elif isinstance(act, DrillRun):
        rto = spelled(act.rto) if act.rto is not None else took
        said = f"drill of {act.copy} failed" if failed else f"restore from {act.copy} proven in {rto}"
    else:
        said = f"restore to {act.into or 'where it was'} {'failed' if failed else f'done in {took}'}, by {act.by}"
    return plain(f"{where}: {said}{f': {act.sentence}' if failed else '.'}")


def plain(text: str) -> str:
    """Return a text on one line, without what does not print."""
    return "".join(char if char.isprintable() else " " for char in text[:600])[:500]


def _moment(known: Known, host: str, kind: str, text: str, path: str, now: float) -> Moment:  # noqa: PLR0917 - a line's parts
    """Return a line of the story of a host: what is told of that host shows its backups, too."""
    return Moment(
        at=now, room=ROOM, kind=kind[:40], subject=host, text=plain(text), link=path, project=known.project or None,
    )  # fmt: skip


def _signal(  # noqa: PLR0917 - a signal's parts
    known: Known, host: str, kind: str, title: str, now: float, over: bool | None, *, act: Act | None = None,
    severity: Severity | None = None,
) -> Signal:  # fmt: skip
    state = SignalState.INFO if over is None else SignalState.RESOLVED if over else SignalState.FIRING
    labels: Mapping[str, str] = {"host": host, "plan": known.plan.name}
    if isinstance(act, BackupRun | RestoreRun):
        labels = {**labels, "copy": act.copy}
    return Signal(
        room=ROOM, kind=kind, subject=known.plan.name, severity=severity or _SEVERITIES[kind], state=state, at=now,
        title=plain(title)[:300], text=plain(act.fix if act else title), link=link_of(act) if act else link(known.id),
        project=known.project or None, labels=labels,
    )  # fmt: skip
