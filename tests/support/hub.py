"""CrowdSec's hub tests as expectations: which line of a log, read by which of the hub's parsers, tells what."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROW = re.compile(
    r'results\["(?P<stage>[^"]+)"\]\["(?P<parser>[^"]+)"\]\[(?P<number>\d+)\]\.'
    r'(?:(?P<success>Success)|Evt\.(?P<part>Meta|Parsed)\["(?P<key>[^"]+)"\]) == (?P<value>.*)'
)


@dataclass
class Expected:
    """What the hub expects of one line: `told` is what its parser must have made of it."""

    test: str
    parser: str
    number: int
    success: bool = False
    told: dict[str, str] = field(default_factory=dict)
    message: str = ""
    line: str = ""


def folder(corpora: Path) -> Path:
    return corpora / "detect/crowdsec-hub/.tests"


def names(corpora: Path) -> list[str]:
    return sorted(path.name for path in folder(corpora).iterdir() if path.is_dir())


def expectations(corpora: Path, test: str) -> list[Expected]:
    """Return what parsers of the stage `s01-parse` must have made of a test's lines, each with its line."""
    path = folder(corpora) / test / "parser.assert"
    if not path.exists():
        return []
    found = [one for one in _read(test, path.read_text("utf-8", "replace")) if one.success]
    for parser in {one.parser for one in found}:
        _placed([one for one in found if one.parser == parser], _lines(corpora, test))
    return found


def _read(test: str, text: str) -> Iterator[Expected]:
    found: dict[tuple[str, int], Expected] = {}
    for line in text.splitlines():
        row = ROW.fullmatch(line.strip())
        if row is None or row["stage"] != "s01-parse":
            continue
        key = (row["parser"], int(row["number"]))
        one = found.setdefault(key, Expected(test, *key))
        if row["success"]:
            one.success = row["value"] == "true"
        elif row["part"] == "Meta":
            one.told[row["key"]] = _value(row["value"])
        elif row["key"] == "message":
            one.message = _value(row["value"])
    yield from sorted(found.values(), key=lambda one: (one.parser, one.number))


def _value(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text.strip('"')


def _lines(corpora: Path, test: str) -> list[str]:
    logs = sorted((folder(corpora) / test).glob("*.log"))
    return [line for log in logs for line in log.read_text("utf-8", "replace").split("\n") if line.strip()]


def _placed(expected: list[Expected], lines: list[str]) -> None:
    """Give each its line: the next that holds what it says; expectations stand in the order of the lines."""
    at = 0
    for one in expected:
        known = one.message.strip() or one.told.get("http_path", "") or one.told.get("source_ip", "")
        place = next((n for n in range(at, len(lines)) if known in lines[n]), None)
        if place is not None:
            one.line, at = lines[place], place + 1
