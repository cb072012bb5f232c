"""Databases dumped in one transaction, and counted in another of the same moment: both begin while nobody may write.

The lock lasts from the first statement of the counting transaction to the first words of the dump. Whoever may not take it
(no right to RELOAD) still gets both, a moment apart: then a drill may find rows that were written in between, and says so.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.instruments.backup import program
from vedette.instruments.backup.comparing import Found
from vedette.instruments.backup.program import Child
from vedette.instruments.backup.types import Failed, Tools
from vedette.instruments.backup.what.mysql.client import Access, error_of, ident, script
from vedette.instruments.backup.what.mysql.witnessing import Witness, questions, tables
from vedette.wire.backup import Failure, Progress

DUMP, END = "databases.sql", b"-- Dump completed"
_WORDS = (
    "--single-transaction", "--quick", "--routines", "--events", "--triggers", "--hex-blob", "--skip-dump-date",
    "--default-character-set=utf8mb4", "--no-tablespaces", "--verbose",
)  # fmt: skip
_BEGIN = """\
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SET SESSION lock_wait_timeout = 60;
FLUSH TABLES WITH READ LOCK;
START TRANSACTION WITH CONSISTENT SNAPSHOT;
SELECT JSON_OBJECT('session', CONNECTION_ID());
SELECT JSON_OBJECT('waited', SLEEP(60));
UNLOCK TABLES;
"""
_LOOK = 0.02
_BEGUN = "-- Retrieving table structure"  # the dump says so when its transaction is open


class _Session(msgspec.Struct):
    session: int = 0
    waited: int | None = None


def dump(access: Access, names: Sequence[str], staging: Path, tools: Tools) -> Found:
    """Dump databases into one file below a folder; return what they were at that moment. Raises `Failed`."""
    there = tables(access, names, tools)
    witness = Witness(names)
    with _Dump(access, names, staging, tools).open() as dumping:

        def hear(line: str) -> None:
            told = msgspec.json.decode(line, type=_Session)
            if told.session:
                dumping.begin()
                script(access, f"KILL QUERY {told.session};\n", tools)  # who waits goes on
            elif told.waited is None:
                witness.hear(line)

        script(access, _BEGIN + questions(names, there), tools, on_line=hear, forced=True)
        found = witness.found()
        if len(found.tables) != len(there):
            raise Failed(
                Failure.PARTIAL,
                f"{len(there) - len(found.tables)} tables at {access.place} could not be counted.",
            )
        dumping.finish()
    return found


class _Dump:
    """The dumper that runs beside the one that counts."""

    def __init__(self, access: Access, names: Sequence[str], staging: Path, tools: Tools) -> None:
        self._access, self._names, self._tools = access, names, tools
        self._file, self._log = staging / DUMP, tools.state / f"{staging.name}-dump.log"
        self._child: Child | None = None

    @contextmanager
    def open(self) -> Iterator["_Dump"]:
        """Yield itself; whatever runs is ended with the block."""
        with ExitStack() as self._stack:
            self._stack.callback(self._log.unlink, missing_ok=True)
            yield self

    def begin(self) -> None:
        """Start it and wait until its transaction is open; raises `Failed`."""
        access, ends = self._access, monotonic() + self._tools.deadline
        words = [
            access.dumper,
            *access.words,
            *_WORDS,
            f"--result-file={self._file}",
            "--databases",
            "--",
            *self._names,
        ]
        self._child = self._stack.enter_context(
            program.running(words, tools=self._tools, log=self._log, user=access.user)
        )
        while _BEGUN not in self._said() and not self._child.wait(_LOOK):
            _require_time(ends)

    def finish(self) -> None:
        """Wait for its end; raises `Failed` for a dump that is not whole."""
        ends = monotonic() + self._tools.deadline
        while self._child is not None and not self._child.wait(1.0):
            size = self._file.stat().st_size if self._file.exists() else 0
            self._tools.tell(Progress(step=f"Dumping {', '.join(self._names)[:80]}", bytes=size))
            _require_time(ends)
        if not whole(self._file):
            said = self._said()[-4_000:]
            failure = Failure.TARGET_FULL if "No space left" in said else Failure.ENGINE
            raise Failed(failure, f"The dump has no end: {error_of(said)}", said)

    def _said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""


def whole(file: Path) -> bool:
    """Tell whether a dump has its last line, which says that it is complete."""
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - 200))
        return END in stream.read()


def _require_time(ends: float) -> None:
    if monotonic() > ends:
        raise Failed(Failure.TIMEOUT, "The dump took longer than it may and was ended.")


def check_words(there: Sequence[tuple[str, str]]) -> str:
    """Return the statements that read every table of a server."""
    return "".join(f"CHECK TABLE {ident(database)}.{ident(table)} EXTENDED;\n" for database, table in there)
