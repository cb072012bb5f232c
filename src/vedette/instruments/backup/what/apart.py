"""A place where a throw-away server works on what came back: as a user that may little, in a folder that is removed.

The user is that of the real server where it is there: it may read such data anyhow, and nobody is shared by many.
"""

import contextlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

NOBODY = "nobody"
_PREFIX = "vedette-apart-"
_ROOMY = Path("/var/tmp")  # noqa: S108 - a folder of our own below it; on a disk, for dumps are large


class Apart(msgspec.Struct, frozen=True):
    """A folder, and the user a server runs as there (empty: our own)."""

    folder: Path
    user: str

    def bring(self, source: Path, name: str) -> Path:
        """Copy a file there, for that user alone; raises `OSError`."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target, follow_symlinks=False)
        self.own(target)
        return target

    def own(self, path: Path) -> None:
        """Give a file or folder there to that user."""
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(path, account.pw_uid, account.pw_gid)


@contextlib.contextmanager
def apart(*users: str) -> Iterator[Apart]:
    """Yield such a place for the first of some users that there is (else nobody); what a killed process left goes first.

    Its path is short, for sockets in it (108 bytes, unix(7)).
    """
    _swept()
    user = next(filter(_is_there, users), NOBODY) if os.geteuid() == 0 else ""
    place = Apart(Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_ROOMY)), user)
    try:
        place.own(place.folder)
        yield place
    finally:
        shutil.rmtree(place.folder, ignore_errors=True)


def _swept() -> None:
    for folder in _ROOMY.glob(f"{_PREFIX}*"):
        process = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if process.isdigit() and not Path("/proc", process).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _is_there(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
