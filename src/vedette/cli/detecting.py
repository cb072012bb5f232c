"""`vedette agent explain|replay|test-rules`: what rules make of lines, without a server and without doing anything."""

import datetime
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from vedette.cli.out import emit
from vedette.core.errors import ConfigError

if TYPE_CHECKING:
    from vedette.agent.detect.engine import Detector
    from vedette.agent.detect.replaying import Banned, Replayed
    from vedette.agent.detect.types import Rule
    from vedette.instruments.logs.reading import Reader
    from vedette.instruments.logs.types import LogEntry
    from vedette.instruments.logs.wanting import Wanted

STDIN = "-"
Line = Annotated[str, Parameter(allow_leading_hyphen=True)]
FAILED = 1
MOST_SHOWN = 20


def explain(
    line: Line, *, rules: Path | None = None, zone: str = "UTC", trusted_proxy: tuple[str, ...] = (), json: bool = False
) -> None:  # fmt: skip
    """Tell what becomes of a line: which parser read it, its fields, the rules it meets and how full their buckets are.

    Parameters
    ----------
    line
        The line as it stands in the log; `-` reads lines from standard input, and counts them as it goes.
    rules
        A folder of rules of your own, besides those that come with Vedette.
    zone
        The time zone of stamps that have none: Europe/Berlin.
    trusted_proxy
        A proxy's network that is believed about its clients: 10.0.0.0/8. May be given several times.
    json
        Print one line of JSON for each line.
    """
    from vedette.agent.detect.engine import Detector
    from vedette.core.clock import SystemClock

    detector = Detector(_rules(rules))
    reader = _reader(detector.wanted, zone, trusted_proxy)
    now = SystemClock().now()
    for raw in _lines(line):
        _explain(raw, reader, detector, now, json=json)


def replay(
    *files: Line, rules: Path | None = None, zone: str = "UTC", trusted_proxy: tuple[str, ...] = (), json: bool = False
) -> None:  # fmt: skip
    """Tell what the rules would have done to logs of the past: who would have been banned, for how long, and the innocents.

    Nothing is banned and no server is needed. Files may be gzip'd; `-` is standard input. Older files come first.

    Parameters
    ----------
    files
        Log files: /var/log/auth.log* /var/log/nginx/access.log*
    rules
        A folder of rules of your own, besides those that come with Vedette.
    zone
        The time zone of stamps that have none: Europe/Berlin.
    trusted_proxy
        A proxy's network that is believed about its clients: 10.0.0.0/8. May be given several times.
    json
        Print one line of JSON.
    """
    from vedette.agent.detect.replaying import WANTED, Replay
    from vedette.agent.opened import changed_at, chunks
    from vedette.core.clock import SystemClock

    if not files:
        raise ConfigError("Which files? vedette agent replay /var/log/auth.log /var/log/nginx/access.log")
    clock = SystemClock()
    started = clock.now()
    replayed, reader = Replay(_rules(rules)), _reader(WANTED, zone, trusted_proxy)
    for changed, name in sorted((changed_at(name, started), name) for name in files):
        for chunk in chunks(name):
            replayed.take(reader.entries(chunk, name, changed))
    seconds = clock.now() - started
    seen, told = reader.seen, replayed.told()
    figures = {"lines": seen.lines, "too_long": seen.too_long, "seconds": round(seconds, 3)}
    emit({**figures, "replayed": told}, _replayed(told, seen.lines, seen.too_long, seconds), json=json)


def try_examples(folder: Path | None = None, *, json: bool = False) -> None:
    """Run the examples of rules: those that must fire and those that must not. Exits 1 when one is wrong.

    Parameters
    ----------
    folder
        A folder of rules of your own; without, those that come with Vedette.
    json
        Print one line of JSON for each example.
    """
    from vedette.agent.detect.rules import load
    from vedette.agent.detect.trying import try_rules

    def reader_of(wanted: "Wanted") -> "_Read":
        return _Read(_reader(wanted, "UTC", (), engine="re2"))

    rules = load(folder) if folder else load()
    tried = list(try_rules(rules, reader_of))
    wrong = [each for each in tried if not each.right]
    for each in tried if json else wrong:
        emit(each, f"{each.file}:{each.line}: {each.rule}, example {each.example}: {each.reason}.", json=json)
    without = [rule.id for rule in rules if not rule.examples]
    if not json:
        print(f"{len(rules)} rules, {len(tried)} examples, {len(wrong)} wrong.")
        if without:
            print(f"Without an example: {', '.join(without)}.")
    if wrong:
        sys.exit(FAILED)


class _Read:
    """Reads lines of examples, with a reader of one rule's own."""

    def __init__(self, reader: "Reader") -> None:
        self._reader = reader

    def __call__(self, lines: bytes) -> "Iterable[LogEntry]":
        """Return what lines become; they are read as if it were the end of 2099."""
        return self._reader.entries(lines, "example", _FAR)


_FAR = datetime.datetime(2099, 12, 31, tzinfo=datetime.UTC).timestamp()


def _rules(folder: Path | None) -> "tuple[Rule, ...]":
    from vedette.agent.detect.rules import SHIPPED, load

    return load(SHIPPED, folder) if folder else load()


