"""Backups in words for a terminal; names of files are written, so that none can steer it."""

from collections.abc import Iterator, Sequence

from vedette.cli.backup_state import Report
from vedette.cli.out import table
from vedette.core.clock import to_datetime
from vedette.instruments.backup.phrasing import count, size, span
from vedette.wire.backup import BackupRun, Check, DrillRun, Entry, Plan, RestoreRun, Snapshot, Stage

_MARKS = {Stage.DONE: "done", Stage.FAILED: "FAILED", Stage.RUNNING: "running"}
_KINDS = {BackupRun: "run", DrillRun: "drill", RestoreRun: "restore"}


def report(one: Report) -> str:
    """Return how a run, drill or restore ended: the sentence first, then what failed, then what to do."""
    lines = [f"{kind(one)} {one.plan} to {one.copy}: {_MARKS[one.stage]}. {one.sentence}"]
    lines += [f"  {'ok' if check.passed else 'NO'}  {check.name}: {check.text}" for check in checks_of(one)]
    lines += [f"  To do: {one.fix}"] if one.fix else []
    lines += (
        [f"  It said: {line}" for line in one.output.splitlines()[-5:]] if one.stage is Stage.FAILED else []
    )
    return "\n".join(map(printable, lines))


def reports(found: Sequence[Report]) -> str:
    """Return runs as a table, newest first."""
    rows = [
        {"began": when(one.began_at), "what": kind(one), "plan": one.plan, "copy": one.copy, "ended": _MARKS[one.stage],
         "how": one.failure or "", "sentence": _short(printable(one.sentence))}
        for one in found
    ]  # fmt: skip
    return table(rows, "Nothing ran here yet: vedette backup run.")


def plans(found: Sequence[tuple[Plan, BackupRun | None, DrillRun | None]], now: float) -> str:
    """Return plans with their last good backup and drill."""
    rows = [
        {"plan": plan.name, "saves": ", ".join(what.kind for what in plan.what), "to": ", ".join(copy.name for copy in plan.copies),
         "when": plan.schedule.cron, "saved": _ago(run, now), "proven": _ago(drill, now)}
        for plan, run, drill in found
    ]  # fmt: skip
    return table(rows, "There is no plan.")


def snapshots(found: Sequence[Snapshot], proven: Sequence[str], now: float) -> str:
    """Return snapshots, newest first, those that a drill proved marked."""
    rows = [
        {"snapshot": one.name[:60], "made": when(one.at), "age": f"{span(max(0.0, now - one.at))}",
         "files": f"{one.files:,}" if one.files else "", "size": size(one.bytes) if one.bytes else "",
         "proven": "yes" if one.name in proven else "" if one.whole else "not whole"}
        for one in found
    ]  # fmt: skip
    return table(rows, "The repository holds no snapshot.")


def entries(found: Sequence[Entry]) -> str:
    """Return what lies in a folder of a snapshot."""
    rows = [
        {
            "changed": when(one.at),
            "size": size(one.size) if one.kind == "file" else one.kind,
            "name": one.name,
        }
        for one in found
    ]
    return table(rows, "There is nothing below this folder.")


def when(at: float) -> str:
    """Return an instant, in UTC to the second."""
    return to_datetime(at).strftime("%Y-%m-%d %H:%M:%S")


def kind(one: Report) -> str:
    """Return what a report is of."""
    return _KINDS[type(one)]


def checks_of(one: Report) -> tuple[Check, ...]:
    """Return what was looked at."""
    return () if isinstance(one, BackupRun) else one.checks


def printable(text: str) -> str:
    """Return text without what steers a terminal."""
    return "".join(_printable(text))


def _short(text: str, most: int = 100) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def summary(checks: Sequence[Check]) -> str:
    """Return how many checks passed."""
    return f"{sum(check.passed for check in checks)} of {count(len(checks), 'check')}"


def _printable(text: str) -> Iterator[str]:
    return (sign if sign.isprintable() or sign == "\n" else " " for sign in text)


def _ago(one: BackupRun | DrillRun | None, now: float) -> str:
    return f"{span(max(0.0, now - one.began_at))} ago" if one else "never"
