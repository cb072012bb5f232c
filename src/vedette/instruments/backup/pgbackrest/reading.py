"""What pgBackRest tells, as values. Pure. Source: `info --output=json`, `verify --output=text` and manifests of pgBackRest 2.45."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

import msgspec

from vedette.core.names import written
from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Entry, Failure, Snapshot

_OK, _NO_STANZA, _EMPTY, _OTHER = 0, 1, 2, 99
_Label = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8}-[0-9]{6}F(_[0-9]{8}-[0-9]{6}[DI])?$")]
_UNREAD = re.compile(r"unable to (?:open|list|read)[^']*'([^'\n]+)'[^\n]*Permission denied")
_CONTROL = re.compile(r"[\x00-\x1f]")
_CODE = re.compile(r"ERROR: \[(\d{3})\]: (.*)")
_FAILURES: Mapping[str, Failure] = {
    "No space left": Failure.TARGET_FULL, "CryptoError": Failure.DAMAGED, "unable to flush": Failure.DAMAGED,
    "corruption": Failure.DAMAGED, "zst error": Failure.DAMAGED,
    "[050]": Failure.LOCKED, "unable to acquire lock": Failure.LOCKED, "[049]": Failure.NETWORK, "HostConnect": Failure.NETWORK,
    "unable to get address": Failure.NETWORK, "timeout connecting": Failure.NETWORK, "ChecksumError": Failure.DAMAGED,
    "[026]": Failure.DAMAGED, "error restoring": Failure.DAMAGED, "invalid checksum": Failure.DAMAGED, "[055]": Failure.DAMAGED,
    "Permission denied": Failure.TARGET_MISSING, "Read-only file system": Failure.TARGET_MISSING,
}  # fmt: skip


class _Archive(msgspec.Struct):
    start: str | None = None
    stop: str | None = None


class _Sizes(msgspec.Struct):
    delta: int = 0
    size: int = 0


class _Info(msgspec.Struct):
    delta: int = 0
    size: int = 0
    repository: _Sizes = msgspec.field(default_factory=_Sizes)


class _Times(msgspec.Struct):
    start: float
    stop: float


class _Database(msgspec.Struct):
    id: int = 1


class Backup(msgspec.Struct):
    """A backup as `info` tells it; `reference` are those it needs."""

    label: _Label
    timestamp: _Times
    type: str = "full"
    error: bool | None = False
    archive: _Archive = msgspec.field(default_factory=_Archive)
    info: _Info = msgspec.field(default_factory=_Info)
    reference: list[str] | None = None
    annotation: dict[str, str] | None = None
    database: _Database = msgspec.field(default_factory=_Database)

    def note(self, name: str) -> str:
        """Return what we noted about it when it was made; empty where it was made by another."""
        text = (self.annotation or {}).get(name, "")
        try:
            return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            return ""

    def snapshot(self) -> Snapshot:
        """Return it as all engines list theirs."""
        files = self.note("files")
        return Snapshot(
            name=self.label, at=self.timestamp.stop, plan=self.note("plan"), bytes=self.info.size,
            files=int(files) if files.isdecimal() else 0, whole=not self.error,
        )  # fmt: skip


class _Wal(msgspec.Struct):
    id: str = ""
    database: _Database = msgspec.field(default_factory=_Database)


class _Held(msgspec.Struct):
    held: bool = False


class _Lock(msgspec.Struct):
    backup: _Held = msgspec.field(default_factory=_Held)


class _Status(msgspec.Struct):
    code: int
    message: str = ""
    lock: _Lock = msgspec.field(default_factory=_Lock)


class _Repo(msgspec.Struct):
    status: _Status


class Stanza(msgspec.Struct):
    """What a repository holds of a cluster, oldest backup first."""

    status: _Status
    backup: list[Backup] = []
    archive: list[_Wal] = []
    repo: list[_Repo] = []

    @property
    def missing(self) -> bool:
        """Tell whether there is nothing of this cluster."""
        return self.status.code == _NO_STANZA

    def archive_of(self, backup: Backup) -> str:
        """Return the folder of WAL that belongs to a backup (`15-1`); raises DAMAGED."""
        found = next((wal.id for wal in self.archive if wal.database.id == backup.database.id), "")
        if not found:
            raise Failed(Failure.DAMAGED, f"There is no archived WAL for the backup {backup.label}.")
        return found


def stanza(text: str) -> Stanza:
    """Read `info`; raises `Failed`: WRONG_KEY for a repository that cannot be decrypted, DAMAGED for one that cannot be read."""
    try:
        # Its messages quote what it could not decrypt, with bytes that JSON does not allow.
        readable = _CONTROL.sub(" ", text).encode("utf-8", "replace")
        found = msgspec.json.decode(readable, type=list[Stanza])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Failed(
            Failure.DAMAGED, f"pgBackRest told what cannot be read: {error}.", text[-2_000:]
        ) from None
    if not found:
        return Stanza(status=_Status(code=_NO_STANZA))
    if found[0].status.code not in {_OK, _NO_STANZA, _EMPTY}:
        raise _unreadable(" ".join(repo.status.message for repo in found[0].repo) or found[0].status.message)
    return found[0]


def _unreadable(message: str) -> Failed:
    first = written(message.partition("\n")[0])[:200]
    if "FormatError" in message or "CryptoError" in message:
        return Failed(
            Failure.WRONG_KEY, "The repository cannot be decrypted with this password, or its list of backups is damaged.", first
        )  # fmt: skip
    failure = failure_of(message, Failure.DAMAGED)
    return Failed(failure, f"The repository cannot be read: {first}.")


def unread_of(said: str, data: str) -> str:
    """Return the file of a cluster that the server's user may not read; empty where nothing says so."""
    found = _UNREAD.search(said)
    return found[1] if found and data and found[1].startswith(f"{data.rstrip('/')}/") else ""


