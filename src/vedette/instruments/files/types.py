"""The words of file integrity: which files are watched, what is known of one, and what changed."""

import msgspec

DEFAULT_PATHS = ("/etc", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/boot", "/root/.ssh")
# Written by the system itself all day, and not read by anybody who could be deceived by them.
DEFAULT_EXCLUDES = ("/etc/.pwd.lock", "/etc/adjtime", "/etc/mtab", "/etc/cups/subscriptions.conf*")


class FileSet(msgspec.Struct, frozen=True, kw_only=True):
    """Which paths are watched, with all below them; `excludes` are patterns of whole paths. Links are never followed."""

    paths: tuple[str, ...] = DEFAULT_PATHS
    excludes: tuple[str, ...] = DEFAULT_EXCLUDES


class FileEntry(msgspec.Struct, frozen=True):
    """What is known of a path: `kind` (`file`, `folder`, `link`, `other`), permission bits, owner, bytes.

    `digest` is BLAKE2b of its content (of a link: where it leads), `rights` its file capabilities in hex. A path that is
    there and cannot be read has the kind `unreadable`.
    """

    kind: str
    mode: int = 0
    uid: int = 0
    gid: int = 0
    size: int = 0
    digest: str = ""
    rights: str = ""

    @property
    def told(self) -> str:
        """Return it as a person reads it."""
        words = [self.kind, f"{self.mode:04o}", f"{self.uid}:{self.gid}", f"{self.size} bytes"]
        words += [self.digest[:16]] if self.digest else []
        words += [f"capabilities {self.rights[:40]}"] if self.rights else []
        return " ".join(words) if self.kind != "unreadable" else "cannot be read"


class FileChange(msgspec.Struct, frozen=True):
    """A path is not as it was: None before when it is new, None after when it is gone."""

    path: str
    before: FileEntry | None
    after: FileEntry | None


class DeployMark(msgspec.Struct, frozen=True, kw_only=True):
    """A deploy was at work from `at` to `until` below these folders."""

    name: str
    at: float
    until: float
    folders: tuple[str, ...]
