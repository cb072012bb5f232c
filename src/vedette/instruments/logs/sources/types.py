"""What sources hand out, and what they remember: chunks of whole lines, positions, the rhythm of lines."""

import enum
from collections.abc import Callable

import msgspec

CHUNK = (
    256 * 1024
)  # bytes that are read at once, and the most that is handed out at once but for one long line
LONGEST_LINE = 1024 * 1024  # bytes; a longer line is skipped until its end and counted
Identity = tuple[int, int]  # device and inode


class Chunk(msgspec.Struct, frozen=True):
    """Whole lines of a source, each with its line end, and when they were read (seconds since 1970).

    At most 256 KiB, but for a single line that is longer (up to 1 MiB).
    """

    source: str
    data: bytes
    read_at: float


class Mark(msgspec.Struct, frozen=True):
    """The fingerprint of what lies before a position: of up to 1 KiB, and of the last line in it, each with its length."""

    length: int = 0
    digest: str = ""
    line_length: int = 0
    line_digest: str = ""


class Position(msgspec.Struct, frozen=True):
    """Up to where a file was handed out: bytes from its beginning, always at the end of a line but while one is skipped."""

    device: int
    inode: int
    offset: int
    mark: Mark = Mark()
    skipping: bool = False


class Rhythm(msgspec.Struct, frozen=True):
    """How often lines come: since when they are watched, when the last came, how many, and the longest time without one."""

    since: float = 0.0
    last: float = 0.0
    lines: int = 0
    longest: float = 0.0
    told: bool = False  # its silence was told and has not ended


class Record(msgspec.Struct, frozen=True):
    """What is remembered of one source: positions (the first is the one that goes on), a journal's cursor, its rhythm.

    `left` is the position in an older file that is read before the others go on.
    """

    positions: tuple[Position, ...] = ()
    left: Position | None = None
    cursor: str = ""
    rhythm: Rhythm = Rhythm()
    seen: float = 0.0


class Start(enum.StrEnum):
    """Where a source that was never read before is read from."""

    END = "end"
    BEGINNING = "beginning"


class FileSource(msgspec.Struct, frozen=True, kw_only=True):
    """Files that are followed: a whole path, or a pattern with `*`, `?` and `[…]` in any of its parts but no `**`.

    `silent_after` are the seconds without a line after which that is told; 0 lets its own rhythm decide.
    """

    path: str
    start: Start = Start.END
    silent_after: float = 0.0


class JournalSource(msgspec.Struct, frozen=True, kw_only=True):
    """The journal of systemd: of some units, or the whole."""

    units: tuple[str, ...] = ()
    start: Start = Start.END
    silent_after: float = 0.0


class Notice(msgspec.Struct, frozen=True):
    """Something about a source that a person should know: one sentence, with what to do. `resolved` says that it is over."""

    source: str
    kind: str  # unreadable, silent, lost, slow, skipped, journal, positions
    text: str
    at: float
    resolved: bool = False


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a source fares: followed, missing or unreadable; lines since the start, and when the last came."""

    source: str
    state: str
    since: float
    last: float = 0.0
    lines: int = 0
    bytes: int = 0
    skipped: int = 0
    detail: str = ""


Take = Callable[[Chunk], None]
Tell = Callable[[Notice], None]
