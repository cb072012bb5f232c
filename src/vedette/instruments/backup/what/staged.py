"""What sources share: where a dump of theirs lies in what came back, hashes of files, and checks that say both figures."""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from vedette.core import names
from vedette.core.clock import monotonic
from vedette.instruments.backup.types import Bench, Failed, Tools
from vedette.wire.backup import Check, Failure, Part, Progress, Table

DUMP = "dump"  # the fact that says where a dump lay when it was saved
_PIECE = 1 << 20
_RIGHTS = stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO


def came_back(bench: Bench, saved: str) -> Path:
    """Return where a path (a written name) lies in what came back; nothing on the way there may be a link."""
    path = Path(names.read(saved))
    if not path.is_absolute() or ".." in path.parts:
        raise Failed(Failure.NOT_PROVEN, f"{saved} is no whole path.")
    return _unlinked(bench.root, path.relative_to("/"), saved)


def dump_of(bench: Bench) -> Path:
    """Return the dump that a source had made, as it came back; raises `Failed(NOT_PROVEN)` where it did not."""
    saved = bench.part.facts.get(DUMP, "")
    if not saved:
        raise Failed(Failure.NOT_PROVEN, f"The manifest of {bench.part.what} names no dump.")
    found = came_back(bench, saved)
    if not found.exists():
        raise Failed(Failure.NOT_PROVEN, f"{saved} did not come back.")
    return found


def meant(saved: Iterable[str], paths: Iterable[str]) -> None:
    """See that what is put back where it was is what the plan names: a manifest may come from a repository that lies.

    Raises `Failed(NOT_PROVEN)`.
    """
    known = [Path(names.read(path)) for path in paths]
    known += [path.resolve() for path in known]
    for name in saved:
        path = Path(names.read(name))
        if ".." in path.parts or not any(path.is_relative_to(each) for each in known):
            raise Failed(
                Failure.NOT_PROVEN,
                f"{name} is not what the plan saves now: name a folder to bring it back to.",
            )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file; a link is not followed. Raises `OSError`."""
    with os.fdopen(
        os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb", 0
    ) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path} is no file")
        digest = hashlib.sha256()
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def like(path: Path, found: os.stat_result) -> None:
    """Give a file of ours the owner and rights of another: whoever used that one must be able to use it.

    Not its setuid: what comes back may be of a repository that lies.
    """
    with contextlib.suppress(PermissionError):
        os.chown(path, found.st_uid, found.st_gid)
    path.chmod(found.st_mode & _RIGHTS)


def timed(look: Callable[[], Check]) -> Check:
    """Return a check with the seconds it took."""
    began = monotonic()
    found = look()
    return Check(name=found.name, passed=found.passed, text=found.text, seconds=monotonic() - began)


def same_tables(was: tuple[Table, ...], now: tuple[Table, ...]) -> Check:
    """Compare the rows of tables."""
    before, after = {t.name: t.rows for t in was}, {t.name: t.rows for t in now}
    other = [
        f"{name} had {before.get(name, 'none')} rows and has {after.get(name, 'none')}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
    rows = sum(after.values())
    text = (
        f"{len(after)} tables with {rows} rows, as they were"
        if not other
        else f"{len(other)} differ: {other[0]}"
    )
    return Check(name="rows", passed=not other, text=text)


def same(name: str, was: object, now: object) -> Check:
    """Compare something that is only equal or not."""
    return Check(
        name=name, passed=was == now, text="as it was" if was == now else f"it was {was} and is {now}"
    )


def secret_in(path: str) -> str:
    """Return the first line of a file that holds a password; raises `Failed(SOURCE_MISSING)`."""
    try:
        return Path(path).read_text(encoding="utf-8").split("\n", 1)[0].strip("\r")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Failed(Failure.SOURCE_MISSING, f"The password in {path} cannot be read: {why}.") from None


def told(tools: Tools, step: str, files: int = 0, size: int = 0) -> None:
    """Tell how far it is."""
    tools.tell(Progress(step=step, files=files, bytes=size))


def part_of(kind: str, dump: Path, facts: Mapping[str, str], tables: tuple[Table, ...] = ()) -> Part:
    """Return the manifest's part of a source that dumped into a file or folder."""
    files = [dump] if dump.is_file() else [path for path in dump.rglob("*") if path.is_file()]
    return Part(
        what=kind, files=len(files), bytes=sum(path.stat().st_size for path in files), tables=tables,
        facts={DUMP: names.written(dump), **facts},
    )  # fmt: skip


@contextlib.contextmanager
def unread() -> Iterator[None]:
    """Turn what the system refuses while something is read into a failure that says so."""
    try:
        yield
    except OSError as error:
        where = f"{names.written(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        raise Failed(failure_of(error), f"{where}{error.strerror or error}.") from error


def failure_of(error: OSError) -> Failure:
    """Return what a refusal of the system means."""
    full = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    return Failure.TARGET_FULL if error.errno in full else Failure.PARTIAL


def _unlinked(root: Path, below: Path, saved: str) -> Path:
    path = root
    for piece in below.parts:
        path /= piece
        if path.is_symlink():
            raise Failed(Failure.NOT_PROVEN, f"{saved} came back behind a link, which is not followed.")
    return path
