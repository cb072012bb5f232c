"""The journal of systemd, through `journalctl` as a child: what it says becomes lines as rsyslog would have written them.

Which entry was the last is remembered by its cursor (systemd.journal-fields(7)), so a restart of ours or of the journal
loses and doubles none. The child gets a fixed command line, no shell, a process group of its own.
"""

import contextlib
import os
import select
import subprocess
import threading
from collections.abc import Sequence

import msgspec

from vedette.core.clock import Clock, monotonic, to_datetime
from vedette.instruments.logs.sources import proving, silence
from vedette.instruments.logs.sources.ledger import Ledger
from vedette.instruments.logs.sources.splitting import Splitter
from vedette.instruments.logs.sources.types import (
    CHUNK,
    Chunk,
    JournalSource,
    Notice,
    Record,
    Rhythm,
    Standing,
    Start,
    Take,
    Tell,
)

NAME = "journal"
FIELDS = "MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_COMM,_PID,_HOSTNAME,_UID,_TRANSPORT,_EXE,_SYSTEMD_UNIT"
_LONGEST = 4 * 1024 * 1024  # bytes of one entry as JSON
_PAUSES = (0.2, 1.0, 5.0, 30.0)
_WELL = 60.0  # seconds after which a child that ends is no failure in a row
_TICK = 60.0
_KILLED_AFTER = 1.0
_ERRORS = 4096
Text = str | list[int | str | list[int]] | None  # bytes that are no text are numbers; several values a list


class _Entry(msgspec.Struct, rename={"cursor": "__CURSOR", "micros": "__REALTIME_TIMESTAMP", "message": "MESSAGE",
    "identifier": "SYSLOG_IDENTIFIER", "syslog_pid": "SYSLOG_PID", "comm": "_COMM", "pid": "_PID", "host": "_HOSTNAME",
    "uid": "_UID", "transport": "_TRANSPORT", "exe": "_EXE", "unit": "_SYSTEMD_UNIT"}):  # fmt: skip
    cursor: str
    micros: str
    message: Text = ""
    identifier: Text = ""
    syslog_pid: Text = ""
    comm: Text = ""
    pid: Text = ""
    host: Text = ""
    uid: Text = ""
    transport: Text = ""
    exe: Text = ""
    unit: Text = ""


_DECODE = msgspec.json.Decoder(_Entry).decode


def line_of(entry: bytes) -> tuple[bytes, str]:
    """Return an entry (JSON, as `journalctl -o json` writes it) as a line with its end, and its cursor.

    Line ends within a message become `#012`, as rsyslog writes them, so that no message makes two lines. What names a program it is
    not of says so before the message, and no parser reads it. Raises `ValueError`.
    """
    found = _DECODE(entry)
    at = to_datetime(int(found.micros) / 1_000_000).isoformat(timespec="microseconds").encode()
    name = _word(found.identifier) or _word(found.comm) or b"unknown"
    message = _bytes(found.message)
    doubt = proving.refusal(
        name.decode(errors="replace"),
        message,
        uid=_said(found.uid),
        transport=_said(found.transport),
        exe=_said(found.exe),
        unit=_said(found.unit),
    )
    if doubt:
        name, message = b"not-" + name.rpartition(b"/")[2], f"{doubt}: ".encode() + message
    pid = _word(found.syslog_pid) or _word(found.pid)
    tag = name + b"[" + pid + b"]" if pid and name != b"kernel" else name
    message = message.replace(b"\n", b"#012")
    return b"%b %b %b: %b\n" % (at, _word(found.host) or b"localhost", tag, message), found.cursor


def _said(text: Text) -> str:
    return _bytes(text).decode(errors="replace")


def _bytes(text: Text) -> bytes:
    if isinstance(text, str):
        return text.encode("utf-8", "surrogatepass")
    if not text:
        return b""
    if isinstance(text[0], int):
        return bytes(n & 0xFF for n in text if isinstance(n, int))
    return _bytes(text[0] if isinstance(text[0], str) else [*text[0]])


def _word(text: Text) -> bytes:
    """Return a field that must not hold what ends a word in a line."""
    return b"_".join(_bytes(text).replace(b"[", b" ").replace(b"]", b" ").replace(b":", b" ").split())


