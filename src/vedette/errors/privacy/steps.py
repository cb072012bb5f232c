"""The stages of an erasure, each done in pieces of a fraction of a second that may be done again after a crash.

1. Wait until digestion has passed the moment it was asked: what was in the journal then is in telemetry now.
2. Read telemetry day by day. Files and rows beside a found event go first, then it is noted as pending, then it goes.
3. Feedback, then every table of core.db: users, tags, and texts in which the name is blotted out.
4. The full-text index is merged, so that words nobody holds leave it.
5. Copies of core.db are changed as core.db was.
6. Write-ahead logs are emptied, and core.db is written anew when its file still holds the name between its rows.
7. The journal lets go of what is acked.
"""

import enum
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from vedette.core.clock import monotonic
from vedette.errors.privacy import store
from vedette.errors.privacy.matching import Match
from vedette.errors.privacy.remains import STAYS
from vedette.errors.privacy.running import MOST_FOUND, Run
from vedette.errors.privacy.types import ErasureStage, FoundEvent
from vedette.errors.store import marks
from vedette.errors.tallying import user_hash
from vedette.errors.types import GROUP, KIND
from vedette.plumbing.db import copies, files, sql, sweeping
from vedette.plumbing.db.sweeping import Key, Table
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry.port import Identity, Record

_PIECE = 0.15  # seconds
_RECORDS, _ROWS, _PAGES = 32, 500, 200
_LOOK = 8 << 20  # bytes of core.db looked at in one go
_ARRIVED = 1.0  # seconds after which what was acknowledged before is surely in the journal
USERS = {"errors_user": "errors_issue", "errors_group_user": "errors_group"}
TAGS = {"errors_tag": "errors_issue", "errors_group_tag": "errors_group"}
BESIDE = ("errors_feedback", "errors_attachment")


class Outcome(enum.Enum):
    """What a piece came to: there is more of the stage, it is over, or something else must happen first."""

    MORE = enum.auto()
    OVER = enum.auto()
    WAIT = enum.auto()


def waiting(run: Run, now: float) -> Outcome:
    """Wait until everything that was acknowledged before the erasure was asked is digested."""
    if now < run.row.at + _ARRIVED:
        return Outcome.WAIT
    lag = ports().log.lag(GROUP)
    if lag.waiting and (lag.oldest is None or lag.oldest <= run.row.at):
        return Outcome.WAIT
    total = len(ports().telemetry.days()) + len(run.stages) - 1
    run.move(upto=marks.mark(), total=total)
    return Outcome.OVER


def events(run: Run, now: float) -> Outcome:  # noqa: ARG001 - every stage takes it
    """Go on with telemetry."""
    state, telemetry = run.state, ports().telemetry
    if state.pending:
        telemetry.erase(state.unsettled[-1], state.pending)
        state.pending = []
        run.save()
        return Outcome.MORE
    end = monotonic() + _PIECE
    hits: list[tuple[Record, Match]] = []
    while not hits and monotonic() < end:
        state.day = state.day or next((day for day in telemetry.days() if day > state.last_day), "")
        if not state.day:
            return Outcome.OVER
        day = state.day
        page = telemetry.scan(day, _RECORDS, state.cursor)
        hits = [(record, match) for record in page.records if (match := _match(run, record))]
        state.cursor = page.cursor
        if page.cursor is None:
            state.last_day, state.day = day, ""
            run.move(done=run.row.done + 1)
        if hits:
            _take(run, day, hits)
            return Outcome.MORE
    run.save()
    return Outcome.MORE


def _match(run: Run, record: Record) -> Match | None:
    if record.seq > run.row.upto or run.row.project not in {None, record.project}:
        return None
    return run.matcher.event(record.body)