def failure_of(said: str, else_: Failure = Failure.ENGINE) -> Failure:
    """Return which failure an error of pgBackRest means."""
    return next((failure for sign, failure in _FAILURES.items() if sign in said), else_)


def is_waiting(said: str) -> bool:
    """Tell whether it waited in vain for WAL: the archive command of the server fails, for whatever reason."""
    return "was not archived before" in said


def error_of(said: str) -> str:
    """Return the error that pgBackRest told, without the code, as a sentence."""
    found = _CODE.search(said)
    text = (
        found[2] if found else next((line for line in said.splitlines() if line.strip()), "it said nothing")
    )
    return written(text.strip())[:300].rstrip(".:") + "."


def faults(said: str) -> tuple[str, ...]:
    """Return the lines of `verify` that tell of something which is not whole; one when it told no verdict."""
    lines = [line.strip() for line in said.splitlines()]
    if "status: ok" in lines:
        return ()
    bad = [
        line
        for line in lines
        if re.search(r"(missing|invalid|other): [1-9]", line) or "status: invalid" in line
    ]
    return tuple(bad) or ("it did not say that all is well",)


def ciphers(lines: Iterable[str]) -> Iterator[str]:
    """Yield the passphrase with which the manifests of a stanza are encrypted, of the lines of `backup.info`."""
    for line in lines:
        name, _, value = line.partition("=")
        if name == "cipher-pass":
            yield msgspec.json.decode(value, type=str)


class _File(msgspec.Struct):
    size: int = 0
    timestamp: float = 0.0


def entry(line: str, below: str, data: str) -> Entry | None:
    """Return what a line of a manifest tells of something directly below a folder; files of the cluster lie below `data`."""
    name, _, text = line.partition("={")
    if not name.startswith("pg_data/") or not text:
        return None
    path = written(f"{data.strip('/')}/{name.removeprefix('pg_data/')}")
    folder = f"{below.strip('/')}/" if below.strip("/") else ""
    if not path.startswith(folder):
        return None
    first, slash, _ = path.removeprefix(folder).partition("/")
    told = _file(f"{{{text}") if not slash else None
    if told is None:
        return Entry(f"{folder}{first}", "folder", 0, 0.0)
    return Entry(f"{folder}{first}", "file", told.size, told.timestamp)


def _file(text: str) -> _File | None:
    if '"size"' not in text:
        return None
    try:
        return msgspec.json.decode(text, type=_File)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
