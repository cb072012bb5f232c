"""`vedette doctor`: what is wrong with this installation."""

import sys

import msgspec

from vedette.cli.out import emit
from vedette.core import settings as core_settings

_MARKS = {"ok": "●", "warn": "▲", "fail": "◆"}


def doctor(*, json: bool = False) -> None:
    """Look over the data folder, databases, key file, disk, port, mail server and clock; exits 1 when something fails."""
    from vedette.app.doctor import examine

    found = examine(core_settings.load())
    bad = sum(finding.state == "fail" for finding in found)
    lines = [
        f"{_MARKS[f.state]} {f.state:<4}  {f.check}: {f.text}{' → ' + f.todo if f.todo else ''}"
        for f in found
    ]
    verdict = "Nothing is wrong." if not bad else f"{bad} {'thing needs' if bad == 1 else 'things need'} you."
    value = {"ok": not bad, "findings": [msgspec.structs.asdict(finding) for finding in found]}
    emit(value, "\n".join([*lines, verdict]), json=json)
    if bad:
        sys.exit(1)
