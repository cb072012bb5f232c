"""A plan's address as restic writes it. Pure.

`/backup/shop` · `sftp://user@host:port/path` · `s3://bucket/path` (settings `endpoint`, `region`) · `rclone:remote:path`
"""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from vedette.core.errors import Invalid
from vedette.instruments.backup.types import Repository

SCHEMES = ("", "sftp", "s3", "rclone")
_AMAZON = "https://s3.amazonaws.com"
_SSH = 22


def place_of(repository: Repository) -> str:
    """Return the address for `RESTIC_REPOSITORY`; raises `Invalid` for one that is none."""
    at = repository.at
    if any(ord(char) < 32 for char in at):
        raise _unknown(at)
    if at.startswith("/"):
        return at
    if at.startswith("sftp://"):
        user, host, _, path = ssh_of(at)
        return f"sftp:{user}{host}:{path}"
    if at.startswith("s3://") and len(at) > len("s3://"):
        return f"s3:{_endpoint(repository)}/{at.removeprefix('s3://')}"
    if at.startswith("rclone:") and at.count(":") >= 2:
        return at
    raise _unknown(at)


def ssh_of(at: str) -> tuple[str, str, int, str]:
    """Return user (with its `@`), host, port and path of an address over ssh; raises `Invalid`."""
    try:
        parts = urlsplit(at)
        port = parts.port or _SSH
    except ValueError:
        raise _unknown(at) from None
    host, user = parts.hostname or "", unquote(parts.username or "")
    if (
        not host
        or host.startswith("-")
        or user.startswith("-")
        or parts.password
        or not parts.path.strip("/")
    ):
        raise _unknown(at)
    return f"{user}@" if user else "", host, port, unquote(parts.path).removeprefix("/./") or "/"


def environment_of(repository: Repository) -> Mapping[str, str]:
    """Return what is no secret of an address."""
    region = repository.settings.get("region")
    return {"AWS_DEFAULT_REGION": region} if isinstance(region, str) and region else {}


def local(repository: Repository) -> bool:
    """Tell whether a repository is a folder of this host."""
    return repository.at.startswith("/")


def _endpoint(repository: Repository) -> str:
    given = repository.settings.get("endpoint")
    endpoint = given.rstrip("/") if isinstance(given, str) and given else _AMAZON
    if not endpoint.startswith(("http://", "https://")):
        raise Invalid(
            f"The endpoint {endpoint[:80]!r} begins with neither https:// nor http://.",
            {"endpoint": "unknown"},
        )
    return endpoint


def _unknown(at: str) -> Invalid:
    return Invalid(
        f"{at[:80]!r} is no place for restic: /path, sftp://user@host/path, s3://bucket/path or rclone:remote:path.",
        {"at": "unknown"},
    )
