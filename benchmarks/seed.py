"""Fill a data folder with many issues and events, directly: `python -m benchmarks.seed DATA [ISSUES [EVENTS]]`.

The server must be stopped and must have run once (its schema and a project are there). Half of the events come
evenly from all issues, the other half mostly from a few hundred; all lie within the last seven days.
"""

import dataclasses
import hashlib
import json
import os
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import zstandard

from vedette.core.clock import iso, utc_day
from vedette.errors import ranks
from vedette.errors.alike.features import features_of
from vedette.errors.alike.types import Traits
from vedette.errors.grouping import VERSION
from vedette.errors.tallying import user_hash
from vedette.errors.types import KIND, Level, Part, State
from vedette.plumbing.telemetry import dayfile

WEEK = 7 * 86_400.0
HOT = 400
CHUNK = 20_000
WORDS = [
    "order",
    "basket",
    "price",
    "stock",
    "invoice",
    "customer",
    "refund",
    "payment",
    "voucher",
    "shipment",
    "address",
    "country",
    "session",
    "search",
    "filter",
    "image",
    "upload",
    "export",
    "import",
    "report",
    "mail",
    "queue",
    "worker",
    "cache",
    "index",
    "token",
    "limit",
    "timeout",
    "parser",
    "schema",
    "query",
]
KINDS = (
    "ValueError",
    "KeyError",
    "TypeError",
    "TimeoutError",
    "OperationalError",
    "PermissionError",
    "IntegrityError",
    "OSError",
)
STATES = [*[State.ONGOING] * 11, *[State.RESOLVED] * 7, State.MUTED, State.NEW, State.REGRESSED]
LEVELS = [*[Level.ERROR] * 15, *[Level.WARNING] * 3, Level.FATAL, Level.INFO]
BROWSERS = ("Firefox 128.0", "Chrome 131.0.0", "Safari 17.5", "Edge 130.0.0", "curl 8.5.0")


@dataclasses.dataclass
class Kept:
    """What the events of one issue add up to."""

    first: float = 0.0
    last: float = 0.0
    events: int = 0


@dataclasses.dataclass(frozen=True)
class Texts:
    """What one issue is called."""

    kind: str
    message: str
    function: str
    module: str
    url: str
    release: str
    environment: str
    level: Level


@dataclasses.dataclass(frozen=True)
class Target:
    """Where issues go: core.db, the project, the first free id and the first free number."""

    core: sqlite3.Connection
    project: int
    first_id: int
    number: int


_ISSUE = (
    "id, project, number, state, rank, level, title, kind, message, culprit, platform, logger, handled, first_seen,"
    " last_seen, events, users, first_release, last_release, assignee, changed_at, muted_until, mute_events, mute_users,"
    " component, parts, tag_values, words"
)


def seed(data_dir: Path, issues: int = 200_000, events: int = 2_000_000) -> None:
    """Add `issues` issues with `events` events to the first project of a data folder."""
    chance = random.Random(7)
    core = sqlite3.connect(data_dir / "core.db", isolation_level=None)
    core.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-262144; PRAGMA temp_store=MEMORY")
    target = _target(core)
    texts = [_texts(chance, n) for n in range(issues)]
    kept, minutes, hours = _store_events(data_dir / "telemetry", target.project, texts, events, chance)
    _store_issues(target, texts, kept, chance)
    _store_counts(target, minutes, hours)
    core.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    core.close()


def _target(core: sqlite3.Connection) -> Target:
    (project,) = core.execute("SELECT min(id) FROM projects_project").fetchone()
    (first_id,) = core.execute("SELECT coalesce(max(id), 0) + 1 FROM errors_issue").fetchone()
    (number,) = core.execute("SELECT coalesce(max(number), 0) + 1 FROM errors_issue").fetchone()
    return Target(core, project, first_id, number)


