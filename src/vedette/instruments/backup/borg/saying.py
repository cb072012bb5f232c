"""What borg says, taken apart: its log lines, lists and names, and which failure each of its errors is. Pure.

borg 1.4 logs JSON lines with a `msgid` for every error (docs/internals/frontends.rst, "Message IDs are strings that are constant").
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, unquote

import msgspec

from vedette.core.clock import parse_iso
from vedette.core.names import written
from vedette.instruments.backup.listing import Item
from vedette.instruments.backup.types import Held
from vedette.wire.backup import Failure, Snapshot

_FAILURES: Mapping[str, Failure] = {
    "PassphraseWrong": Failure.WRONG_KEY,
    "NoPassphraseFailure": Failure.WRONG_KEY,
    "KeyfileNotFoundError": Failure.WRONG_KEY,
    "KeyfileInvalidError": Failure.WRONG_KEY,
    "KeyfileMismatchError": Failure.WRONG_KEY,
    "RepoKeyNotFoundError": Failure.WRONG_KEY,
    "UnsupportedPayloadError": Failure.WRONG_KEY,
    "Cache.CacheInitAbortedError": Failure.WRONG_KEY,
    "Cache.EncryptionMethodMismatch": Failure.WRONG_KEY,
    "Cache.RepositoryIDNotUnique": Failure.DAMAGED,
    "Cache.RepositoryReplay": Failure.DAMAGED,
    "Repository.DoesNotExist": Failure.TARGET_MISSING,
    "Repository.ParentPathDoesNotExist": Failure.TARGET_MISSING,
    "Repository.PathPermissionDenied": Failure.TARGET_MISSING,
    "PathNotAllowed": Failure.TARGET_MISSING,
    "Repository.InvalidRepository": Failure.DAMAGED,
    "Repository.InvalidRepositoryConfig": Failure.DAMAGED,
    "Repository.AtticRepository": Failure.DAMAGED,
    "Repository.ObjectNotFound": Failure.DAMAGED,
    "Repository.CheckNeeded": Failure.DAMAGED,
    "Repository.AlreadyExists": Failure.TARGET_MISSING,
    "Repository.PathAlreadyExists": Failure.TARGET_MISSING,
    "Repository.InsufficientFreeSpaceError": Failure.TARGET_FULL,
    "Repository.StorageQuotaExceeded": Failure.TARGET_FULL,
    "IntegrityError": Failure.DAMAGED,
    "FileIntegrityError": Failure.DAMAGED,
    "DecompressionError": Failure.DAMAGED,
    "NoManifestError": Failure.DAMAGED,
    "TAMRequiredError": Failure.DAMAGED,
    "ArchiveTAMRequiredError": Failure.DAMAGED,
    "TAMInvalid": Failure.DAMAGED,
    "ArchiveTAMInvalid": Failure.DAMAGED,
    "ManifestTAMInvalid": Failure.DAMAGED,
    "LockTimeout": Failure.LOCKED,
    "LockError": Failure.LOCKED,
    "LockErrorT": Failure.LOCKED,
    "LockFailed": Failure.LOCKED,
    "ConnectionClosed": Failure.NETWORK,
    "ConnectionClosedWithHint": Failure.NETWORK,
    "ConnectionBrokenWithHint": Failure.NETWORK,
    "Archive.DoesNotExist": Failure.TARGET_MISSING,
}  # fmt: skip
_WORDS: tuple[tuple[str, Failure], ...] = (
    ("no space left on device", Failure.TARGET_FULL),
    ("errno 28", Failure.TARGET_FULL),
    ("disk quota exceeded", Failure.TARGET_FULL),
    ("read-only file system", Failure.TARGET_MISSING),
    ("integrityerror", Failure.DAMAGED),
    ("checksum", Failure.DAMAGED),
    ("/data/", Failure.DAMAGED),  # a segment that is not there is an ordinary OSError of borg's
    ("inconsistency", Failure.DAMAGED),
)
_KINDS: Mapping[str, str] = {"-": "file", "h": "file", "d": "folder", "l": "link"}
_RECORD = re.compile(r"(?P<kind>\S) (?P<size>-?\d+) (?P<at>\S+) (?P<path>.*)", re.DOTALL)
_TRAILING = re.compile(r"(?P<holder>.+)\.(?P<pid>\d+)-(?P<thread>[0-9a-f]+)")
_BOOT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

LISTED = "{type} {size} {isomtime} {bpath}{NUL}{NL}"
"""How items are asked for; borg then writes them in UTF-7, for in UTF-8 it replaces bytes that are no text by `?`."""
CODEC = "utf-7"


class Told(msgspec.Struct, frozen=True):
    """A line of borg's log: its type and the parts that types have."""

    type: str = ""
    levelname: str = ""
    message: str = ""
    msgid: str = ""
    name: str = ""
    status: str = ""
    path: str = ""
    nfiles: int = 0
    original_size: int = 0
    current: float = 0
    finished: bool = False


