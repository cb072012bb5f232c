"""Reads what is accepted: the tables `[[scan.accept]]` of `.vedette-scan.toml` or `vedette.toml`.

```toml
[[scan.accept]]
check = "GHSA-*"
component = "PyPI/joblib"
reason = "we never load what others pickled"
until = 2027-03-31
by = "Ada"
```
"""

import datetime as dt
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.core.errors import ConfigError
from vedette.instruments.scan.accepting import Acceptance
from vedette.wire.ascode import reading

NAMES = (".vedette-scan.toml", "vedette.toml")
LONGEST_DAYS, MOST = 366, 1_000
MOST_BYTES = 1 << 20
_DAY = 86_400.0
_GLOBS = ("check", "identity", "place", "component")
_LONGEST_GLOB, _MOST_STARS = 500, 8


class _Accept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: str = ""
    until: dt.date | None = None
    check: str = ""
    identity: str = ""
    place: str = ""
    component: str = ""
    by: str = ""


class _Scan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    accept: tuple[_Accept, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scan: _Scan = _Scan()


_SECTIONS: reading.Sections = {"scan": _Scan, "accept": _Accept}


def found(folder: Path) -> Path | None:
    """Return the file of a folder that says what is accepted there, None where there is none."""
    return next(
        (folder / name for name in NAMES if (folder / name).is_file() or (folder / name).is_symlink()), None
    )


def load(path: Path, now: float) -> tuple[Acceptance, ...]:
    """Return what a file accepts; raises `ConfigError` with file and line for what is wrong in it."""
    try:
        text = _text(path)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ConfigError(f"{path} cannot be read: {why}.") from error
    return parse(str(path), text, now)


def _text(path: Path) -> str:
    """Return what a file holds: no link is followed, since whoever is scanned may have made it, and no more is read than fits."""
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise ConfigError(f"{path} is no file.")
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ConfigError(f"{path} is larger than {MOST_BYTES:,} bytes; use a baseline instead.")
    return body.decode()


def parse(name: str, text: str, now: float) -> tuple[Acceptance, ...]:
    """Return what a text accepts; of `vedette.toml`, whose other tables are the server's, only `[scan]` is read."""
    document = reading.parse(name, text)
    if isinstance(document, reading.Fault):
        raise ConfigError(str(document))
    strays = [] if Path(name).name == "vedette.toml" else reading.strays(document, ("scan",))
    said = reading.said(document.only(("scan",)), _File, _SECTIONS)
    if strays or isinstance(said, reading.Fault):
        raise ConfigError(str(strays[0] if strays else said))
    fault = next(_faults(said, now), None)
    if fault is not None:
        raise ConfigError(str(fault))
    lines = said.lines
    entries = enumerate(said.said.scan.accept)
    return tuple(_made(each, f"{name}:{reading.line_of(lines, _path(place))}") for place, each in entries)


def _path(place: int, key: str = "") -> tuple[str | int, ...]:
    return ("scan", "accept", place, key) if key else ("scan", "accept", place)


def _faults(read: reading.Read[_File], now: float) -> Iterator[reading.Fault]:
    if len(read.said.scan.accept) > MOST:
        yield read.fault(("scan",), f"There are more than {MOST:,} acceptances; use a baseline instead.")
    for place, each in enumerate(read.said.scan.accept):
        yield from (read.fault(_path(place, key), text) for key, text in _wrong(each, now))


def _wrong(each: _Accept, now: float) -> Iterator[tuple[str, str]]:
    if not each.reason.strip():
        yield "reason", "The reason is missing; say why this may stand."
    if each.until is None:
        yield "until", "until is missing; name the last day, as in until = 2027-03-31."
    elif _end(each.until) > now + LONGEST_DAYS * _DAY:
        yield (
            "until",
            f"until = {each.until.isoformat()} is more than a year ahead; look at it again within a year.",
        )
    if not any(getattr(each, key) for key in _GLOBS):
        yield "", f"What is accepted? Give at least one of {', '.join(_GLOBS)}."
    for key in _GLOBS:
        glob = getattr(each, key)
        if len(glob) > _LONGEST_GLOB or glob.count("*") > _MOST_STARS:
            yield (
                key,
                f"`{key}` is longer than {_LONGEST_GLOB} characters or has more than {_MOST_STARS} stars.",
            )


def _made(each: _Accept, where: str) -> Acceptance:
    if each.until is None:
        raise ValueError("what has no end was refused before")
    return Acceptance(
        reason=each.reason.strip()[:500], until=_end(each.until), check=each.check, identity=each.identity,
        place=each.place, component=each.component, by=each.by[:100], where=where,
    )  # fmt: skip


def _end(day: dt.date) -> float:
    """Return the end of a day in UTC."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp() + _DAY
