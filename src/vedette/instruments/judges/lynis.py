"""Reads what Lynis writes (`lynis-report.dat`): a line of `key=value` for everything, `key[]=` for what there may be several of. Pure.

The form is that of Lynis 3: `warning[]=TEST|text|details|solution|`, where `-` stands for nothing.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import islice

from vedette.core.errors import Invalid
from vedette.instruments.judges.types import LYNIS, Judgement, plain
from vedette.wire.finding import Finding, FindingState

MOST_LINES, MOST_FINDINGS = 200_000, 2_000
_RISKS = {"warning[]": 5.0, "suggestion[]": 2.0}  # Lynis tells no risk: a warning is what it holds for wrong
_ABOUT_ITSELF = "LYNIS"  # whether there is a newer Lynis says nothing of the host


def read(text: str) -> Judgement:
    """Return what a report says; raises `Invalid` where it is none of Lynis or breaks off before its end."""
    rows = [line.partition("=") for line in text.split("\n", MOST_LINES)[:MOST_LINES] if "=" in line]
    said = {key: value.strip() for key, _, value in rows if not key.endswith("[]")}
    if "lynis_version" not in said or not said.get("hardening_index", "").isdecimal():
        raise Invalid(
            "It is no whole report of Lynis: it does not end with a hardening index. Let `lynis audit system` come to its end."
        )
    return Judgement(
        judge=LYNIS, version=plain(said["lynis_version"], 40), at=_instant(said.get("report_datetime_end", "")),
        score=min(100.0, float(said["hardening_index"][:4])), findings=_findings((key, value) for key, _, value in rows),
    )  # fmt: skip


def _findings(rows: Iterator[tuple[str, str]]) -> tuple[Finding, ...]:
    """Return warnings and suggestions, each once."""
    found = dict.fromkeys((key, value) for key, value in rows if _is_meant(key, value))
    return tuple(_finding(_RISKS[key], value) for key, value in islice(found, MOST_FINDINGS))


def _is_meant(key: str, value: str) -> bool:
    return key in _RISKS and value.partition("|")[0] not in {"", _ABOUT_ITSELF}


def _finding(risk: float, value: str) -> Finding:
    test, text, details, solution = (
        "" if cell == "-" else cell for cell in (*value.split("|"), "", "", "")[:4]
    )
    return Finding(
        check=f"lynis-{plain(test, 40)}", title=plain(text), subject=plain(details, 200), state=FindingState.FAILED, risk=risk,
        fix=plain(solution.removeprefix("text:")) or plain(text), references=(f"Lynis: {plain(test, 40)}",), labels=_LABELS,
    )  # fmt: skip


_LABELS: dict[str, str] = {"source": LYNIS}


def _instant(text: str) -> float:
    """Lynis tells the host's own time without its zone; it is taken for UTC."""
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=dt.UTC).timestamp()
    except ValueError:
        return 0.0
