"""Places on other hosts where backups are kept, all of them on loopback: over ssh, SFTP, object storage and rclone."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from tests.support.greens import Place
from tests.support.s3 import ACCESS_KEY, SECRET_KEY, Bucket
from tests.support.sshd import Nearby

BORG = Path(".venv-borg/bin/borg").resolve()


@contextlib.contextmanager
def borg(root: Path, options: str = "") -> Iterator[Place]:
    """Yield a plan that borg keeps on another host, which runs `borg serve`, with these options alone where there are any."""
    with contextlib.closing(_sshd(root)) as sshd:
        place = Place(root, "borg", at=sshd.at("ssh", root / "far"))
        place.settings = {"known_hosts": sshd.known, "remote_path": str(BORG)}
        place.secrets = {"ssh_key": sshd.key}
        if options:
            sshd.allow(f'command="{BORG} serve {options} --restrict-to-path {root}/far",restrict')
            place.settings["append_only"] = "--append-only" in options
        yield place


@contextlib.contextmanager
def sftp(root: Path) -> Iterator[Place]:
    """Yield a plan that restic keeps on another host over SFTP."""
    with contextlib.closing(_sshd(root)) as sshd:
        place = Place(root, "restic", at=sshd.at("sftp", root / "far"))
        place.settings, place.secrets = {"known_hosts": sshd.known}, {"ssh_key": sshd.key}
        yield place


@contextlib.contextmanager
def bucket(root: Path) -> Iterator[Place]:
    """Yield a plan that restic keeps in object storage (`place.bucket`)."""
    with Bucket() as kept:
        place = Stored(root, "restic", at="s3://shop/backups")
        place.bucket = kept
        place.settings = {"endpoint": kept.endpoint, "region": "eu"}
        place.secrets = {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
        yield place


@contextlib.contextmanager
def rclone(root: Path) -> Iterator[Place]:
    """Yield a plan that restic keeps through rclone, in a remote that is a folder."""
    place = Place(root, "restic", at=f"rclone:far:{root}/far")
    place.secrets = {"rclone_config": "[far]\ntype = local\n"}
    yield place


class Stored(Place):
    """A plan that is kept in a bucket."""

    bucket: Bucket


TARGETS: Mapping[str, Callable[[Path], AbstractContextManager[Place]]] = {
    "borg over ssh": borg,
    "restic over SFTP": sftp,
    "restic in S3": bucket,
    "restic through rclone": rclone,
}


def _sshd(root: Path) -> Nearby:
    folder = root / "sshd"
    folder.mkdir()
    return Nearby(folder)
