"""What restic says, taken apart: its JSON, its lists and locks, and which failure each of its errors is. Pure.

restic before 0.17 tells errors as text and ends with 1 for nearly all; the words are those of its sources (0.14 to 0.18).
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.core.clock import parse_iso
from vedette.core.names import written
from vedette.instruments.backup.listing import Item
from vedette.instruments.backup.types import Held
from vedette.wire.backup import Failure, Snapshot

PLAN = "plan="
_CODES: Mapping[int, Failure] = {
    10: Failure.TARGET_MISSING,
    11: Failure.LOCKED,
    12: Failure.WRONG_KEY,
    130: Failure.INTERRUPTED,
}
_WORDS: tuple[tuple[Failure, tuple[str, ...]], ...] = (
    (Failure.WRONG_KEY, ("wrong password or no key found",)),
    (Failure.LOCKED, ("repository is already locked", "unable to create lock in backend")),
    (Failure.TARGET_FULL, ("no space left on device", "disk quota exceeded", "quotaexceeded", "storagefull", "not enough space")),
    (Failure.NETWORK, (
        "connection refused", "no such host", "could not resolve", "i/o timeout", "connection reset", "network is unreachable",
        "no route to host", "connection timed out", "subprocess ssh", "host key verification", "permission denied (publickey",
        "tls handshake", "broken pipe", "access denied", "accessdenied", "access key id", "signature we calculated", "invalidaccesskeyid", "connection lost", "timeout, server", "temporary failure in name resolution",
    )),
    (Failure.TARGET_MISSING, (
        "is there a repository at the following location", "unable to open config file", "config file does not exist",
        "read-only file system", "create repository at", "nosuchbucket", "bucket does not exist", "didn't find section in config",
    )),
    (Failure.DAMAGED, (
        "ciphertext verification failed", "hash mismatch", "doesn't match", "does not match", "not found in index", "invalid data",
        "repository contains errors", "unexpected eof", "invalid header", "load(<", "no such file or directory", "decompress",
        "pack id", "unable to load", "invalid character", "not found in repository", "failed to load", "readfull", "blob",
    )),
)  # fmt: skip
_KINDS: Mapping[str, str] = {"file": "file", "dir": "folder", "symlink": "link"}


class Line(msgspec.Struct, frozen=True):
    """A line of `restic backup --json`: progress, an error about one file, or the end."""

    message_type: str = ""
    item: str = ""
    error: object = None
    message: str = ""
    files_done: int = 0
    bytes_done: int = 0
    total_files_processed: int = 0
    total_bytes_processed: int = 0
    data_added: int = 0
    data_added_packed: int = 0
    snapshot_id: str = ""


class Node(msgspec.Struct, frozen=True):
    """A line of `restic ls --json`; the first is the snapshot itself."""

    path: str = ""
    name: str = ""
    type: str = ""
    size: int = 0
    mtime: str = ""
    struct_type: str = ""


class _Listed(msgspec.Struct, frozen=True):
    id: str
    time: str
    tags: tuple[str, ...] | None = None


class _Lock(msgspec.Struct, frozen=True):
    time: str = ""
    hostname: str = ""
    pid: int = 0
    exclusive: bool = False


class Stats(msgspec.Struct, frozen=True):
    """What `restic stats --json` tells."""

    total_size: int = 0


def line_of(text: str) -> Line:
    """Return a line of JSON; what is none is a message."""
    try:
        return msgspec.json.decode(text, type=Line)
    except msgspec.MsgspecError:
        return Line(message=text)


def failure_of(code: int, said: str) -> Failure:
    """Return which failure it is when restic ended with an error."""
    if code in _CODES:
        return _CODES[code]
    if code < 0:
        return Failure.INTERRUPTED
    low = said.lower()
    return next((failure for failure, words in _WORDS if any(word in low for word in words)), Failure.ENGINE)


def snapshots_of(text: str) -> tuple[Snapshot, ...]:
    """Return what `restic snapshots --json` lists, newest first. Raises `msgspec.DecodeError`."""
    found = msgspec.json.decode(text, type=tuple[_Listed, ...] | None) or ()
    listed = [Snapshot(name=one.id, at=instant(one.time), plan=plan_of(one.tags or ())) for one in found]
    return tuple(sorted(listed, key=lambda one: (one.at, one.name), reverse=True))


def tag_of(plan: str) -> str:
    """Return the tag of a plan's snapshots; restic takes commas for the ends of tags."""
    return PLAN + written(plan).replace(",", "%2C")


def plan_of(tags: Sequence[str]) -> str:
    """Return the plan of a snapshot by its tags, empty for one that somebody else made."""
    found = next((tag for tag in tags if tag.startswith(PLAN)), PLAN)
    return found.removeprefix(PLAN).replace("%2C", ",")


def items_of(line: str) -> Iterator[tuple[Node, Item]]:
    """Yield the item of a line of `restic ls --json`, nothing for the snapshot itself."""
    node = msgspec.json.decode(line, type=Node)
    if node.struct_type == "node":
        kind = _KINDS.get(node.type, "other")
        yield node, Item(path=node.path.strip("/"), kind=kind, size=node.size, at=instant(node.mtime))


def honest(node: Node) -> bool:
    """Tell whether a node is what its folder says: one name, without a way out of it."""
    return node.name not in {"", ".", ".."} and "/" not in node.name and node.path.endswith(f"/{node.name}")


def held_of(text: str) -> Held:
    """Return who holds a lock, from `restic cat lock`. Raises `msgspec.DecodeError`."""
    lock = msgspec.json.decode(text, type=_Lock)
    kind = "alone" if lock.exclusive else "together with others"
    return Held(
        host=lock.hostname, pid=lock.pid, since=instant(lock.time) if lock.time else None,
        text=f"process {lock.pid} on {lock.hostname} ({kind})",
    )  # fmt: skip


def instant(text: str) -> float:
    """Return an instant of restic's, which may have nine digits of a second."""
    head, dot, tail = text.partition(".")
    if not dot:
        return parse_iso(text)
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return parse_iso(f"{head}.{tail[:digits][:6].ljust(6, '0')}{tail[digits:]}")