class Journal:
    """Follows the journal until `stop`. `run` belongs to one thread, `stop` and `standings` to any."""

    def __init__(
        self, source: JournalSource, ledger: Ledger, clock: Clock, take: Take, tell: Tell, *, program: Sequence[str] = ("journalctl",)
    ) -> None:  # fmt: skip
        self._source, self._ledger, self._clock, self._program = source, ledger, clock, tuple(program)
        self._take, self._tell = take, tell
        record = ledger.get(NAME) or Record()
        self._known = bool(record.seen)
        self._cursor, self._seen = record.cursor, record.seen or clock.now()
        self._rhythm = record.rhythm if record.rhythm.since else Rhythm(since=clock.now())
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._lines = self._bytes = self._skipped = 0
        self._trouble = ""

    def run(self) -> None:
        """Follow until `stop`; a child that ends is started again after a while, from where it was."""
        failures = 0
        if not self._known:
            self._remember()
        while not self._stopping.is_set():
            began = monotonic()
            try:
                error = self._follow()
            except FileNotFoundError:
                self._say("unreadable", f"{self._program[0]} is not on this host: its journal is not read.")
                self._trouble = "journalctl is missing"
                break
            if self._stopping.is_set():
                break
            failures = 0 if monotonic() - began > _WELL else failures + 1
            self._ended(error, failures)
            self._stopping.wait(_PAUSES[min(failures, len(_PAUSES) - 1)])
        if self._cursor or not self._known:  # else it is not known what was read since
            self._remember()
        self._ledger.save()

    def stop(self) -> None:
        """End `run` soon."""
        self._stopping.set()
        with self._lock:
            if self._child is not None:
                self._child.terminate()

    def standings(self) -> tuple[Standing, ...]:
        """Return how the journal fares."""
        return (
            Standing(
                source=NAME, state="unreadable" if self._trouble else "followed", since=self._rhythm.since,
                last=self._rhythm.last, lines=self._lines, bytes=self._bytes, skipped=self._skipped, detail=self._trouble,
            ),
        )  # fmt: skip

    def command(self) -> list[str]:
        """Return the command line of the child, for what is known now."""
        units = [f"--unit={unit}" for unit in self._source.units]
        if self._cursor:
            start = [f"--after-cursor={self._cursor}", "--no-tail"]
        elif self._known:
            start = [f"--since=@{int(self._seen)}", "--no-tail"]
        else:
            start = ["--no-tail"] if self._source.start is Start.BEGINNING else ["--lines=0"]
        return [
            *self._program,
            "--follow",
            "--output=json",
            "--all",
            "--quiet",
            f"--output-fields={FIELDS}",
            *start,
            *units,
        ]

    def _follow(self) -> str:
        """Read one child to its end; return what it complained of last. Raises `FileNotFoundError`."""
        with self._lock:
            if self._stopping.is_set():
                return ""
            child = self._child = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
            )  # fmt: skip
        complaints = _Complaints(child)
        try:
            self._read(child)
        finally:
            self._end(child)
            error = complaints.last()
            for pipe in filter(None, (child.stdout, child.stderr)):
                pipe.close()
        return error

    def _read(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None  # noqa: S101 - it was asked for
        fd, splitter = child.stdout.fileno(), Splitter(_LONGEST)
        waiting = select.poll()
        waiting.register(fd, select.POLLIN)
        while True:
            due = self._ledger.due()
            if waiting.poll((_TICK if due is None else due) * 1000):
                data = os.read(fd, CHUNK)
                if not data:
                    break
                self._hand_out(splitter.feed(data))
            self._judge()
            self._ledger.save_if_due()
        self._skipped += splitter.skipped

    def _hand_out(self, entries: bytes) -> None:
        lines: list[bytes] = []
        size = 0
        for entry in entries.splitlines():
            try:
                line, self._cursor = line_of(entry)
            except (ValueError, OverflowError, OSError):  # no JSON, no such instant
                self._skipped += 1
                continue
            if size + len(line) > CHUNK and lines:
                self._give(lines)
                lines, size = [], 0
            lines.append(line)
            size += len(line)
        if lines:
            self._give(lines)

    def _give(self, lines: list[bytes]) -> None:
        now, data = self._clock.now(), b"".join(lines)
        self._take(Chunk(NAME, data, now))
        if self._trouble or self._rhythm.told:
            self._trouble = ""
            self._say("journal", "The journal is read again.", resolved=True)
        self._rhythm = silence.heard(self._rhythm, len(lines), now)
        self._lines, self._bytes = self._lines + len(lines), self._bytes + len(data)
        self._seen = now
        self._remember()

    def _judge(self) -> None:
        now = self._clock.now()
        if not self._rhythm.told and silence.silent(self._rhythm, self._source.silent_after, now):
            self._rhythm = msgspec.structs.replace(self._rhythm, told=True)
            self._say("silent", silence.sentence("The journal", self._rhythm, now))

    def _ended(self, error: str, failures: int) -> None:
        """Say that the child ended, once; a cursor that the journal knows no more is let go."""
        if "cursor" in error.lower() and self._cursor:
            self._cursor, self._known = "", True
            self._say(
                "lost",
                f"The journal no longer knows where reading ended ({error}); it is read from that time on.",
            )
        elif failures >= 2 and not self._trouble:
            self._trouble = error or "journalctl ended"
            self._say(
                "journal",
                f"The journal cannot be followed: {self._trouble}. It is tried again; `journalctl --verify` tells of damage.",
            )

    def _remember(self) -> None:
        self._ledger.put(NAME, Record(cursor=self._cursor, rhythm=self._rhythm))

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        child.terminate()
        try:
            child.wait(_KILLED_AFTER)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        with self._lock:
            self._child = None

    def _say(self, kind: str, text: str, *, resolved: bool = False) -> None:
        self._tell(Notice(NAME, kind, text, self._clock.now(), resolved))


class _Complaints:
    """Keeps the end of what a child writes to its standard error, so that it never waits for a reader."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stderr is not None  # noqa: S101 - it was asked for
        self._text, self._pipe = b"", child.stderr
        self._thread = threading.Thread(target=self._gather, name="journal-errors", daemon=True)
        self._thread.start()

    def _gather(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := os.read(self._pipe.fileno(), _ERRORS):
                self._text = (self._text + data)[-_ERRORS:]

    def last(self) -> str:
        """Return the last line, printable."""
        self._thread.join(1.0)
        line = self._text.decode(errors="replace").strip().rpartition("\n")[2]
        return "".join(char if char.isprintable() else "?" for char in line)[:300]
