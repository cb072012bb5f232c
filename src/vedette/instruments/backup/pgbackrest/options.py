"""What pgBackRest is told: a repository as its options, given by the environment or a file. Pure.

Source: "Configuration Reference" of pgBackRest; every option may stand in the environment as `PGBACKREST_` and its name.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.backup.types import Cluster, Repository, Secret

_UNFIT = re.compile(r"[^a-z0-9-]+")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a copy that pgBackRest keeps; the sentences of `engine.SETTINGS` say what each is."""

    stanza: str = ""
    user: str = ""
    config: str = ""
    lock_path: str = "/tmp/pgbackrest"  # noqa: S108 - pgBackRest's own, shared with whoever else runs it
    full_days: float = 7.0
    processes: int = 2
    archive_timeout: float = 180.0  # PostgreSQL tries again a minute after its archive command failed
    endpoint: str = ""
    region: str = "us-east-1"
    path_style: bool = True
    verify_tls: bool = True
    ca_file: str = ""


def settings_of(repository: Repository) -> Settings:
    """Return the settings of a copy; raises `Invalid` that names the key."""
    try:
        return msgspec.convert(repository.settings, Settings)
    except msgspec.ValidationError as error:
        raise Invalid(f"pgbackrest: {error}.", {"settings": str(error)}) from None


def stanza_of(repository: Repository, settings: Settings) -> str:
    """Return by what name the cluster is known in the repository: the plan's, unless the copy names one."""
    return settings.stanza or _UNFIT.sub("-", repository.name.partition("/")[0].lower()).strip("-") or "main"


def plain(repository: Repository, settings: Settings) -> Mapping[str, str]:
    """Return the options of a repository that are no secrets."""
    common = {"repo1-cipher-type": "aes-256-cbc", "log-level-file": "off"}
    if repository.at.startswith("s3://"):
        return {**common, **_bucket(repository.at, settings)}
    return {**common, "repo1-path": repository.at}


def secret(repository: Repository) -> Mapping[str, Secret]:
    """Return the options of a repository that are secrets."""
    found = {"repo1-cipher-pass": repository.password}
    names = {"access_key": "repo1-s3-key", "secret_key": "repo1-s3-key-secret"}
    return {**found, **{names[name]: text for name, text in repository.secrets.items() if name in names}}


def of_cluster(cluster: Cluster) -> Mapping[str, str]:
    """Return the options that name a running cluster."""
    return {
        "pg1-path": str(cluster.data), "pg1-port": str(cluster.port), "pg1-socket-path": str(cluster.socket),
        "pg1-user": cluster.user,
    }  # fmt: skip


def environment(options: Mapping[str, str]) -> dict[str, str]:
    """Return options as variables of the environment."""
    return {variable(name): value for name, value in options.items()}


def variable(name: str) -> str:
    """Return the variable of an option."""
    return f"PGBACKREST_{name.upper().replace('-', '_')}"


def file(
    shared: Mapping[str, str], secrets: Mapping[str, Secret], stanza: str, own: Mapping[str, str]
) -> str:
    """Return the configuration that the archive command of a cluster reads. It holds the secrets: 0600, the server's user's.

    Raises `Invalid` for a value that would go on in another line.
    """
    everywhere = {**shared, **{name: text.reveal() for name, text in secrets.items()}}
    lines = [
        "# Written by Vedette for the archive command. It holds the repository's password.",
        "[global]", *_lines(everywhere), f"[{stanza}]", *_lines(own),
    ]  # fmt: skip
    return "\n".join([*lines, ""])


def unfit(mode: str, command: str, config: Path, stanza: str) -> Sequence[str]:
    """Return the lines of postgresql.conf that are missing for WAL to be archived into the repository; none when it is."""
    wanted = f"pgbackrest --config={config} --stanza={stanza} archive-push %p"
    lines = [] if mode in {"on", "always"} else ["archive_mode = on"]
    if "archive-push" not in command or f"--stanza={stanza} " not in f"{command} ":
        lines.append(f"archive_command = '{wanted}'")
    return lines


def _lines(options: Mapping[str, str]) -> list[str]:
    unfit = next((name for name, value in options.items() if not value.isprintable()), "")
    if unfit:
        raise Invalid(
            f"pgbackrest: {unfit} holds what cannot stand in a line of a file.", {unfit: "unprintable"}
        )
    return [f"{name}={value}" for name, value in options.items()]


def _bucket(at: str, settings: Settings) -> dict[str, str]:
    parts = urlsplit(at)
    endpoint = urlsplit(settings.endpoint if "//" in settings.endpoint else f"https://{settings.endpoint}")
    found = {
        "repo1-type": "s3", "repo1-s3-bucket": parts.netloc, "repo1-path": parts.path or "/",
        "repo1-s3-endpoint": endpoint.hostname or "s3.amazonaws.com", "repo1-s3-region": settings.region,
        "repo1-s3-uri-style": "path" if settings.path_style else "host",
        "repo1-storage-verify-tls": "y" if settings.verify_tls else "n",
    }  # fmt: skip
    if endpoint.port:
        found["repo1-storage-port"] = str(endpoint.port)
    return {**found, "repo1-storage-ca-file": settings.ca_file} if settings.ca_file else found