class _Stats(msgspec.Struct, frozen=True):
    nfiles: int = 0
    original_size: int = 0
    deduplicated_size: int = 0


class _Archive(msgspec.Struct, frozen=True):
    name: str
    start: str = ""
    stats: _Stats = _Stats()


class Created(msgspec.Struct, frozen=True):
    """What `borg create --json` ends with."""

    archive: _Archive


class _Archives(msgspec.Struct, frozen=True):
    archives: tuple[_Archive, ...]


def told(line: str) -> Told:
    """Return a line of the log; one that is no JSON (of ssh, of Python) is a message."""
    try:
        return msgspec.json.decode(line, type=Told, strict=False)
    except msgspec.MsgspecError:
        return Told(type="log_message", levelname="WARNING", message=line)


def failure_of(code: int, errors: Sequence[Told]) -> Failure:
    """Return which failure it is when borg ended with an error."""
    for error in errors:
        if error.msgid in _FAILURES:
            return _FAILURES[error.msgid]
    said = "\n".join(error.message for error in errors).lower()
    known = next((failure for word, failure in _WORDS if word in said), None)
    if known is not None:
        return known
    return Failure.INTERRUPTED if code < 0 or code >= 128 else Failure.ENGINE


def name_for(plan: str, at: str, chance: str) -> str:
    """Return the name of a new archive: of which plan it is, when, and something nobody else has."""
    return f"{_safe(plan)}@{at}.{chance}"


def all_of(plan: str) -> str:
    """Return the pattern that fits a plan's archives alone."""
    return f"{_safe(plan)}@*"


def plan_of(archive: str) -> str:
    """Return the plan of an archive, empty for one that somebody else made."""
    plan, at, _ = archive.rpartition("@")
    return unquote(plan) if at else ""


def snapshots_of(text: str) -> tuple[Snapshot, ...]:
    """Return what `borg list --json` lists (in UTC), newest first. Raises `msgspec.DecodeError`."""
    found = msgspec.json.decode(text, type=_Archives).archives
    listed = [Snapshot(name=one.name, at=parse_iso(one.start), plan=plan_of(one.name)) for one in found]
    return tuple(sorted(listed, key=lambda one: (one.at, one.name), reverse=True))


class Records:
    """Joins lines to the records of a list: a path may hold line breaks, so each ends with a NUL."""

    def __init__(self) -> None:
        self._open = ""

    def take(self, line: str) -> Iterator[Item]:
        """Take a line, yield the items that are whole with it."""
        self._open += line.encode("ascii", "replace").decode(CODEC, "replace") + "\n"
        *whole, self._open = self._open.split("\0")
        for record in whole:
            item = item_of(record.removeprefix("\n"))
            if item is not None:
                yield item


def item_of(record: str) -> Item | None:
    """Return an item of a list, None for what is none."""
    found = _RECORD.fullmatch(record)
    if found is None:
        return None
    return Item(
        path=found["path"],
        kind=_KINDS.get(found["kind"], "other"),
        size=int(found["size"]),
        at=parse_iso(found["at"]),
    )


def unread_of(line: Told) -> str:
    """Return the written name of what could not be read, empty where a line says nothing of the kind."""
    return written(line.path) if line.type == "file_status" and line.status == "E" else ""


def changed_of(line: Told) -> str:
    """Return the written name of what was changed while it was read."""
    return written(line.path) if line.type == "file_status" and line.status == "C" else ""


def held_of(name: str, since: float) -> Held:
    """Return who holds a lock, from the name of its file: host, process, thread; ours has the id of the host's start."""
    found = _TRAILING.fullmatch(name)
    if found is None:
        return Held(host="", pid=0, since=since, text=f"a lock named {written(name)[:100]}")
    host, _, rest = found["holder"].partition("@")
    boot = rest if _BOOT.fullmatch(rest) else ""
    return Held(
        host=host, pid=int(found["pid"]), since=since, text=f"process {found['pid']} on {host}", boot=boot
    )


def _safe(plan: str) -> str:
    return quote(plan, safe="")
