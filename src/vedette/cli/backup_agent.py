"""Backups of the agent that runs on this host, whose plans are the server's: what they are, and one at once."""

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from vedette.agent.desk import NAME, Asked, ask
from vedette.cli import backup_plans
from vedette.cli.backup_options import Where
from vedette.cli.out import emit, table
from vedette.core.clock import monotonic
from vedette.core.errors import Unavailable

STATE = Path("/var/lib/vedette-agent")
Row = Mapping[str, str | float | bool]
_BEGINS, _BETWEEN = 120.0, 1.0  # seconds until it is begun, between two looks
_FAILED = 1


def speaks(where: Where, folder: Path = STATE) -> bool:
    """Tell whether the agent is asked: where no plan is named by flags or a file, and one runs."""
    return (
        not where.adhoc and where.config is None and not backup_plans.filed() and (folder / NAME).is_socket()
    )


def show(*, json: bool, folder: Path = STATE) -> None:
    """Print the agent's plans and how each stands."""
    found = rows(folder)
    text = table([{name: _said(row[name]) for name in ("plan", "copy", "at", "saved", "drilled", "refused")} for row in found], "The agent has no plans.")  # fmt: skip
    emit(found, text, json=json)


def run(plan: str, *, json: bool, folder: Path = STATE) -> None:
    """Have a plan run at once and wait for its end; exits 1 unless every copy of it was saved."""
    before = {str(row["copy"]): row["saved"] for row in rows(folder) if row["plan"] == plan}
    answer = ask(folder, Asked(verb="backup run", value=plan, by="the command line"))
    if answer is None:
        raise Unavailable(f"No agent runs with {folder}.")
    after = _ended(plan, before, folder)
    bad = sorted(copy for copy, saved in after.items() if saved == before.get(copy))
    text = (
        f"{plan}: not saved to {', '.join(bad)}; its run says why on the server's page."
        if bad
        else f"{plan} is saved."
    )
    emit({"plan": plan, "saved": {copy: copy not in bad for copy in after}}, text, json=json)
    sys.stdout.flush()
    if bad or not after:
        sys.exit(_FAILED)


def rows(folder: Path) -> Sequence[Row]:
    """Return the copies of the agent's plans; raises `Unavailable` where none runs."""
    answer = ask(folder, Asked(verb="backup status"))
    if answer is None:
        raise Unavailable(f"No agent runs with {folder}.")
    return answer.rows


def _ended(plan: str, before: Mapping[str, object], folder: Path) -> Mapping[str, object]:
    """Wait until a plan was begun and is at rest again; return when each copy was saved last."""
    latest, begun = monotonic() + _BEGINS, False
    while True:
        there = [row for row in rows(folder) if row["plan"] == plan]
        saved = {str(row["copy"]): row["saved"] for row in there}
        busy = any(row["runs"] for row in there)
        begun = begun or busy or saved != before
        if (begun and not busy) or (not begun and monotonic() > latest):
            return saved
        time.sleep(_BETWEEN)


def _said(value: object) -> str:
    return str(value) if value else ""
