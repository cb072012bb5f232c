"""How engines reach another host: the ssh they start, with a key and known hosts that are ours alone."""

import contextlib
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from vedette.instruments.backup import program
from vedette.instruments.backup.types import Repository, Tools

SECRETS: Mapping[str, str] = {
    "ssh_key": "The private key (OpenSSH, without a passphrase) that may enter; without it that of the agent's user.",
}
SETTINGS: Mapping[str, str] = {
    "known_hosts": "The line of known_hosts of the other host; without it the first key that is seen is remembered.",
    "patience": "Seconds of silence after which the other host counts as gone (30).",
}
_PATIENCE = 30
_LOOKS = 3


@contextlib.contextmanager
def ssh(repository: Repository, tools: Tools) -> Iterator[str]:
    """Yield the command line of ssh (quoted for a shell) that reaches a repository's host; its files are gone afterwards."""
    with program.private(tools) as folder:
        yield shlex.join([str(program.find("ssh", tools)), *_options(repository, tools, folder)])


def _options(repository: Repository, tools: Tools, folder: Path) -> Iterator[str]:
    patience = number(repository, "patience", _PATIENCE)
    options = {
        "BatchMode": "yes", "ConnectTimeout": patience, "ServerAliveInterval": max(1, patience // _LOOKS),
        "ServerAliveCountMax": _LOOKS,
    }  # fmt: skip
    for name, value in {**options, **_known(repository, tools, folder)}.items():
        yield from ("-o", f"{name}={value}")
    key = repository.secrets.get("ssh_key")
    if key is not None:
        text = key.reveal().replace("\r\n", "\n").rstrip("\n")
        yield from ("-o", "IdentitiesOnly=yes", "-i", str(program.keep_secret(folder, "key", f"{text}\n")))


def _known(repository: Repository, tools: Tools, folder: Path) -> Mapping[str, str]:
    line = repository.settings.get("known_hosts")
    if isinstance(line, str) and line.strip():
        known = program.keep_secret(folder, "known_hosts", f"{line.strip()}\n")
        return {"UserKnownHostsFile": str(known), "StrictHostKeyChecking": "yes"}
    return {"UserKnownHostsFile": str(tools.state / "known_hosts"), "StrictHostKeyChecking": "accept-new"}


def number(repository: Repository, name: str, usual: int) -> int:
    """Return a setting that is a number above 0, else the usual one."""
    value = repository.settings.get(name)
    return value if isinstance(value, int) and value > 0 else usual


def text(repository: Repository, name: str, usual: str = "") -> str:
    """Return a setting that is text, else the usual one."""
    value = repository.settings.get(name)
    return value if isinstance(value, str) else usual


def append_only(repository: Repository) -> bool:
    """Tell whether the other side lets nobody remove: then pruning is its own affair."""
    return repository.settings.get("append_only") is True
