"""borg 1.4: deduplicating, encrypted; to a folder or over ssh. It lives in an environment of its own (`tools/setup backup`)."""

import re

from vedette.core.errors import Invalid
from vedette.instruments.backup import program, reaching
from vedette.instruments.backup.borg.store import Borg
from vedette.instruments.backup.types import Engine, Failed, Repository, Store, Tools
from vedette.wire.backup import Failure

_VERSION = re.compile(r"borg (\d+)\.(\d+)\.(\S+)")
_OLDEST, _TOO_NEW = (1, 4), (2, 0)


def version(tools: Tools) -> str:
    """Return borg's version; raises NO_TOOL without one of 1.4 or later (2 has other repositories)."""
    out = program.run(["borg", "--version"], tools=tools, seconds=60.0).out
    found = _VERSION.search(out)
    if found is None or not _OLDEST <= (int(found[1]), int(found[2])) < _TOO_NEW:
        raise Failed(
            Failure.NO_TOOL, f"borg 1.4 is needed, this is {out.strip()[:60] or 'none'}: tools/setup backup."
        )
    return f"{found[1]}.{found[2]}.{found[3]}"


def opened(repository: Repository, tools: Tools) -> Store:
    """Return an opened repository; raises `Invalid` for an address that borg would read in another way."""
    at = repository.at
    if not at.startswith(("/", "ssh://")):
        raise Invalid(
            f"{at[:80]!r} is no place for borg: a path that begins with / or ssh://user@host/path.",
            {"at": "unknown"},
        )
    if "::" in at or "{" in at or any(ord(char) < 32 for char in at):
        raise Invalid(
            f"{at[:80]!r} holds what borg reads as something else (:: or a brace).", {"at": "unusable"}
        )
    return Borg(repository, tools)


ENGINE = Engine(
    kind="borg",
    label="BorgBackup",
    about="Deduplicates and encrypts; to a folder, or over ssh to a host that has borg (a Storage Box).",
    schemes=("", "ssh"),
    open=opened,
    version=version,
    settings={
        "compression": "How it is compressed (zstd,3).",
        "remote_path": "What borg is called on the other host (borg-1.4 on a Storage Box).",
        "append_only": "The other host lets nobody remove (borg serve --append-only): nothing is pruned from here.",
        **reaching.SETTINGS,
    },
    secrets=reaching.SECRETS,
    append_only=True,
)