def _take(run: Run, day: str, hits: Sequence[tuple[Record, Match]]) -> None:
    """Count what was found; unless it is a dry run, let go what stands beside it and note what is to go itself."""
    of_events = [(record.id, record.project) for record, _ in hits if record.kind == KIND]
    with_person = sum(match.person for _, match in hits)
    run.counts.update(events=with_person, mentions=len(hits) - with_person)
    for _, match in hits:
        run.learn(match.labels)
    if run.row.dry_run:
        found = [FoundEvent(record.id.hex(), record.project, match.person) for record, match in hits]
        run.state.found = [*run.state.found, *found][:MOST_FOUND]
        attachments, feedback = store.count_beside(of_events)
        run.counts.update(attachments=attachments, feedback=feedback)
        run.save()
        return
    ports().files.delete(store.files_of(of_events))
    run.state.pending = [_identity(record) for record, _ in hits]
    run.state.unsettled = [*(one for one in run.state.unsettled if one != day), day]
    with sql.transaction():
        attachments, feedback = store.forget_beside(of_events)
        run.counts.update(attachments=attachments, feedback=feedback)
        run.save()


def _identity(record: Record) -> Identity:
    return record.kind, record.id, record.project


def feedback(run: Run, now: float) -> Outcome:  # noqa: ARG001 - every stage takes it
    """Delete what the person wrote, or what others wrote about them, about events that stay or never came."""
    rows = store.feedback(run.state.offset, _ROWS)
    if not rows:
        return Outcome.OVER
    counted = {(bytes.fromhex(one.event), one.project) for one in run.state.found}
    ids = [
        one.id
        for one in rows
        if run.row.project in {None, one.project}
        and (one.event, one.project) not in counted
        and any(map(run.matcher.names, (one.name, one.email, one.comments)))
    ]
    run.state.offset = rows[-1].id
    run.counts.update(feedback=len(ids))
    with sql.transaction():
        if not run.row.dry_run:
            store.forget_feedback(ids)
        run.save()
    return Outcome.MORE


def texts(run: Run, now: float) -> Outcome:  # noqa: ARG001 - every stage takes it
    """Go on with the tables of core.db, one after the other."""
    connection, end = files.connected(), monotonic() + _PIECE
    tables = {
        table.name: table for table in sweeping.tables(connection) if table.texts or table.name in USERS
    }
    while monotonic() < end:
        name = run.state.place or min(tables)
        if name in tables and not _swept(run, connection, tables[name]):
            continue
        run.state.after = []
        run.state.place = min((other for other in tables if other > name), default="")
        if not run.state.place:
            return Outcome.OVER
    run.save()
    return Outcome.MORE


def _swept(run: Run, connection: sqlite3.Connection, table: Table) -> bool:
    """Do some rows of a table; tell whether it is done."""
    if table.name in USERS:
        return _forget_users(run, table.name)
    after = cast(Key, tuple(run.state.after)) or None
    where = ("1", ()) if table.name in STAYS else store.within(table, run.row.project)
    piece = sweeping.read(connection, table, after, _ROWS, where)
    if table.name in STAYS:
        n = sum(any(map(run.matcher.names, row)) for _, row in piece.rows)
        run.counts.update({f"stays:{table.name}": n} if n else {})
    elif table.name in TAGS:
        _forget_tags(run, connection, table, [key for key, _ in piece.rows])
    elif run.row.dry_run:  # what stands beside events is counted with them
        rows = [] if table.name in BESIDE else piece.rows
        run.counts.update(texts=sum(any(map(run.matcher.names, row)) for _, row in rows))
    else:
        changed = sweeping.rewrite(connection, table, piece, run.matcher.masked, sql.transaction)
        run.counts.update(texts=changed)
    run.state.place, run.state.after = table.name, list(piece.after or ())
    return piece.after is None


def _hashes(run: Run) -> list[int]:
    labels = {*run.state.labels, *run.matcher.labels}
    return [user_hash(label) for one in sorted(labels) for label in {one, one.lower()}]


def _forget_users(run: Run, name: str) -> bool:
    after = int(str(run.state.after[0])) if run.state.after else 0
    issues = store.issues_of(USERS[name], after, run.row.project)
    with sql.transaction():
        gone = store.users(name, issues, _hashes(run), delete=not run.row.dry_run)
    run.counts.update(users=gone)
    run.state.place, run.state.after = name, list(issues[-1:])
    return not issues


