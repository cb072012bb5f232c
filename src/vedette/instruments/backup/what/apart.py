"""A place where a throw-away server works on what came back: as a user that may nothing else, in a folder that is removed."""

import contextlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

NOBODY = "nobody"
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
def apart() -> Iterator[Apart]:
    """Yield such a place. Its path is short, for sockets in it (108 bytes, unix(7))."""
    place = Apart(Path(tempfile.mkdtemp(prefix="vedette-", dir=_ROOMY)), NOBODY if os.geteuid() == 0 else "")
    try:
        place.own(place.folder)
        yield place
    finally:
        shutil.rmtree(place.folder, ignore_errors=True)
