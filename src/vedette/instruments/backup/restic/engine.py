"""restic 0.14 and later: deduplicating, encrypted; to a folder, over SFTP, to object storage, or through rclone."""

import re

from vedette.instruments.backup import program, reaching
from vedette.instruments.backup.restic import addressing
from vedette.instruments.backup.restic.store import Restic
from vedette.instruments.backup.types import Engine, Failed, Repository, Store, Tools
from vedette.wire.backup import Failure

_VERSION = re.compile(r"restic (\d+)\.(\d+)\.?(\d*)")
_OLDEST = (0, 14)


def version(tools: Tools) -> str:
    """Return restic's version; raises NO_TOOL without one of 0.14 or later."""
    out = program.run(["restic", "version"], tools=tools, seconds=60.0).out
    found = _VERSION.search(out)
    if found is None or (int(found[1]), int(found[2])) < _OLDEST:
        raise Failed(
            Failure.NO_TOOL, f"restic 0.14 or later is needed, this is {out.strip()[:60] or 'none'}."
        )
    return ".".join(filter(None, found.groups()))


def opened(repository: Repository, tools: Tools) -> Store:
    """Return an opened repository; raises `Invalid` for an address that restic does not know."""
    addressing.place_of(repository)
    return Restic(repository, tools)


ENGINE = Engine(
    kind="restic",
    label="restic",
    about="Deduplicates and encrypts; to a folder, over SFTP, to object storage (S3), or through rclone.",
    schemes=addressing.SCHEMES,
    open=opened,
    version=version,
    settings={
        "endpoint": "Where the object storage is (https://fsn1.your-objectstorage.com); Amazon's without it.",
        "region": "Its region.",
        "append_only": "The other side lets nobody remove (object lock, rclone serve restic --append-only): nothing is pruned from here.",
        **reaching.SETTINGS,
    },
    secrets={
        "access_key": "Object storage: the id of the key.",
        "secret_key": "Object storage: the key.",
        "rclone_config": "rclone: the text of its configuration file; without it that of the agent's user.",
        **reaching.SECRETS,
    },
    append_only=True,
)