def _reader(wanted: "Wanted", zone: str, proxies: tuple[str, ...], engine: str = "auto") -> "Reader":
    import zoneinfo

    from vedette.instruments.logs.compiling import ParserError
    from vedette.instruments.logs.reading import Reader
    from vedette.instruments.logs.registry import parsers

    try:
        return Reader(
            parsers(), wanted, zone=zoneinfo.ZoneInfo(zone), trusted_proxies=proxies, engine=engine
        )  # fmt: skip
    except zoneinfo.ZoneInfoNotFoundError as error:
        raise ConfigError(
            f"--zone {zone}: there is no such time zone; write Europe/Berlin or UTC."
        ) from error
    except (ParserError, ValueError) as error:
        raise ConfigError(f"{error}") from error


def _lines(line: str) -> Iterator[bytes]:
    if line != STDIN:
        yield line.encode(errors="surrogateescape")
        return
    from vedette.agent.opened import chunks

    for chunk in chunks(STDIN):
        yield from chunk.splitlines()


def _explain(raw: bytes, reader: "Reader", detector: "Detector", now: float, *, json: bool) -> None:
    from vedette.agent.detect.evidence import shown

    found = reader.explain(raw, now)
    if found.entry is None:
        near = [f"  {each.parser}, {each.event}: {shown(each.reason)}" for each in found.nearest[:3]]
        why = "The line is longer than any that is read." if found.too_long else "No parser fits this line."
        emit(
            {"entry": None, "nearest": found.nearest, "too_long": found.too_long},
            "\n".join([why, *near]),
            json=json,
        )
        return
    met = detector.explain(found.entry, now)
    fired = detector.pour(found.entry, now)
    value = {"entry": found.entry, "wanted": found.wanted, "rules": met, "detections": fired}
    text = [
        *_entry(found.entry, wanted=found.wanted),
        *(_met(each.rule, each.does, each.key, each.level, each.capacity) for each in met),
    ]
    text += [f"  → {shown(each.reason)} ({each.rule}: {each.labels['measure']})" for each in fired]
    emit(value, "\n".join(text), json=json)


def _entry(entry: "LogEntry", *, wanted: bool) -> Iterator[str]:
    from vedette.agent.detect.evidence import printable, shown

    when = datetime.datetime.fromtimestamp(entry.at, datetime.UTC).isoformat(timespec="seconds")
    yield f"{entry.parser}, {entry.event}: {entry.kind} of {entry.service}, {when}"
    named = {"address": entry.address, "user": entry.user, **entry.fields}
    yield from (f"  {name} = {shown(value)}" for name, value in named.items() if value)
    if not wanted:
        yield "  No rule wants such a line: it is passed over unread."
    elif printable(entry.address) != entry.address:
        yield "  Its address is none."


def _met(rule: str, does: str, key: str, level: float, capacity: int) -> str:
    verb = {"fill": "a drop for", "ask": "asks", "take_back": "takes back failures of"}[does]
    return f"  rule {rule}: {verb} {key or 'nobody'}, {level:.1f} of {capacity} drops before"


def _replayed(told: "Replayed", lines: int, too_long: int, seconds: float) -> str:
    who = "1 address" if len(told.banned) == 1 else f"{len(told.banned):,} addresses"
    innocent = [ban for ban in told.banned if ban.innocent]
    text = [
        f"{who} would have been banned, {len(innocent):,} perhaps innocent; {told.detected:,} detections.",
        f"{lines:,} lines in {seconds:.1f} s"
        + (f", {too_long:,} too long to be read" if too_long else "")
        + _span(told),
    ]
    if innocent:
        text += ["", "Perhaps innocent:", *(f"  {_ban(ban)}: {ban.innocent}" for ban in innocent)]
    guilty = [ban for ban in told.banned if not ban.innocent]
    if guilty:
        text += ["", "Banned:", *(f"  {_ban(ban)}" for ban in guilty[:MOST_SHOWN])]
        text += (
            [f"  and {len(guilty) - MOST_SHOWN:,} more (--json lists all)"]
            if len(guilty) > MOST_SHOWN
            else []
        )
    if told.by_rule:
        text += [
            "",
            "Detections by rule:",
            *(f"  {count:>8,}  {rule}" for rule, count in told.by_rule.items()),
        ]
    if told.spared:
        text += ["", f"Never banned, as private addresses are: {', '.join(told.spared[:MOST_SHOWN])}"]
    return "\n".join(text)


def _span(told: "Replayed") -> str:
    if not told.entries:
        return "; nothing in them is anything that a parser knows."
    first, last = (
        datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat(sep=" ", timespec="minutes")[:16]
        for at in (told.first_at, told.last_at)
    )
    return f", from {first} to {last} UTC."


def _ban(ban: "Banned") -> str:
    from vedette.agent.detect.evidence import printable
    from vedette.wire.ascode.lengths import written

    often = f", {ban.times} times" if ban.times > 1 else ""
    kept = f", {ban.kept_away:,} lines kept away" if ban.kept_away else ""
    return f"{printable(ban.address)} for {written(ban.seconds)}{often} by {', '.join(ban.rules)}{kept}"