def _texts(chance: random.Random, n: int) -> Texts:
    one, two, three = chance.sample(WORDS, 3)
    return Texts(
        kind=chance.choice(KINDS), message=f"could not {one} the {two} {n} of {three}", function=f"{one}_{two}",
        module=f"shop.{two}.{three}", url=f"https://shop.example.org/{one}/{two}/{n % 997}", level=chance.choice(LEVELS),
        release=f"shop@2.{n % 40}.{n % 7}", environment=("production", "staging", "test")[min(2, n % 17 // 7)],
    )  # fmt: skip


def _hash(project: int, n: int) -> bytes:
    return hashlib.blake2b(f"seed {project} {n}".encode(), digest_size=16).digest()


def _store_events(
    folder: Path, project: int, texts: Sequence[Texts], events: int, chance: random.Random
) -> tuple[list[Kept], Counter[tuple[int, int]], Counter[tuple[int, int]]]:
    """Write the day files, in order of time; return what the events add up to by issue, minute and hour."""
    folder.mkdir(mode=0o700, exist_ok=True)
    now = time.time()
    start, issues = now - WEEK, len(texts)
    kept = [Kept() for _ in texts]
    minutes: Counter[tuple[int, int]] = Counter()
    hours: Counter[tuple[int, int]] = Counter()
    parts = [_body_parts(text) for text in texts]
    compress = zstandard.ZstdCompressor(level=1).compress
    rows: list[dayfile.Row] = []
    day, writer = "", None
    for k in range(events):
        at = start + WEEK * k / events
        n = (k >> 1) % issues if k & 1 else int(min(HOT, issues) * chance.random() ** 3)
        found = kept[n]
        found.first, found.last, found.events = found.first or at, at, found.events + 1
        minute = int(at // 60)
        hours[n, minute // 60] += 1
        if now - at < 48 * 3_600:
            minutes[n, minute] += 1
        if utc_day(at) != day or len(rows) >= CHUNK:
            writer = _flush(writer, rows)
            if utc_day(at) != day:
                _close(writer, folder / f"{day}.db")
                day = utc_day(at)
                writer = _open(folder / f"{day}.db")
        event_id = os.urandom(16)
        before, middle, after = parts[n]
        stamp = f"{at:.3f}".encode()
        body = b"".join(
            (
                before,
                event_id.hex().encode(),
                b'","project":%d,"at":' % project,
                stamp,
                b',"received":',
                stamp,
                middle,
                iso(at).encode(),
                after,
            )
        )
        rows.append((KIND, event_id, _hash(project, n), project, at, k + 1, compress(body)))
    _close(_flush(writer, rows), folder / f"{day}.db")
    return kept, minutes, hours


def _body_parts(text: Texts) -> tuple[bytes, bytes, bytes]:
    """Return an event's body in the three pieces between which its id and its times stand."""
    frame = {
        "filename": f"{text.module.replace('.', '/')}.py", "module": text.module, "function": text.function, "lineno": 42,
        "in_app": True, "context_line": f"    raise {text.kind}(message)", "pre_context": ["    rows = load(order)"] * 5,
        "post_context": ["    return total"] * 5, "vars": {"order": {"id": 7}, "rows": ["1", "2"]},
    }  # fmt: skip
    exception = {
        "values": [{"type": text.kind, "value": text.message, "stacktrace": {"frames": [frame] * 8}}]
    }
    data = {
        "platform": "python", "level": str(text.level), "exception": exception, "release": text.release,
        "environment": text.environment, "request": {"url": text.url, "method": "GET"}, "timestamp": "@",
    }  # fmt: skip
    tags = [[key, value] for key, value in _tags(text).items()]
    event = {
        "level": str(text.level), "platform": "python", "title": f"{text.kind}: {text.message}", "kind": text.kind,
        "message": text.message, "culprit": f"{text.module} in {text.function}", "release": text.release,
        "environment": text.environment, "tags": tags, "data": data,
    }  # fmt: skip
    head, _, tail = json.dumps(event, separators=(",", ":")).encode().rpartition(b"@")
    return b'{"id":"', b"," + head[1:], tail


def _tags(text: Texts) -> dict[str, str]:
    browser = BROWSERS[len(text.message) % 5]
    return {
        "browser": browser, "browser.name": browser.split(" ")[0], "environment": text.environment, "level": str(text.level),
        "os.name": ("Linux", "Windows", "iOS")[len(text.url) % 3], "release": text.release,
        "server_name": f"web-{len(text.url) % 20}", "url": text.url,
    }  # fmt: skip


def _open(path: Path) -> sqlite3.Connection:
    writer = dayfile.create(path)
    writer.executescript(
        "PRAGMA synchronous=OFF; DROP INDEX IF EXISTS record_id; DROP INDEX IF EXISTS record_key"
    )
    return writer


def _flush(writer: sqlite3.Connection | None, rows: list[dayfile.Row]) -> sqlite3.Connection | None:
    if writer is not None and rows:
        writer.execute("BEGIN")
        writer.executemany(
            "INSERT INTO record (kind, id, key, project, at, seq, body) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
        )
        writer.execute("COMMIT")
    rows.clear()
    return writer


def _close(writer: sqlite3.Connection | None, path: Path) -> None:
    """Build the indices that were left out and close the day."""
    if writer is None:
        return
    writer.close()
    again = dayfile.create(path)
    dayfile.retire(again)


def _store_issues(
    target: Target, texts: Sequence[Texts], kept: Sequence[Kept], chance: random.Random
) -> None:
    core, now = target.core, time.time()
    indices = _without_indices(
        core, ("errors_issue", "errors_tag", "errors_user", "errors_history", "errors_hash", "errors_feature")
    )
    core.execute("BEGIN")
    for n, (text, one) in enumerate(zip(texts, kept, strict=True)):
        _store_issue(target, n, text, one, chance.choice(STATES), now)
        _store_beside(target, n, text, one)
    core.execute("COMMIT")
    for statement in indices:
        core.execute(statement)


def _store_issue(  # noqa: PLR0917 - what one row is made of
    target: Target, n: int, text: Texts, one: Kept, state: State, now: float
) -> None:
    last = one.last or now - WEEK
    until = now + 86_400 if state is State.MUTED else None
    target.core.execute(
        f"INSERT INTO errors_issue ({_ISSUE}) VALUES ({', '.join('?' * 28)})",
        (
            target.first_id + n, target.project, target.number + n, str(state), ranks.rank(state, text.level),
            str(text.level), f"{text.kind}: {text.message}", text.kind, text.message, _culprit(text), "python", "", 0,
            one.first or last, last, max(1, one.events), min(one.events, 3), text.release, text.release, None, last,
            until, None, None, "exception", msgspec.msgpack.encode(_said(text)), len(_tags(text)), 1,
        ),
    )  # fmt: skip


def _store_beside(target: Target, n: int, text: Texts, one: Kept) -> None:
    """Store what other tables hold of an issue: hash, features, tags, users, history and words."""
    core, issue, tags, last = target.core, target.first_id + n, _tags(text), one.last or time.time() - WEEK
    alike = features_of(Traits(issue, target.project, text.kind, _culprit(text), text.message, _said(text)))
    core.executemany(
        "INSERT INTO errors_feature (issue, feature, kind, project) VALUES (?, ?, ?, ?)",
        sorted((issue, feature.hash, int(feature.kind), target.project) for feature in alike),
    )
    core.execute(
        "INSERT INTO errors_hash (hash, issue, version) VALUES (?, ?, ?)",
        (_hash(target.project, n), issue, VERSION),
    )
    core.executemany(
        "INSERT INTO errors_tag VALUES (?, ?, ?, ?, ?)",
        [(issue, key, value, max(1, one.events), last) for key, value in sorted(tags.items())],
    )
    users = (user_hash(f"id:{(n * 3 + u) % 50_000}") for u in range(min(one.events, 3)))
    core.executemany("INSERT INTO errors_user VALUES (?, ?, 0)", sorted((issue, user) for user in users))
    core.execute(
        "INSERT INTO errors_history (issue, at, kind, user, who, text, act, before) VALUES (?, ?, 'new', NULL, '', ?, '', NULL)",
        (issue, one.first or last, f"First seen in {text.release}"),
    )
    words = f"{text.kind}: {text.message}\n{_culprit(text)}\n{text.url} {' '.join(tags.values())}"
    core.execute("INSERT INTO errors_search (rowid, body) VALUES (?, ?)", (issue, words))


def _said(text: Texts) -> tuple[Part, Part]:
    return Part("exception type", text.kind), Part("your frame", f"{text.module} {text.function}")


def _culprit(text: Texts) -> str:
    return f"{text.module} in {text.function}"


def _store_counts(
    target: Target, minutes: Counter[tuple[int, int]], hours: Counter[tuple[int, int]]
) -> None:  # fmt: skip
    core, project, first_id = target.core, target.project, target.first_id
    indices = _without_indices(core, ("errors_minute", "errors_hour"))
    for unit, counts in (("minute", minutes), ("hour", hours)):
        whole: Counter[int] = Counter()
        for (_, when), n in counts.items():
            whole[when] += n
        core.execute("BEGIN")
        add = f"INSERT INTO errors_{unit} VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"
        core.executemany(add, [(-project, when, n) for when, n in sorted(whole.items())])
        core.executemany(add, _rows(first_id, counts))
        core.execute("COMMIT")
    for statement in indices:
        core.execute(statement)


def _rows(first_id: int, counts: Counter[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    for issue, when in sorted(counts):
        yield first_id + issue, when, counts[issue, when]


def _without_indices(core: sqlite3.Connection, tables: Sequence[str]) -> list[str]:
    """Drop the indices of tables and return what makes them again."""
    marks = ", ".join("?" * len(tables))
    found = core.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
        tables,
    ).fetchall()
    for name, _ in found:
        core.execute(f"DROP INDEX {name}")
    return [statement for _, statement in found]


if __name__ == "__main__":
    began = time.perf_counter()
    seed(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
    print(f"seeded in {time.perf_counter() - began:.0f} s")