def _forget_tags(run: Run, connection: sqlite3.Connection, table: Table, keys: Sequence[Key]) -> None:
    named = [key for key in keys if run.matcher.tag(str(key[1]), str(key[2]))]
    run.counts.update(tags=len(named))
    if named and not run.row.dry_run:
        with sql.transaction():
            sweeping.delete(connection, table, named)
            store.lost_tags(TAGS[table.name], Counter(int(str(key[0])) for key in named))


def words(run: Run, now: float) -> Outcome:  # noqa: ARG001 - every stage takes it
    """Go on to merge the full-text index."""
    connection, end = files.connected(), monotonic() + _PIECE
    names = [table.name for table in sweeping.tables(connection) if table.words]
    while monotonic() < end:
        name = min((one for one in names if one > run.state.place), default="")
        if not name:
            return Outcome.OVER
        with sql.transaction():
            more = sweeping.merge_words(connection, name, _PAGES if run.state.offset else -_PAGES)
        run.state.offset = 1
        if not more:
            run.state.place, run.state.offset = name, 0
    run.save()
    return Outcome.MORE


def of_copies(run: Run, now: float) -> Outcome:  # noqa: ARG001 - every stage takes it
    """Change one copy of core.db."""
    folder = ports().settings.data / "backups"
    name = min((path.name for path in folder.glob("*.db") if path.name > run.state.place), default="")
    if not name:
        return Outcome.OVER
    live = {table: store.live_ids(table) for table in BESIDE}

    def drop(table: Table, key: Key) -> bool:
        if table.name in BESIDE:
            return key[0] not in live[table.name]
        return table.name in TAGS and run.matcher.tag(str(key[1]), str(key[2]))

    hashes = _hashes(run)
    users = (f"user IN ({', '.join('?' * len(hashes))})", tuple(hashes))
    copies.clean(folder / name, run.matcher.masked, drop, STAYS, dict.fromkeys(USERS, users))
    run.state.place = name
    run.counts.update(copies=1)
    run.save()
    return Outcome.MORE


def disk(run: Run, now: float) -> Outcome:  # noqa: ARG001 - every stage takes it
    """See that the bytes are gone: from the days, from core.db's log, and from between its rows."""
    state = run.state
    if state.unsettled:
        if not ports().telemetry.settle(state.unsettled[-1]):
            return Outcome.WAIT
        state.unsettled.pop()
        run.save()
        return Outcome.MORE
    if not state.offset and not files.checkpoint(truncate=True):
        return Outcome.WAIT
    return _looked(run, files.path())


def _looked(run: Run, database: Path) -> Outcome:
    """Look at a piece of core.db's file; write it anew when the name is in it, once."""
    found, after = files.holds(database, run.matcher.in_file, run.state.offset, _LOOK)
    if found and not run.state.compacted:
        files.compact()
        run.state.compacted = True
        files.checkpoint(truncate=True)
        return Outcome.OVER
    if after is None:
        return Outcome.OVER
    run.state.offset = after
    run.save()
    return Outcome.MORE


def journal(run: Run, now: float) -> Outcome:  # noqa: ARG001 - every stage takes it
    """Wait until no piece of the journal holds anything from before."""
    kept = ports().log.tidy()
    return Outcome.WAIT if kept is not None and kept <= run.row.upto else Outcome.OVER


STEPS: dict[ErasureStage, Callable[[Run, float], Outcome]] = {
    ErasureStage.WAITING: waiting,
    ErasureStage.EVENTS: events,
    ErasureStage.FEEDBACK: feedback,
    ErasureStage.TEXTS: texts,
    ErasureStage.WORDS: words,
    ErasureStage.COPIES: of_copies,
    ErasureStage.DISK: disk,
    ErasureStage.JOURNAL: journal,
}
